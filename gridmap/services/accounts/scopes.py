"""Scopes: the subdistrict, community or grid that a role holds in, for a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import NamedTuple

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, Message
from gridmap.core.privacy.scope_levels import APPROVAL_GRANT_ROLES, is_level_allowed, scope_level
from gridmap.core.vocabulary import Role
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import scopes as scope_queries
from gridmap.store.queries.scopes import CodeName, ScopeIds, ScopePeriod

OUTSIDE_OWN_SCOPE = N_("this place is not within your own: choose a community that you work in")
WORKERS_ONLY = N_("only a grid worker works in a single grid: leave the grid empty")
PLANNERS_ONLY = N_("only a planner is given the right to approve plans; a leader has it without")


@dataclass(frozen=True)
class ScopeRequest:
    """A scope by its codes.

    Parameters
    ----------
    subdistrict_code : str
    community_code, grid_code : str, optional
        One community of the subdistrict, and one grid of the community; all of them where empty.
    first, last : date, optional
        First day, today where empty, and last day, if the scope ends: a substitute's access ends by itself.
    can_approve : bool
        True to let a planner approve plans there; leaders always may, and the other roles never.
    """

    subdistrict_code: str
    community_code: str | None = None
    grid_code: str | None = None
    first: date | None = None
    last: date | None = None
    can_approve: bool = False


@dataclass(frozen=True)
class Scope:
    """A scope for display: names of the places it is limited to, and its days, both included."""

    id: int
    subdistrict: str
    community: str | None
    grid: str | None
    first: date
    last: date | None
    is_over: bool
    can_approve: bool = False


def scope_faults(request: ScopeRequest, role: Role) -> list[InputFault]:
    """Return the faults of a scope of a role that need no look at the database."""
    return [*_place_faults(request, role), *_period_faults(request)]


def _place_faults(request: ScopeRequest, role: Role) -> list[InputFault]:
    if request.grid_code and not request.community_code:
        return [InputFault(Message(N_("choose the community of the grid")), column="community")]
    if not is_level_allowed(role, scope_level(request.community_code, request.grid_code)):
        return [InputFault(Message(WORKERS_ONLY), column="grid", value=request.grid_code)]
    if request.can_approve and role not in APPROVAL_GRANT_ROLES:
        return [InputFault(Message(PLANNERS_ONLY), column="can_approve")]
    return []


def _period_faults(request: ScopeRequest) -> list[InputFault]:
    if request.first and request.last and request.last < request.first:
        return [InputFault(Message(N_("the last day is before the first")), column="last", value=str(request.last))]
    return []


def resolve_scope(session: Session, caller: Caller, request: ScopeRequest, faults: list[InputFault]) -> ScopeIds:
    """Return the keys of a scope's places that the caller may see; add a fault for each unknown code."""
    codes = request.subdistrict_code, request.community_code, request.grid_code
    scope_ids = scope_queries.find_scope_ids(session, caller, *codes)
    for column, code, key in zip(("subdistrict", "community", "grid"), codes, scope_ids, strict=True):
        if code and key is None:
            faults.append(InputFault(Message(N_("no place has this code")), column=column, value=code))
    if not faults and not scope_queries.can_grant_scope(session, scope_ids):
        column, code = ("community", request.community_code) if request.community_code else ("subdistrict", codes[0])
        faults.append(InputFault(Message(OUTSIDE_OWN_SCOPE), column=column, value=code))
    return scope_ids


def scope_period(session: Session, request: ScopeRequest) -> ScopePeriod:
    """Return the days of a scope; it begins today where no first day is given."""
    return ScopePeriod(request.first or get_today(session), request.last)


class ScopeChoices(NamedTuple):
    """Places that a caller may give: subdistricts, communities, and whether a subdistrict as a whole is one."""

    subdistricts: Sequence[CodeName]
    communities: Sequence[CodeName]
    whole_subdistrict: bool


def list_choices(session: Session, caller: Caller) -> ScopeChoices:
    """Return the places that the caller may give."""
    return ScopeChoices(
        scope_queries.list_subdistrict_choices(session, caller),
        scope_queries.list_community_choices(session, caller),
        scope_queries.covers_a_whole_subdistrict(session, caller),
    )


def list_scopes_by_account(
    session: Session, caller: Caller, account_id: int | None = None
) -> Mapping[int, Sequence[Scope]]:
    """Return the scopes that the caller may see, by account; of one account where its key is given."""
    today = get_today(session)
    scopes_by_account: dict[int, list[Scope]] = {}
    for row in scope_queries.list_scopes(session, caller, account_id):
        is_over = row.last is not None and row.last < today
        scope = Scope(row.id, row.subdistrict, row.community, row.grid, row.first, row.last, is_over, row.can_approve)
        scopes_by_account.setdefault(row.account_id, []).append(scope)
    return scopes_by_account
