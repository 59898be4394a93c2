"""Scopes: the subdistrict, community or grid that a role holds in, for a time."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, Message
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import scopes as scope_queries
from gridmap.store.queries.scopes import CodeName, ScopeIds, ScopePeriod


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
    """

    subdistrict_code: str
    community_code: str | None = None
    grid_code: str | None = None
    first: date | None = None
    last: date | None = None


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


def scope_faults(request: ScopeRequest) -> list[InputFault]:
    """Return the faults of a scope that need no look at the database."""
    if request.first and request.last and request.last < request.first:
        return [InputFault(Message(N_("the last day is before the first")), column="last", value=str(request.last))]
    if request.grid_code and not request.community_code:
        return [InputFault(Message(N_("choose the community of the grid")), column="community")]
    return []


def resolve_scope(session: Session, caller: Caller, request: ScopeRequest, faults: list[InputFault]) -> ScopeIds:
    """Return the keys of a scope's places that the caller may see; add a fault for each unknown code."""
    codes = request.subdistrict_code, request.community_code, request.grid_code
    scope_ids = scope_queries.find_scope_ids(session, caller, *codes)
    for column, code, key in zip(("subdistrict", "community", "grid"), codes, scope_ids, strict=True):
        if code and key is None:
            faults.append(InputFault(Message(N_("no place has this code")), column=column, value=code))
    return scope_ids


def scope_period(session: Session, request: ScopeRequest) -> ScopePeriod:
    """Return the days of a scope; it begins today where no first day is given."""
    return ScopePeriod(request.first or get_today(session), request.last)


def list_choices(session: Session, caller: Caller) -> tuple[Sequence[CodeName], Sequence[CodeName]]:
    """Return the subdistricts and the communities that the caller may see."""
    subdistricts = scope_queries.list_subdistrict_choices(session, caller)
    return subdistricts, scope_queries.list_community_choices(session, caller)


def list_scopes_by_account(
    session: Session, caller: Caller, account_id: int | None = None
) -> Mapping[int, Sequence[Scope]]:
    """Return the scopes that the caller may see, by account; of one account where its key is given."""
    today = get_today(session)
    scopes_by_account: dict[int, list[Scope]] = {}
    for row in scope_queries.list_scopes(session, caller, account_id):
        is_over = row.last is not None and row.last < today
        scope = Scope(row.id, row.subdistrict, row.community, row.grid, row.first, row.last, is_over)
        scopes_by_account.setdefault(row.account_id, []).append(scope)
    return scopes_by_account
