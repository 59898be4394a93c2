"""Places of a grid on a day: organisations, offices, small facilities and shops, by kind and group."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

import shapely
from sqlalchemy.orm import Session

from gridmap.catalogues import load_place_kinds
from gridmap.core.caller import Caller
from gridmap.core.facilities.place_kinds import Badge, PlaceGroup, PlaceKind, PlaceTable
from gridmap.services.grids import in_force
from gridmap.services.grids.in_force import GridInForce
from gridmap.store.queries import territory
from gridmap.store.queries.grids import grid_details
from gridmap.store.queries.grids.grid_details import GridDay, ServiceRow
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.territory import ResidentGroupRow

__all__ = ["GridPlaces", "KindCount", "Place", "PlaceGroup", "PlaceKind", "ResidentGroupRow", "count_kinds"]


@dataclass(frozen=True)
class Place:
    """A place of a responsibility map.

    Parameters
    ----------
    id : str
        Table and key of the row, unique on the map.
    kind : PlaceKind
    name, address : str or None
    shape : str or None
        GeoJSON point; None where nobody knows where it is.
    """

    id: str
    kind: PlaceKind
    name: str | None
    address: str | None
    shape: str | None = field(repr=False)


@dataclass(frozen=True)
class KindCount:
    """A kind with the number of its places."""

    kind: PlaceKind
    count: int


@dataclass(frozen=True)
class GridPlaces:
    """Places on the map of a grid, and the resident groups that overlap it."""

    places: Sequence[Place]
    resident_groups: Sequence[ResidentGroupRow]


def load_grid_places(session: Session, caller: Caller, grid_id: int, on: date | None = None) -> GridPlaces | None:
    """Return the places of a grid; None where it is not in force on the day, or the caller does not work in it."""
    day = in_force.find_grid_day(session, caller, grid_id, on)
    grid = in_force.get_grid_on(session, caller, day, grid_id) if day else None
    if grid is None or day is None:
        return None
    resident_groups = list_resident_groups(session, caller, day, grid)
    return GridPlaces(list_places(session, caller, GridDay(day, grid_id)), resident_groups)


def list_places(session: Session, caller: Caller, grid_day: GridDay) -> Sequence[Place]:
    """Return the places of a grid in force on a day, in the order of the catalogue, then by name."""
    places = [
        _make_place(table, row)
        for table in PlaceTable
        for row in grid_details.list_services(session, caller, grid_day, table)
    ]
    return _sort_places(places)


def list_subdistrict_places(session: Session, caller: Caller, day: SubdistrictDay) -> Sequence[Place]:
    """Return the places of all grids in which the caller works, without shops and what stands in the street."""
    small = [kind for kind in load_place_kinds().kinds.values() if kind.group.badge is Badge.PLAIN]
    excluded = [name for kind in small for name in (kind.key, *kind.names)]
    tables = PlaceTable.FACILITIES, PlaceTable.ORGANISATIONS
    rows = [
        _make_place(table, row)
        for table in tables
        for row in grid_details.list_services_in_force(session, caller, day, table, excluded)
    ]
    return _sort_places(place for place in rows if place.kind.group.badge is not Badge.PLAIN)


def list_resident_groups(
    session: Session, caller: Caller, day: SubdistrictDay, grid: GridInForce
) -> Sequence[ResidentGroupRow]:
    """Return the resident groups of the community that overlap a grid; groups that nobody drew are left out."""
    groups = territory.list_resident_groups(session, caller, day.subdistrict_id)
    drawn = [each for each in groups if each.community_id == grid.community_id and each.shape]
    shapes = shapely.from_geojson([each.shape for each in drawn])
    overlaps = shapely.relate_pattern(shapes, shapely.from_geojson(grid.shape), "T********")
    return [each for each, overlap in zip(drawn, overlaps, strict=True) if overlap]


def list_large_kinds() -> Sequence[PlaceKind]:
    """Return the kinds of `list_subdistrict_places`, in the order of the catalogue; others have the last symbol."""
    kinds = load_place_kinds().kinds.values()
    unknown = load_place_kinds().find("", PlaceTable.FACILITIES)
    return [*(kind for kind in kinds if kind.group.badge is not Badge.PLAIN), unknown]


def count_kinds(places: Iterable[Place]) -> Sequence[tuple[PlaceGroup, Sequence[KindCount]]]:
    """Return the kinds of some places with their numbers, group by group, both in the order of the catalogue.

    Examples
    --------
    >>> lamp = load_place_kinds().kinds["street_lamp"]
    >>> [(group, kinds)] = count_kinds([Place("facilities-1", lamp, None, None, None)] * 3)
    >>> group.names[0], kinds[0].count
    ('市政设施', 3)
    """
    places = list(places)
    kinds = {place.kind.key: place.kind for place in places}
    counts = Counter(place.kind.key for place in places)
    groups = load_place_kinds().groups.values()
    found = [
        (group, [KindCount(kinds[key], counts[key]) for key in kinds if kinds[key].group == group]) for group in groups
    ]
    return [(group, rows) for group, rows in found if rows]


def missing_standard_kinds(places: Iterable[Place]) -> Sequence[PlaceKind]:
    """Return the kinds that every responsibility map shows and that none of the places has."""
    present = {place.kind.key for place in places}
    return [kind for kind in load_place_kinds().standard_kinds() if kind.key not in present]


def _sort_places(places: Iterable[Place]) -> list[Place]:
    order = {key: position for position, key in enumerate(load_place_kinds().kinds)}
    return sorted(places, key=lambda place: (order.get(place.kind.key, len(order)), place.kind.key, place.name or ""))


def _make_place(table: PlaceTable, row: ServiceRow) -> Place:
    return Place(
        id=f"{table}-{row.id}",
        kind=load_place_kinds().find(row.kind, table),
        name=row.name,
        address=row.address,
        shape=row.shape,
    )
