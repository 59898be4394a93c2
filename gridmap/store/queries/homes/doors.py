"""Dwellings of a building by unit and floor, without names of persons."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, Integer, case, distinct, func, or_, select, text
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import Occupancy, Residence
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import display_name_column
from gridmap.store.schema import Building, Dwelling, Household, Unit

WordT = TypeVar("WordT", Occupancy, Residence)


@dataclass(frozen=True)
class HomeBuilding:
    """A building whose homes the caller sees."""

    id: int
    subdistrict_id: int
    community_id: int
    display_name: str
    code: str
    levels: float | None


@dataclass(frozen=True)
class BuildingHomes:
    """A building with its numbers of dwellings, of those with a household today, and of households without a door."""

    id: int
    display_name: str
    code: str
    dwellings: int
    recorded: int
    vacant: int
    doorless: int


@dataclass(frozen=True)
class DoorRow:
    """A dwelling, with what is known of the households behind its door today."""

    id: int
    unit: str | None
    floor: int | None
    number: str
    vacant: bool
    occupancies: frozenset[Occupancy]
    residences: frozenset[Residence]
    households: int


def find_building(session: Session, caller: Caller, building_id: int) -> HomeBuilding | None:
    """Return a present building whose homes the caller sees, or None."""
    columns = Building.id, Building.subdistrict_id, Building.community_id, display_name_column()
    rows = select(*columns, Building.code, Building.levels)
    row = session.execute(rows.where(Building.id == building_id, *_own_buildings(caller))).first()
    return HomeBuilding(*row) if row else None


def list_building_homes(
    session: Session, caller: Caller, words: str, limit: int, offset: int = 0
) -> Sequence[BuildingHomes]:
    """Return the buildings whose name, address or code contains some words, with the numbers of their homes."""
    has_household = (
        select(Household.id)
        .where(Household.dwelling_id == Dwelling.id, Household.valid.contains(func.today()))
        .where(row_filter.visible(caller, Household))
        .exists()
    )
    doors = (
        select(Dwelling.building_id, func.count().label("dwellings"))
        .add_columns(func.count(case((has_household, 1))).label("recorded"))
        .add_columns(func.count(case((Dwelling.vacant & ~has_household, 1))).label("vacant"))
        .where(row_filter.visible(caller, Dwelling))
        .group_by(Dwelling.building_id)
        .subquery()
    )
    doorless = (
        select(Household.building_id, func.count().label("households"))
        .where(Household.dwelling_id.is_(None), Household.valid.contains(func.today()))
        .where(row_filter.visible(caller, Household))
        .group_by(Household.building_id)
        .subquery()
    )
    counts = (func.coalesce(doors.c[name], 0, type_=Integer) for name in ("dwellings", "recorded", "vacant"))
    rows = (
        select(Building.id, display_name_column(), Building.code, *counts)
        .add_columns(func.coalesce(doorless.c.households, 0, type_=Integer))
        .outerjoin(doors, doors.c.building_id == Building.id)
        .outerjoin(doorless, doorless.c.building_id == Building.id)
        .where(*_own_buildings(caller), _has_words(words))
        .order_by(func.length(Building.name), Building.name, Building.code)
    )
    return [BuildingHomes(*row) for row in session.execute(rows.limit(limit).offset(offset))]


def list_doors(session: Session, caller: Caller, building_id: int) -> Sequence[DoorRow]:
    """Return the dwellings of a building, by unit, floor and number."""
    today = Household.valid.contains(func.today())
    of_door = (Household.dwelling_id == Dwelling.id) & today & row_filter.visible(caller, Household)
    rows = (
        select(Dwelling.id, Unit.name, Dwelling.floor, Dwelling.number, Dwelling.vacant)
        .add_columns(func.array_agg(distinct(Household.occupancy)), func.array_agg(distinct(Household.residence)))
        .add_columns(func.count(Household.id))
        .outerjoin(Unit, (Unit.id == Dwelling.unit_id) & row_filter.visible(caller, Unit))
        .outerjoin(Household, of_door)
        .where(Dwelling.building_id == building_id, row_filter.visible(caller, Dwelling))
        .group_by(Dwelling.id, Unit.id)
        .order_by(func.length(Unit.name), Unit.name, Dwelling.floor, func.length(Dwelling.number), Dwelling.number)
    )
    return [
        DoorRow(row[0], row[1], row[2], row[3], row[4], _known(Occupancy, row[5]), _known(Residence, row[6]), row[7])
        for row in session.execute(rows)
    ]


def _known(words: type[WordT], values: Sequence[str | None]) -> frozenset[WordT]:
    return frozenset(words(value) for value in values if value is not None)


def _own_buildings(caller: Caller) -> tuple[ColumnElement[bool], ...]:
    own = Building.id.in_(select(text("my_buildings()")))
    return own, row_filter.visible(caller, Building), Building.valid.contains(func.today())


def _has_words(words: str) -> ColumnElement[bool]:
    pattern = f"%{words.replace('%', '').replace('_', '')}%"
    return or_(*(column.ilike(pattern) for column in (Building.name, Building.address, Building.code)))
