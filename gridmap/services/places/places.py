"""Facilities, organisations and shops by hand: listed, added, corrected, moved, ended."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

import shapely
from sqlalchemy.orm import Session

from gridmap.catalogues import load_place_kinds
from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.facilities.place_kinds import PlaceKind, PlaceTable
from gridmap.core.field_lengths import MAX_ADDRESS_LETTERS, MAX_NAME_LETTERS
from gridmap.core.vocabulary import Role
from gridmap.services.grids import in_force
from gridmap.services.grids.in_force import GridInForce
from gridmap.services.homes.sources import NOT_YET, Origin, name_source
from gridmap.services.places.location import PlaceLocation, locate
from gridmap.store import locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import territory
from gridmap.store.queries.journal.changes import FieldSources, load_field_sources
from gridmap.store.queries.places import places as place_queries
from gridmap.store.queries.places.places import MapFeature, PlaceRow
from gridmap.store.queries.territory import CommunityRow
from gridmap.store.writes.places import places as place_writes
from gridmap.store.writes.places.places import PlaceValues

__all__ = [
    "CommunityRow",
    "MapFeature",
    "PlaceChanged",
    "PlaceRequest",
    "PlaceRow",
    "PlaceTable",
    "add_place",
    "change_place",
    "end_place",
    "find_kind",
    "find_nearest_community",
    "format_point",
    "get_community",
    "get_place",
    "get_today",
    "get_version",
    "list_all_places",
    "list_communities",
    "list_kinds",
    "list_orphans",
    "list_places",
    "load_community_map",
    "load_sources",
]

PAGE_SIZE = 50
MAX_EXPORTED = 50_000
"""Places of a file at most: more than a subdistrict has."""
NO_COMMUNITY = 0
"""Stands for the community of places on no land in a lock."""
NAME_MISSING = N_("enter a name")
NO_KIND = N_("choose a kind of the catalogue")
TOO_LONG = N_("at most {maximum} letters")
SAME = N_("a place of this kind and name is here already")
BEFORE_FIRST = N_("the place is here since {first}, after this day")
OVER = N_("the place is no longer here since {last}: it cannot be changed")


class PlaceChanged(Exception):
    """Somebody has changed the place since the page was opened; nothing was saved."""


@dataclass(frozen=True)
class PlaceRequest:
    """Values of a form about a place.

    Parameters
    ----------
    kind : str
        Key of a kind; it tells the table of a new place.
    name, address : str
        The address of a shop is stored; those of other places only find the building.
    shape : str
        Point; empty to take that of the building.
    building_id : int or None
        Building that was chosen among candidates.
    day : date or None
        First day of a new place, by default today; first day of a stored one at its new place, None where it has not
        moved and only the record was wrong.
    """

    kind: str
    name: str
    address: str
    shape: str
    building_id: int | None = None
    day: date | None = None


@dataclass(frozen=True)
class CommunityMap:
    """Grids, buildings and places on the map of a community."""

    grids: Sequence[GridInForce]
    buildings: Sequence[MapFeature]
    places: Sequence[PlaceRow]


def list_kinds() -> Mapping[str, PlaceKind]:
    """Return the kinds of places by key, in the order of the catalogue."""
    return load_place_kinds().kinds


def find_kind(place: PlaceRow) -> PlaceKind:
    """Return the kind of a place; one named as its text where the catalogue does not have it."""
    return load_place_kinds().find(place.kind, place.table)


def list_communities(session: Session, caller: Caller) -> Sequence[CommunityRow]:
    """Return the communities of the caller."""
    subdistricts = territory.list_subdistricts(session, caller)
    return [row for each in subdistricts for row in territory.list_communities(session, caller, each.id)]


def get_community(session: Session, caller: Caller, community_id: int) -> CommunityRow:
    """Return a community whose places the caller keeps.

    Raises
    ------
    NotFound
        If the caller does not.
    """
    community = territory.find_community(session, caller, community_id)
    if community is None or caller.role is not Role.STATION or community_id not in caller.community_ids:
        raise NotFound(community_id)
    return community


def list_places(
    session: Session, caller: Caller, words: str, community_id: int | None, page: int
) -> Sequence[PlaceRow]:
    """Return a page of today's places; one more than `PAGE_SIZE` if there are more."""
    return place_queries.list_places(
        session, caller, words.strip(), community_id, PAGE_SIZE + 1, (page - 1) * PAGE_SIZE
    )


def list_all_places(session: Session, caller: Caller, words: str, community_id: int | None) -> Sequence[PlaceRow]:
    """Return today's places for a file, at most `MAX_EXPORTED`."""
    return place_queries.list_places(session, caller, words.strip(), community_id, MAX_EXPORTED, 0)


def list_orphans(session: Session, caller: Caller) -> Sequence[PlaceRow]:
    """Return today's places on no land of the caller's subdistricts, at most `MAX_EXPORTED`."""
    return place_queries.list_orphans(session, caller, MAX_EXPORTED)


def find_nearest_community(session: Session, caller: Caller, place: PlaceRow) -> CommunityRow:
    """Return the caller's community that is nearest to a place, for the map on which it is moved.

    Raises
    ------
    NotFound
        If the caller keeps the places of no community there.
    """
    point = shapely.Point(place.longitude, place.latitude)
    rows = territory.list_communities(session, caller, place.subdistrict_id)
    own = [each for each in rows if each.id in caller.community_ids]
    if not own:
        raise NotFound(place.id)
    return min(own, key=lambda each: shapely.from_geojson(each.shape).distance(point))


def get_place(session: Session, caller: Caller, table: PlaceTable, place_id: int) -> PlaceRow:
    """Return a place of the caller's communities, or one on no land of the caller's subdistricts.

    Raises
    ------
    NotFound
        If there is none.
    """
    place = place_queries.find_place(session, caller, table, place_id)
    if place is None or caller.role is not Role.STATION:
        raise NotFound(place_id)
    return place


def get_version(session: Session, place: PlaceRow) -> int:
    """Return the version of a place, which a form carries until it is sent."""
    return place_queries.place_version(session, place.table, place.id)


def load_sources(session: Session, place: PlaceRow) -> FieldSources:
    """Return source and day of the fields of a place, as far as the journal knows."""
    return load_field_sources(session, place_queries.MODELS[place.table].__tablename__, [place.id])


def load_community_map(session: Session, caller: Caller, community_id: int) -> CommunityMap:
    """Return what the map of a community shows today.

    Raises
    ------
    NotFound
        If the caller does not keep its places.
    """
    community = get_community(session, caller, community_id)
    day = in_force.resolve_day(session, community.subdistrict_id)
    grids = [each for each in in_force.list_grids(session, caller, day) if each.community_id == community_id]
    buildings = place_queries.list_map_buildings(session, caller, community_id)
    return CommunityMap(grids, buildings, place_queries.list_places(session, caller, "", community_id, 5000, 0))


def add_place(
    session: Session, caller: Caller, community_id: int, request: PlaceRequest, origin: Origin
) -> tuple[PlaceTable, int]:
    """Add a place; return its table and key.

    Raises
    ------
    InvalidInput
        If kind, name or place are missing, it is outside the caller's communities, a place of the kind and name is
        there already, the day is still to come, or the source is missing; `BuildingChoiceNeeded` has the candidates.
    NotFound
        If the caller does not keep the places of the community.
    """
    community, today = get_community(session, caller, community_id), get_today(session)
    kind = list_kinds().get(request.kind)
    faults = [*_text_faults(request, kind), *_first_faults(request.day, today)]
    if faults or kind is None:
        raise InvalidInput(faults)
    locks.lock_places(session, community_id)
    locks.share_land(session, community.subdistrict_id)
    words = request.address, request.building_id
    location = locate(session, caller, community.subdistrict_id, request.shape, words)
    values = _values(request, kind.key, location)
    if place_queries.find_same_place(session, caller, kind.table, kind.key, values.name, location.point):
        raise InvalidInput([_place_fault("name", SAME)])
    name_source(session, origin, community.subdistrict_id)
    key = place_writes.insert_place(session, community.subdistrict_id, kind.table, values, request.day or today)
    return kind.table, key


def change_place(
    session: Session, caller: Caller, place: PlaceRow, request: PlaceRequest, version: int, origin: Origin
) -> int:
    """Correct a place, or move it on a day: the old one then ends the day before, and a new one begins.

    Parameters
    ----------
    session : Session
    caller : Caller
    place : PlaceRow
        From `get_place`.
    request : PlaceRequest
    version : int
    origin : Origin

    Returns
    -------
    int
        Key of the row that holds now.

    Raises
    ------
    InvalidInput
        As in `add_place`; if the place has ended, or moved before it was here.
    PlaceChanged
        If somebody has changed it since the page was opened.
    """
    lock_version(session, caller, place, version)
    moved = request.day
    if faults := list(_change_faults(place, request, get_today(session))):
        raise InvalidInput(faults)
    location = _new_location(session, caller, place, request)
    values = _values(request, place.kind if place.table is PlaceTable.SHOPS else request.kind, location)
    name_source(session, origin, place.subdistrict_id)
    if moved is None or moved == place.first:
        place_writes.change_place(session, caller, place, values)
        return place.id
    place_writes.end_place(session, caller, place, moved - timedelta(days=1))
    return place_writes.insert_place(session, place.subdistrict_id, place.table, values, moved, place.last)


def end_place(session: Session, caller: Caller, place: PlaceRow, last: date, version: int, origin: Origin) -> None:
    """End a place with a last day.

    Raises
    ------
    InvalidInput
        If the day is before the first one or still to come, it has ended, or the source is missing.
    PlaceChanged
        If somebody has changed it since the page was opened.
    """
    lock_version(session, caller, place, version)
    today = get_today(session)
    if place.last is not None and place.last < today:
        raise InvalidInput([_place_fault("", OVER, last=place.last)])
    if last < place.first:
        raise InvalidInput([_place_fault("last", BEFORE_FIRST, first=place.first)])
    if last > today:
        raise InvalidInput([_place_fault("last", NOT_YET)])
    name_source(session, origin, place.subdistrict_id)
    place_writes.end_place(session, caller, place, last)


def lock_version(session: Session, caller: Caller, place: PlaceRow, version: int) -> None:
    """Keep others from changing the places of a community until the transaction ends.

    Raises
    ------
    PlaceChanged
        If the place has another version than the page that was sent.
    """
    locks.lock_places(session, place.community_id or NO_COMMUNITY)
    locks.share_land(session, place.subdistrict_id)
    get_place(session, caller, place.table, place.id)
    if get_version(session, place) != version:
        raise PlaceChanged


def _new_location(session: Session, caller: Caller, place: PlaceRow, request: PlaceRequest) -> PlaceLocation:
    """Return the location of a changed place; the stored one where point and building stay.

    A place on no land gets that of the building where an address or a building is named: its own point is wrong.
    """
    words, shape = (request.address, request.building_id), request.shape
    is_same_point = shape.strip() == format_point(place.longitude, place.latitude)
    if place.cell_id is None:
        names_building = bool(request.address.strip()) or request.building_id is not None
        shape = "" if is_same_point and names_building else shape
    elif is_same_point and request.building_id is None:
        return PlaceLocation((place.longitude, place.latitude), place.building_id, place.cell_id)
    return locate(session, caller, place.subdistrict_id, shape, words)


def format_point(longitude: float, latitude: float) -> str:
    """Return a point as forms show it, to a centimetre.

    >>> format_point(114.3055, 30.5928123456)
    '114.3055000, 30.5928123'
    """
    return f"{longitude:.7f}, {latitude:.7f}"


def _values(request: PlaceRequest, kind: str, location: PlaceLocation) -> PlaceValues:
    name, address = request.name.strip() or None, request.address.strip() or None
    return PlaceValues(kind, name, address, location.point, location.building_id, location.cell_id)


def _change_faults(place: PlaceRow, request: PlaceRequest, today: date) -> Iterator[InputFault]:
    kind = list_kinds().get(request.kind)
    if place.table is PlaceTable.SHOPS or request.kind == place.kind:
        kind = find_kind(place)
    elif kind is not None and kind.table is not place.table:
        kind = None
    yield from _text_faults(request, kind)
    if place.last is not None and place.last < today:
        yield _place_fault("", OVER, last=place.last)
    if request.day is not None and request.day < place.first:
        yield _place_fault("moved", BEFORE_FIRST, first=place.first)
    if request.day is not None and request.day > today:
        yield _place_fault("moved", NOT_YET)


def _text_faults(request: PlaceRequest, kind: PlaceKind | None) -> Iterator[InputFault]:
    if kind is None:
        yield _place_fault("kind", NO_KIND)
    elif kind.table is not PlaceTable.FACILITIES and not request.name.strip():
        yield _place_fault("name", NAME_MISSING)
    for column, text, maximum in (
        ("name", request.name, MAX_NAME_LETTERS),
        ("address", request.address, MAX_ADDRESS_LETTERS),
    ):
        if len(text.strip()) > maximum:
            yield _place_fault(column, TOO_LONG, maximum=maximum)


def _first_faults(first: date | None, today: date) -> Iterator[InputFault]:
    if first is not None and first > today:
        yield _place_fault("first", NOT_YET)


def _place_fault(column: str, problem: str, **values: object) -> InputFault:
    return InputFault(Message(problem, values), column=column)
