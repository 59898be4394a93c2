"""Where a role holds: a subdistrict, one community of it or one grid, for a time."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import cast, select, text
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, Message
from gridmap.store.access import row_filter
from gridmap.store.schema import AccountScope, Community, Grid, Subdistrict


@dataclass(frozen=True)
class ScopeRequest:
    """Where a role holds, by codes, and for how long.

    Parameters
    ----------
    subdistrict_code : str
        Code.
    community_code, grid_code : str, optional
        Codes of one community of it, or of one grid of that; all of them where empty.
    first, last : date, optional
        First day, today where empty, and last day, if it ends: a substitute's access ends by itself.
    """

    subdistrict_code: str
    community_code: str | None = None
    grid_code: str | None = None
    first: date | None = None
    last: date | None = None


@dataclass(frozen=True)
class Scope:
    """A place as lists show it."""

    id: int
    subdistrict: str
    community: str | None
    grid: str | None
    first: date
    last: date | None
    is_over: bool


def scope_faults(request: ScopeRequest) -> list[InputFault]:
    """What cannot be about a place, whatever there is."""
    if request.first and request.last and request.last < request.first:
        return [InputFault(Message(N_("the last day is before the first")), column="last", value=str(request.last))]
    if request.grid_code and not request.community_code:
        return [InputFault(Message(N_("a grid needs its community")), column="community")]
    return []


def resolve_scope(
    session: Session, caller: Caller, request: ScopeRequest, faults: list[InputFault]
) -> tuple[int | None, int | None, int | None]:
    """Keys of a place within what the session may see; what is unknown is added to the faults."""

    def key(table: Any, column: str, code: str | None, *within: Any) -> int | None:
        if not code:
            return None
        query = select(table.id).where(row_filter.visible(caller, table), table.code == code, *within)
        found: int | None = session.scalar(query)
        if found is None:
            faults.append(InputFault(Message(N_("there is none of this code")), column=column, value=code))
        return found

    subdistrict = key(Subdistrict, "subdistrict", request.subdistrict_code)
    community = key(Community, "community", request.community_code, Community.subdistrict_id == subdistrict)
    return subdistrict, community, key(Grid, "grid", request.grid_code, Grid.community_id == community)


def scope_period(session: Session, request: ScopeRequest) -> Any:
    """The period of a place, as the database has it."""
    first = request.first or get_today(session)
    last = request.last + timedelta(days=1) if request.last else None
    return cast(Range(first, last), DATERANGE)


def list_choices(session: Session, caller: Caller) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Subdistricts and communities that the session may see, as code and name."""
    districts = select(Subdistrict.code, Subdistrict.name).where(row_filter.visible(caller, Subdistrict))
    communities = select(Community.code, Community.name).where(row_filter.visible(caller, Community))
    return _code_name_pairs(session, districts.order_by(Subdistrict.code)), _code_name_pairs(
        session, communities.order_by(Community.code)
    )


def _code_name_pairs(session: Session, rows: Any) -> list[tuple[str, str]]:
    return [(code, name) for code, name in session.execute(rows)]


def list_scopes_by_account(session: Session, caller: Caller) -> dict[int, list[Scope]]:
    """Scopes that the session may see, by account."""
    rows = select(AccountScope, Subdistrict.name, Community.name, Grid.code).where(
        row_filter.visible(caller, AccountScope)
    )
    rows = rows.join(Subdistrict, Subdistrict.id == AccountScope.subdistrict_id)
    rows = rows.outerjoin(Community, Community.id == AccountScope.community_id)
    rows = rows.outerjoin(Grid, Grid.id == AccountScope.grid_id).order_by(AccountScope.id)
    found: dict[int, list[Scope]] = {}
    now = get_today(session)
    for row, subdistrict, community, grid in session.execute(rows):
        last = row.valid.upper - timedelta(days=1) if row.valid.upper else None
        over = last is not None and last < now
        found.setdefault(row.account_id, []).append(
            Scope(row.id, subdistrict, community, grid, row.valid.lower, last, over)
        )
    return found


def get_today(session: Session) -> date:
    """The day that rights and pages speak of."""
    found: date = session.execute(select(text("today()"))).scalar_one()
    return found
