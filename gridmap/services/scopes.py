"""Where a role holds: a subdistrict, one community of it or one grid, for a time."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import cast, select, text
from sqlalchemy.dialects.postgresql import DATERANGE, Range
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Fault, Message
from gridmap.store import access
from gridmap.store.schema import AccountScope, Community, Grid, Subdistrict


@dataclass(frozen=True)
class Place:
    """Where a role holds, by codes, and for how long.

    Parameters
    ----------
    subdistrict : str
        Code.
    community, grid : str, optional
        Codes of one community of it, or of one grid of that; all of them where empty.
    first, last : date, optional
        First day, today where empty, and last day, if it ends: a substitute's access ends by itself.
    """

    subdistrict: str
    community: str | None = None
    grid: str | None = None
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
    over: bool


def faults_of(place: Place) -> list[Fault]:
    """What cannot be about a place, whatever there is."""
    if place.first and place.last and place.last < place.first:
        return [Fault(Message(N_("the last day is before the first")), column="last", value=str(place.last))]
    if place.grid and not place.community:
        return [Fault(Message(N_("a grid needs its community")), column="community")]
    return []


def found(session: Session, place: Place, faults: list[Fault]) -> tuple[int | None, int | None, int | None]:
    """Keys of a place within what the session may see; what is unknown is added to the faults."""

    def key(table: Any, column: str, code: str | None, *within: Any) -> int | None:
        if not code:
            return None
        query = select(table.id).where(access.only(session, table), table.code == code, *within)
        found: int | None = session.scalar(query)
        if found is None:
            faults.append(Fault(Message(N_("there is none of this code")), column=column, value=code))
        return found

    subdistrict = key(Subdistrict, "subdistrict", place.subdistrict)
    community = key(Community, "community", place.community, Community.subdistrict_id == subdistrict)
    return subdistrict, community, key(Grid, "grid", place.grid, Grid.community_id == community)


def days(session: Session, place: Place) -> Any:
    """The period of a place, as the database has it."""
    first = place.first or today(session)
    last = place.last + timedelta(days=1) if place.last else None
    return cast(Range(first, last), DATERANGE)


def choices(session: Session) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Subdistricts and communities that the session may see, as code and name."""
    districts = select(Subdistrict.code, Subdistrict.name).where(access.only(session, Subdistrict))
    communities = select(Community.code, Community.name).where(access.only(session, Community))
    return _pairs(session, districts.order_by(Subdistrict.code)), _pairs(session, communities.order_by(Community.code))


def _pairs(session: Session, rows: Any) -> list[tuple[str, str]]:
    return [(code, name) for code, name in session.execute(rows)]


def by_account(session: Session) -> dict[int, list[Scope]]:
    """Scopes that the session may see, by account."""
    rows = select(AccountScope, Subdistrict.name, Community.name, Grid.code).where(access.only(session, AccountScope))
    rows = rows.join(Subdistrict, Subdistrict.id == AccountScope.subdistrict_id)
    rows = rows.outerjoin(Community, Community.id == AccountScope.community_id)
    rows = rows.outerjoin(Grid, Grid.id == AccountScope.grid_id).order_by(AccountScope.id)
    found: dict[int, list[Scope]] = {}
    now = today(session)
    for row, subdistrict, community, grid in session.execute(rows):
        last = row.valid.upper - timedelta(days=1) if row.valid.upper else None
        over = last is not None and last < now
        found.setdefault(row.account_id, []).append(
            Scope(row.id, subdistrict, community, grid, row.valid.lower, last, over)
        )
    return found


def today(session: Session) -> date:
    """The day that rights and pages speak of."""
    found: date = session.execute(select(text("today()"))).scalar_one()
    return found
