"""Buildings that change: built, demolished, recounted, renamed. Nothing here builds land anew.

A new building is linked to the cell that covers it, so that it belongs to a grid at once; a demolished one keeps its
row and its links, so that earlier dates show what was true.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

import shapely
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound, NotPossible
from gridmap.core.vocabulary import HouseholdKind
from gridmap.services.land.building_shapes import to_element
from gridmap.services.plans.revisions import get_community
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.land import buildings as building_queries
from gridmap.store.queries.land.buildings import BuildingQuery, BuildingRow, HouseholdCountRow
from gridmap.store.writes.land import buildings as building_writes
from gridmap.store.writes.land.buildings import BuildingTexts, NewBuilding, NewCount

__all__ = [
    "BuildingPage",
    "BuildingRequest",
    "BuildingRow",
    "BuildingTexts",
    "HouseholdCountRow",
    "NewCount",
    "add_building",
    "count_households_left",
    "demolish_building",
    "get_building",
    "list_buildings",
    "list_counts",
    "record_count",
    "rename_building",
    "require_day_of_building",
    "undo_demolition",
]

PAGE_SIZE = 100
MAX_HOUSEHOLDS = 20_000
"""Households of one building at most; the largest apartment building of China has about 10,000."""
FIRST_DAY = date(1900, 1, 1)
CODE_USED = N_("Another building of the subdistrict has the code {code}.")
DAY_TO_COME = N_("This day is yet to come: enter it when it has come.")
DAY_TOO_EARLY = N_("This day is too early: {date} is the first one possible.")
DAY_TOO_LATE = N_("This day is too late: {date} is the last one possible.")
ELSEWHERE = N_("This place is not in {community}: choose one within its boundary, or open the community it lies in.")
NO_CELL = N_("This place is on no land of {community}: the land has to be built anew first.")
DEMOLISHED_ALREADY = N_("This building stands no longer since {date}.")
STANDS = N_("This building stands.")
TOO_MANY = N_("A building has at most {maximum} households.")
SOURCE_BY_HAND = "manual"
NO_TEXTS = BuildingTexts()


@dataclass(frozen=True)
class BuildingRequest:
    """A new building of a community.

    Parameters
    ----------
    code : str
        Unique in the subdistrict among buildings that stand.
    shape : Point, Polygon or MultiPolygon
        Footprint or place, WGS 84; see `gridmap.services.land.building_shapes.parse_shape`.
    first : date
        First day on which it stood.
    texts : BuildingTexts
    households : int or None
        Households that live there from this day on; None where nobody has counted.
    source : str
        File, register or person that says so.
    """

    code: str
    shape: shapely.Geometry
    first: date
    texts: BuildingTexts = NO_TEXTS
    households: int | None = None
    source: str = SOURCE_BY_HAND


@dataclass(frozen=True)
class BuildingPage:
    """A page of a list of buildings, and the number of all."""

    buildings: Sequence[BuildingRow]
    total: int
    page: int

    @property
    def page_count(self) -> int:
        """Number of pages, at least 1."""
        return max(1, -(-self.total // PAGE_SIZE))


def list_buildings(
    session: Session,
    caller: Caller,
    community_id: int,
    search_text: str = "",
    *,
    demolished: bool = False,
    page: int = 1,
) -> BuildingPage:
    """Return a page of the buildings of a community as of today, by code.

    Parameters
    ----------
    session : Session
    caller : Caller
    community_id : int
    search_text : str
        Words that code, name, address or courtyard hold; empty for all buildings.
    demolished : bool
        True for the buildings that were demolished.
    page : int
        From 1.

    Raises
    ------
    NotFound
        If the caller does not work in the community.
    """
    community = get_community(session, caller, community_id)
    day = SubdistrictDay(community.subdistrict_id, get_today(session))
    query = BuildingQuery(community_id, day, search_text.split(), demolished)
    rows, total = building_queries.list_buildings(
        session, caller, query, limit=PAGE_SIZE, offset=(page - 1) * PAGE_SIZE
    )
    return BuildingPage(rows, total, page)


def get_building(session: Session, caller: Caller, building_id: int) -> BuildingRow:
    """Return a building as of today.

    Raises
    ------
    NotFound
        If the caller does not work in its community.
    """
    row = building_queries.find_building(session, caller, building_id, get_today(session))
    if row is None:
        raise NotFound
    return row


def list_counts(session: Session, caller: Caller, building_id: int) -> Sequence[HouseholdCountRow]:
    """Return the counts of the households of a building, the newest first."""
    return building_queries.list_counts(session, caller, building_id)


def count_households_left(session: Session, caller: Caller, building: BuildingRow) -> int:
    """Return the households that are still entered in a building, for callers who see persons: to be moved out."""
    return building_queries.count_households_left(session, caller, building.id, get_today(session))


def add_building(session: Session, caller: Caller, community_id: int, request: BuildingRequest) -> int:
    """Add a building to a community and link it to its cell, its grid and its statistical area.

    Parameters
    ----------
    session : Session
        Of a planner or a station of the community, or of the owner.
    caller : Caller
    community_id : int
    request : BuildingRequest

    Returns
    -------
    int
        Key of the building.

    Raises
    ------
    NotFound
        If the caller does not work in the community.
    InvalidInput
        If the code is in use, a day is not possible, or the place is not in the community.
    NotPossible
        If the community has no land there.
    """
    community = get_community(session, caller, community_id)
    if faults := list(_find_faults(session, caller, community.subdistrict_id, request)):
        raise InvalidInput(faults)
    shape = to_element(request.shape)
    communities = building_queries.list_place_communities(session, caller, community.subdistrict_id, shape)
    if not communities or communities[0] != community_id:
        raise InvalidInput([InputFault(Message(ELSEWHERE, {"community": community.name}), column="shape")])
    building = NewBuilding(community.subdistrict_id, community_id, request.code, request.texts, request.first, shape)
    building_id = building_writes.insert_building(session, building)
    if request.households is not None:
        count = NewCount(HouseholdKind.RESIDENT, request.households, request.first, request.source)
        building_writes.save_count(session, community.subdistrict_id, building_id, count)
    building_writes.link_buildings(session, [building_id])
    if not building_queries.is_on_land(session, caller, community_id, building_id):
        raise NotPossible(Message(NO_CELL, {"community": community.name}))
    return building_id


def demolish_building(session: Session, caller: Caller, building_id: int, end: date) -> BuildingRow:
    """End the days of a building; its row, its counts and its links stay, for earlier dates.

    Parameters
    ----------
    session : Session
        Of a planner of the community, or of the owner.
    caller : Caller
    building_id : int
    end : date
        First day on which it no longer stands; up to today.

    Returns
    -------
    BuildingRow
        The building after the change.

    Raises
    ------
    NotFound
        If the caller does not work in its community.
    NotPossible
        If it was demolished already.
    InvalidInput
        If the day is to come, or not after the day since which it stands.
    """
    building = _get_standing(session, caller, building_id)
    after_first = date.fromordinal(building.first.toordinal() + 1)
    _require_day(session, end, "end", after_first)
    building_writes.end_building(session, caller, building_id, end)
    return get_building(session, caller, building_id)


def undo_demolition(session: Session, caller: Caller, building_id: int) -> BuildingRow:
    """Let a building stand on that was entered as demolished by mistake.

    Raises
    ------
    NotFound
        If the caller does not work in its community.
    NotPossible
        If it stands, or another building has its code by now.
    """
    building = get_building(session, caller, building_id)
    if building.end is None:
        raise NotPossible(Message(STANDS))
    if building_queries.is_code_used(session, caller, building.subdistrict_id, building.code, building.end):
        raise NotPossible(Message(CODE_USED, {"code": building.code}))
    building_writes.end_building(session, caller, building_id, None)
    return get_building(session, caller, building_id)


def record_count(session: Session, caller: Caller, building_id: int, count: NewCount) -> None:
    """Add a count of the households of a building; one of the same kind and day is corrected.

    Parameters
    ----------
    session : Session
        Of a planner of the community, or of the owner.
    caller : Caller
    building_id : int
    count : NewCount

    Raises
    ------
    NotFound
        If the caller does not work in the community of the building.
    InvalidInput
        If the number or the day is not possible.
    """
    building = get_building(session, caller, building_id)
    if not 0 <= count.households <= MAX_HOUSEHOLDS:
        problem = Message(TOO_MANY, {"maximum": MAX_HOUSEHOLDS})
        raise InvalidInput([InputFault(problem, column="households", value=str(count.households))])
    require_day_of_building(session, building, count.as_of)
    building_writes.save_count(session, building.subdistrict_id, building_id, count)


def require_day_of_building(session: Session, building: BuildingRow, as_of: date) -> None:
    """Require that a building stands on the day of a count, and that the day is not to come.

    Raises
    ------
    InvalidInput
        With the column ``as_of``.
    """
    last = None if building.end is None else date.fromordinal(building.end.toordinal() - 1)
    _require_day(session, as_of, "as_of", building.first, last)


def rename_building(session: Session, caller: Caller, building_id: int, texts: BuildingTexts) -> None:
    """Replace name, address, use and storeys of a building.

    Raises
    ------
    NotFound
        If the caller does not work in its community.
    """
    get_building(session, caller, building_id)
    building_writes.update_texts(session, caller, building_id, texts)


def _get_standing(session: Session, caller: Caller, building_id: int) -> BuildingRow:
    building = get_building(session, caller, building_id)
    if building.end is not None:
        raise NotPossible(Message(DEMOLISHED_ALREADY, {"date": building.end.isoformat()}))
    return building


def _find_faults(
    session: Session, caller: Caller, subdistrict_id: int, request: BuildingRequest
) -> Iterator[InputFault]:
    if building_queries.is_code_used(session, caller, subdistrict_id, request.code, request.first):
        yield InputFault(Message(CODE_USED, {"code": request.code}), column="code", value=request.code)
    if request.households is not None and not 0 <= request.households <= MAX_HOUSEHOLDS:
        yield InputFault(Message(TOO_MANY, {"maximum": MAX_HOUSEHOLDS}), column="households")
    if problem := _day_problem(get_today(session), request.first, FIRST_DAY, None):
        yield InputFault(problem, column="first", value=request.first.isoformat())


def _require_day(session: Session, day: date, column: str, first: date, last: date | None = None) -> None:
    if problem := _day_problem(get_today(session), day, first, last):
        raise InvalidInput([InputFault(problem, column=column, value=day.isoformat())])


def _day_problem(today: date, day: date, first: date, last: date | None) -> Message | None:
    if day > today:
        return Message(DAY_TO_COME)
    if day < first:
        return Message(DAY_TOO_EARLY, {"date": first.isoformat()})
    if last is not None and day > last:
        return Message(DAY_TOO_LATE, {"date": last.isoformat()})
    return None
