"""Service lines of leaders: given one at a time, sensitive ones with a legal basis and an end."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.privacy.scope_levels import LINE_ROLES
from gridmap.core.vocabulary import Role
from gridmap.services.accounts import accounts
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import service_lines
from gridmap.store.queries.scopes import ScopePeriod
from gridmap.store.queries.service_lines import LineGrantRow, LineScope, ServiceLineRow
from gridmap.store.writes import accounts as line_writes

__all__ = [
    "LineGrantRow",
    "LineRequest",
    "LineScope",
    "ServiceLineRow",
    "end_line",
    "end_lines_by_key",
    "find_request",
    "get_today",
    "give_line",
    "list_choices",
]

MAX_SENSITIVE_DAYS = 366
"""Days for which a line with a sensitive category is given at most: a year."""
MIN_BASIS_LETTERS = 4
ROLE_REASONS = {
    Role.PLANNER: N_("a planner has no service line: plans need no incidents about persons"),
    Role.WORKER: N_("a worker has no service line: a worker sees every incident of the own grids"),
    Role.STATION: N_("a workstation has no service line: it sees every incident of its place"),
    Role.ADMIN: N_("an administrator has no service line, and sees no incidents"),
}
NO_SUCH_LINE = N_("the subdistrict of this place has no such service line")
BASIS_NEEDED = N_("a line with sensitive categories needs a legal basis: name the article")
END_NEEDED = N_("a line with sensitive categories needs a last day, within a year")
HAS_LINE = N_("the account has this line there on these days already")
OWN_LINE = N_("nobody gives himself a service line: ask another administrator")
NO_GRANT = N_("the account has no such service line")
PERIOD_REVERSED = N_("the last day is before the first")
PLACE_ENDED = N_("choose a place that the account works in")


@dataclass(frozen=True)
class LineRequest:
    """A line to give.

    Parameters
    ----------
    scope_id, line_id : int
    first, last : date, optional
        First day, today where empty, and last day; a sensitive line has to end within a year.
    legal_basis : str
        Needed for a sensitive line.
    """

    scope_id: int
    line_id: int
    first: date | None = None
    last: date | None = None
    legal_basis: str = ""


@dataclass(frozen=True)
class LineChoices:
    """Lines of an account and what can be given to it."""

    grants: Sequence[LineGrantRow]
    scopes: Sequence[LineScope]
    lines: Sequence[ServiceLineRow]


def list_choices(session: Session, caller: Caller, account_id: int) -> LineChoices:
    """Return the lines that an account has, and the places and lines to choose from."""
    scopes = service_lines.list_line_scopes(session, caller, account_id)
    lines = service_lines.list_lines(session, caller, {each.subdistrict_id for each in scopes})
    return LineChoices(service_lines.list_grants(session, caller, account_id), scopes, lines)


def find_request(choices: LineChoices, line_key: str, community_code: str | None) -> LineRequest:
    """Return the request for a line by its key, in the place with a community code, or in the only place.

    Raises
    ------
    InvalidInput
        If the account works in no such place, or in several, or its subdistrict has no such line.
    """
    scopes = [each for each in choices.scopes if community_code in (None, each.community_code)]
    if len(scopes) != 1:
        raise InvalidInput([InputFault(Message(PLACE_ENDED), column="community", value=community_code)])
    subdistrict_id = scopes[0].subdistrict_id
    found = [each.id for each in choices.lines if (each.subdistrict_id, each.key) == (subdistrict_id, line_key)]
    if not found:
        raise InvalidInput([InputFault(Message(NO_SUCH_LINE), column="line", value=line_key)])
    return LineRequest(scopes[0].id, found[0])


def give_line(session: Session, caller: Caller, account_id: int, request: LineRequest) -> None:
    """Give a leader a service line within one of the leader's scopes.

    Raises
    ------
    InvalidInput
        If the role has no lines, the line or the place is unknown, the account has it already or is the caller's own,
        or a sensitive line lacks a legal basis or an end within a year; the message says which.
    NotFound
        If the caller may not change the account.
    """
    account = accounts.get_account(session, caller, account_id)
    if not accounts.can_manage(session, account_id):
        raise NotFound(account_id)
    if account_id == caller.account_id:
        raise InvalidInput([InputFault(Message(OWN_LINE))])
    if account.role not in LINE_ROLES:
        raise InvalidInput([InputFault(Message(ROLE_REASONS[account.role]))])
    choices = list_choices(session, caller, account_id)
    period = ScopePeriod(request.first or get_today(session), request.last)
    faults = _find_faults(choices, request, period)
    if not faults and service_lines.has_overlapping_grant(session, caller, request.scope_id, request.line_id, period):
        faults = [InputFault(Message(HAS_LINE), column="line_id")]
    if faults:
        raise InvalidInput(faults)
    line_writes.grant_line(session, request.scope_id, request.line_id, period, request.legal_basis.strip() or None)


def end_line(session: Session, caller: Caller, account_id: int, grant_id: int) -> None:
    """End a line of a leader; the account does not see its incidents any more from now on.

    Raises
    ------
    NotFound
        If the caller may not change the account, or the account has no such line.
    """
    grants = service_lines.list_grants(session, caller, account_id)
    if not accounts.can_manage(session, account_id) or grant_id not in {each.id for each in grants}:
        raise NotFound(grant_id)
    line_writes.end_line(session, grant_id)


def end_lines_by_key(session: Session, caller: Caller, account_id: int, line_key: str) -> None:
    """End all lines of a leader that have a key.

    Raises
    ------
    InvalidInput
        If the account has none that has not ended.
    """
    today, choices = get_today(session), list_choices(session, caller, account_id)
    line_ids = {each.id for each in choices.lines if each.key == line_key}
    found = [each for each in choices.grants if each.service_line_id in line_ids and not _is_over(each, today)]
    if not found:
        raise InvalidInput([InputFault(Message(NO_GRANT), column="line", value=line_key)])
    for grant in found:
        end_line(session, caller, account_id, grant.id)


def _is_over(grant: LineGrantRow, today: date) -> bool:
    return grant.last is not None and grant.last < today


def _find_faults(choices: LineChoices, request: LineRequest, period: ScopePeriod) -> list[InputFault]:
    scope = next((each for each in choices.scopes if each.id == request.scope_id), None)
    line = next((each for each in choices.lines if each.id == request.line_id), None)
    if scope is None:
        return [InputFault(Message(PLACE_ENDED), column="scope_id")]
    if line is None or line.subdistrict_id != scope.subdistrict_id:
        return [InputFault(Message(NO_SUCH_LINE), column="line_id")]
    if period.last and period.last < period.first:
        return [InputFault(Message(PERIOD_REVERSED), column="last", value=period.last.isoformat())]
    return _sensitive_faults(request, period) if line.is_sensitive else []


def _sensitive_faults(request: LineRequest, period: ScopePeriod) -> list[InputFault]:
    faults = []
    if len(request.legal_basis.strip()) < MIN_BASIS_LETTERS:
        faults.append(InputFault(Message(BASIS_NEEDED), column="legal_basis"))
    if period.last is None or period.last - period.first >= timedelta(days=MAX_SENSITIVE_DAYS):
        value = period.last.isoformat() if period.last else None
        faults.append(InputFault(Message(END_NEEDED), column="last", value=value))
    return faults
