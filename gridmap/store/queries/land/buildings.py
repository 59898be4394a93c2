"""Buildings of a community, those that stand and those that were demolished, and their counts."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

from geoalchemy2.elements import WKBElement
from sqlalchemy import ColumnElement, and_, func, literal, select, true
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.land.community_of_building import MAX_OUTSIDE_M
from gridmap.core.vocabulary import HouseholdKind, PopulationKind
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.columns import AnyRow, AnySelect, geojson_column
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.plans.revision_contents import fold_case
from gridmap.store.schema import (
    Building,
    BuildingCell,
    Community,
    Courtyard,
    Grid,
    Household,
    HouseholdCount,
    Land,
    PopulationCount,
)


@dataclass(frozen=True)
class BuildingRow:
    """A building with its newest count of households.

    Parameters
    ----------
    id, subdistrict_id, community_id : int
    code : str
    name, address, use, courtyard : str or None
    levels : float or None
    first : date
        First day on which it stood.
    end : date or None
        First day on which it no longer stood; None while it stands.
    households : int or None
        Households that live there, by the newest count up to the day; None without one.
    counted_on : date or None
        Day of this count.
    grid : str or None
        Code of the grid in force on the day; None where it is in none.
    shape : str
        GeoJSON.
    """

    id: int
    subdistrict_id: int
    community_id: int
    code: str
    name: str | None
    address: str | None
    use: str | None
    courtyard: str | None
    levels: float | None
    first: date
    end: date | None
    households: int | None
    counted_on: date | None
    grid: str | None
    shape: str = field(repr=False)


class PopulationCountRow(NamedTuple):
    """A count of the persons of a building, of one kind, on one day."""

    kind: PopulationKind
    persons: int
    source: str
    as_of: date


@dataclass(frozen=True)
class HouseholdCountRow:
    """A count of the households of a building."""

    kind: HouseholdKind
    households: int
    estimated: bool
    source: str
    as_of: date


@dataclass(frozen=True)
class BuildingQuery:
    """Buildings of a community to list.

    Parameters
    ----------
    community_id : int
    day : SubdistrictDay
        Counts and grids are those of it.
    words : sequence of str
        Code, name, address or courtyard hold all of them.
    demolished : bool
        True for the buildings that were demolished up to the day, False for those that stand.
    """

    community_id: int
    day: SubdistrictDay
    words: Sequence[str] = ()
    demolished: bool = False


def list_buildings(
    session: Session, caller: Caller, query: BuildingQuery, *, limit: int, offset: int = 0
) -> tuple[Sequence[BuildingRow], int]:
    """Return some buildings of a community in which the caller works, by code, and the number of all."""
    day, stands = query.day.date, Building.valid.contains(query.day.date)
    in_time = Building.valid.op("<<")(func.daterange(day, None)) if query.demolished else stands
    searched = fold_case(func.concat_ws(" ", Building.code, Building.name, Building.address, Courtyard.name))
    matches = and_(true(), *(func.strpos(searched, fold_case(literal(word))) > 0 for word in query.words))
    found = _select_buildings(caller, query.day).where(Building.community_id == query.community_id, in_time, matches)
    total = session.scalar(select(func.count()).select_from(found.subquery())) or 0
    in_order = found.order_by(func.length(Building.code), Building.code, Building.id)
    rows = session.execute(in_order.limit(limit).offset(offset))
    return [_building_row(row) for row in rows], total


def find_building(session: Session, caller: Caller, building_id: int, day: date) -> BuildingRow | None:
    """Return one building with the figures of a day; None where the caller does not work in its community."""
    in_scope = Building.id == building_id, scope_filter.in_scope_communities(caller, Building)
    subdistrict_id = session.scalar(select(Building.subdistrict_id).where(*in_scope))
    if subdistrict_id is None:
        return None
    rows = _select_buildings(caller, SubdistrictDay(subdistrict_id, day)).where(Building.id == building_id)
    return _building_row(session.execute(rows).one())


def find_by_code(session: Session, caller: Caller, community_id: int, code: str) -> int | None:
    """Return the building of a community that has a code: the one that stood last."""
    in_community = Building.community_id == community_id, scope_filter.in_scope_communities(caller, Building)
    rows = select(Building.id).where(Building.code == code, *in_community)
    return session.scalar(rows.order_by(func.upper(Building.valid).desc().nulls_first()).limit(1))


def is_code_used(session: Session, caller: Caller, subdistrict_id: int, code: str, first_day: date) -> bool:
    """Return whether a building of a subdistrict has a code on a day or later."""
    overlaps = Building.valid.op("&&")(func.daterange(first_day, None))
    in_subdistrict = Building.subdistrict_id == subdistrict_id, row_filter.visible(caller, Building)
    return (
        session.scalar(select(Building.id).where(Building.code == code, overlaps, *in_subdistrict).limit(1)) is not None
    )


def list_counts(session: Session, caller: Caller, building_id: int) -> Sequence[HouseholdCountRow]:
    """Return the counts of a building, the newest first."""
    count = HouseholdCount
    rows = select(count.kind, count.households, count.estimated, count.source, count.as_of)
    rows = rows.where(count.building_id == building_id, row_filter.visible(caller, count))
    listed = session.execute(rows.order_by(count.as_of.desc(), count.kind))
    return [HouseholdCountRow(HouseholdKind(row.kind), *row[1:]) for row in listed]


def list_population_counts(session: Session, caller: Caller, building_id: int) -> Sequence[PopulationCountRow]:
    """Return the counts of the persons of a building, the newest first, all before those of 60 and older."""
    count = PopulationCount
    rows = select(count.kind, count.persons, count.source, count.as_of)
    rows = rows.where(count.building_id == building_id, row_filter.visible(caller, count))
    listed = session.execute(rows.order_by(count.as_of.desc(), count.kind))
    return [PopulationCountRow(PopulationKind(row.kind), *row[1:]) for row in listed]


def list_place_communities(session: Session, caller: Caller, subdistrict_id: int, shape: WKBElement) -> Sequence[int]:
    """Return the communities that a place lies in, or up to 5 m outside of: the one that holds most of it first."""
    geometry, place = Community.geometry, func.ST_GeomFromWKB(shape.data, shape.srid)
    share = func.ST_Area(func.ST_Intersection(geometry, place))
    distance = func.ST_Distance(func.geography(geometry), func.geography(place))
    rows = (
        select(Community.id)
        .where(Community.subdistrict_id == subdistrict_id, row_filter.visible(caller, Community))
        .where(func.ST_DWithin(func.geography(geometry), func.geography(place), MAX_OUTSIDE_M))
        .order_by(share.desc(), distance, Community.id)
    )
    return session.scalars(rows).all()


def is_on_land(session: Session, caller: Caller, community_id: int, building_id: int) -> bool:
    """Return whether a building has a cell in the newest land of its community, or the community has no land."""
    of_community = Land.community_id == community_id, row_filter.visible(caller, Land)
    newest = session.scalar(select(func.max(Land.id)).where(*of_community))
    cell = select(BuildingCell.cell_id).where(BuildingCell.building_id == building_id, BuildingCell.land_id == newest)
    return newest is None or session.scalar(cell.where(row_filter.visible(caller, BuildingCell))) is not None


def count_households_left(session: Session, caller: Caller, building_id: int, day: date) -> int:
    """Return the households that are still entered in a building on a day; 0 for callers who see no persons."""
    rows = select(func.count()).select_from(Household).where(Household.building_id == building_id)
    visible = Household.valid.contains(day), row_filter.visible(caller, Household)
    return session.scalar(rows.where(*visible)) or 0


def _select_buildings(caller: Caller, day: SubdistrictDay) -> AnySelect:
    """Select the columns of `BuildingRow`."""
    counts = grids_in_force.select_resident_household_counts(caller, day).subquery()
    located = grids_in_force.select_building_grids(caller, day)
    return (
        select(Building.id, Building.subdistrict_id, Building.community_id, Building.code, Building.name)
        .add_columns(Building.address, Building.use, Courtyard.name.label("courtyard"), Building.levels)
        .add_columns(func.lower(Building.valid).label("first"), func.upper(Building.valid).label("end"))
        .add_columns(counts.c.households, counts.c.as_of.label("counted_on"), Grid.code.label("grid"))
        .add_columns(geojson_column(Building.geometry))
        .outerjoin(counts, counts.c.building_id == Building.id)
        .outerjoin(located, located.c.building_id == Building.id)
        .outerjoin(Grid, and_(Grid.id == located.c.grid_id, _stands(day)))
        .outerjoin(Courtyard, Courtyard.id == Building.courtyard_id)
        .where(scope_filter.in_scope_communities(caller, Building))
    )


def _stands(day: SubdistrictDay) -> ColumnElement[bool]:
    stands: ColumnElement[bool] = Building.valid.contains(day.date)
    return stands


def _building_row(row: AnyRow) -> BuildingRow:
    return BuildingRow(**row._asdict())
