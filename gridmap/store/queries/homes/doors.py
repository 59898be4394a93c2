"""Dwellings of a building by unit and floor, without names of persons."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

from sqlalchemy import ColumnElement, case, distinct, func, or_, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import Occupancy, Residence
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import display_name_column, present_day
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
    rows = (
        select(Building.id, display_name_column(), Building.code)
        .where(*_own_buildings(caller), _has_words(words))
        .order_by(func.length(Building.name), Building.name, Building.code, Building.id)
    )
    buildings = session.execute(rows.limit(limit).offset(offset)).all()
    counts = _count_homes(session, caller, [row[0] for row in buildings])
    return [BuildingHomes(row[0], row[1], row[2], *counts.get(row[0], (0, 0, 0, 0))) for row in buildings]


def _count_homes(
    session: Session, caller: Caller, building_ids: Sequence[int]
) -> Mapping[int, tuple[int, int, int, int]]:
    """Return dwellings, those with a household, vacant ones, and households without a door, of a page of buildings."""
    present = Household.valid.contains(present_day()), row_filter.visible(caller, Household)
    households = (
        select(Household.building_id, Household.dwelling_id)
        .where(Household.building_id.in_(building_ids), *present)
        .cte("households")
    )
    lived_in = select(households.c.dwelling_id).where(households.c.dwelling_id.is_not(None)).distinct().subquery()
    is_lived_in = lived_in.c.dwelling_id.is_not(None)
    doors = (
        select(Dwelling.building_id, func.count(), func.count(case((is_lived_in, 1))))
        .add_columns(func.count(case((Dwelling.vacant & ~is_lived_in, 1))))
        .outerjoin(lived_in, lived_in.c.dwelling_id == Dwelling.id)
        .where(Dwelling.building_id.in_(building_ids), row_filter.visible(caller, Dwelling))
        .group_by(Dwelling.building_id)
    )
    doorless_rows = select(households.c.building_id, func.count()).where(households.c.dwelling_id.is_(None))
    doorless = {row[0]: row[1] for row in session.execute(doorless_rows.group_by(households.c.building_id))}
    counts = {row[0]: (row[1], row[2], row[3], doorless.pop(row[0], 0)) for row in session.execute(doors)}
    return counts | {key: (0, 0, 0, count) for key, count in doorless.items()}


def list_doors(session: Session, caller: Caller, building_id: int) -> Sequence[DoorRow]:
    """Return the dwellings of a building, by unit, floor and number."""
    today = Household.valid.contains(present_day())
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
    own = row_filter.in_own_buildings(caller, row_filter.first_column(Building, "id"))
    return own, row_filter.visible(caller, Building), Building.valid.contains(present_day())


def _has_words(words: str) -> ColumnElement[bool]:
    pattern = f"%{words.replace('%', '').replace('_', '')}%"
    return or_(*(column.ilike(pattern) for column in (Building.name, Building.address, Building.code)))
