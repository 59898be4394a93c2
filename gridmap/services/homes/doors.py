"""Doors of a building 楼栋户室图: dwellings by unit and floor, and new ones in bulk."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from itertools import groupby, product

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotFound
from gridmap.core.vocabulary import Occupancy, Residence
from gridmap.services.homes.sources import Origin, name_source, require_station
from gridmap.store.queries.homes import doors, households
from gridmap.store.queries.homes.doors import BuildingHomes, DoorRow, HomeBuilding
from gridmap.store.queries.homes.households import HouseholdRow
from gridmap.store.writes.homes import homes as home_writes

__all__ = [
    "BuildingHomes",
    "DoorRow",
    "HomeBuilding",
    "add_doors",
    "list_all_buildings",
    "list_buildings",
    "load_building",
]
MAX_NEW_DOORS = 2000
"""New dwellings of one form at most: a tower of 50 storeys with ten units of four doors."""
PAGE_SIZE = 50
MAX_EXPORTED = 20_000
"""Buildings of a file at most: more than a subdistrict has."""
TOO_MANY = N_("{count} dwellings are more than {maximum} at once: add one unit after another")
REVERSED = N_("the last number is below the first")
TAKEN = N_("the building has all of these dwellings already")
UNIT_NAME = "{number}单元"


class DoorState(StrEnum):
    """State of a door as it is drawn; of a household that lives elsewhere, only that is shown."""

    OWNER = "owner"
    TENANT = "tenant"
    LIVED_IN = "lived_in"
    ELSEWHERE = "elsewhere"
    VACANT = "vacant"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Door:
    """A door as it is drawn; `separate` tells of a household that lives here and is registered elsewhere."""

    id: int
    number: str
    floor: int | None
    state: DoorState
    households: int
    separate: bool


@dataclass(frozen=True)
class UnitDoors:
    """Doors of a unit: floors from the top down, each with its doors by number; `name` is None without units."""

    name: str | None
    floors: Sequence[tuple[int | None, Sequence[Door]]]


@dataclass(frozen=True)
class BuildingDoors:
    """A building with its units, the number of doors by state, and households whose door is not known."""

    building: HomeBuilding
    units: Sequence[UnitDoors]
    counts: Mapping[DoorState, int]
    separate: int
    doorless: Sequence[HouseholdRow]


@dataclass(frozen=True)
class DoorsRequest:
    """Dwellings to add: units (None for a building without), floors, and numbers of doors on each floor."""

    units: tuple[int, int] | None
    floors: tuple[int, int]
    doors: tuple[int, int]


def list_buildings(session: Session, caller: Caller, words: str, page: int) -> Sequence[BuildingHomes]:
    """Return a page of the caller's buildings with their homes; one more than `PAGE_SIZE` if there are more."""
    return doors.list_building_homes(session, caller, words.strip(), PAGE_SIZE + 1, (page - 1) * PAGE_SIZE)


def list_all_buildings(session: Session, caller: Caller, words: str) -> Sequence[BuildingHomes]:
    """Return the caller's buildings with their homes for a file, at most `MAX_EXPORTED`."""
    return doors.list_building_homes(session, caller, words.strip(), MAX_EXPORTED, 0)


def load_building(session: Session, caller: Caller, building_id: int) -> BuildingDoors:
    """Return the doors of a building as they are drawn, without anything personal.

    Raises
    ------
    NotFound
        If it is not one of the caller's buildings.
    """
    building = _get_building(session, caller, building_id)
    rows = doors.list_doors(session, caller, building_id)
    drawn = [(row.unit, _draw(row)) for row in rows]
    by_unit = groupby(drawn, lambda each: each[0])
    units = [UnitDoors(name, _by_floor([door for _, door in group])) for name, group in by_unit]
    return BuildingDoors(
        building,
        units,
        Counter(door.state for _, door in drawn),
        sum(door.separate for _, door in drawn),
        households.list_doorless(session, caller, building_id),
    )


def add_doors(session: Session, caller: Caller, building_id: int, request: DoorsRequest, origin: Origin) -> int:
    """Add the dwellings of units and floors that a building does not have yet, and return their number.

    Raises
    ------
    InvalidInput
        If a range is reversed, there are too many, the building has all of them, or the source is missing.
    NotFound
        If the caller does not keep the homes of the building.
    """
    require_station(caller, building_id)
    building = _get_building(session, caller, building_id)
    if faults := list(_request_faults(request)):
        raise InvalidInput(faults)
    name_source(session, origin, building.subdistrict_id)
    names = [UNIT_NAME.format(number=number) for number in _numbers(request.units)] if request.units else []
    units = home_writes.ensure_units(session, caller, building, names)
    unit_ids: list[int | None] = [units[name] for name in names] if names else [None]
    places = product(unit_ids, _numbers(request.floors), _numbers(request.doors))
    rows = [{"unit_id": unit, "floor": floor, "number": f"{floor}{door:02d}"} for unit, floor, door in places]
    added = home_writes.insert_dwellings(session, caller, building, rows)
    if not added:
        raise InvalidInput([InputFault(Message(TAKEN), column="first_floor")])
    return added


def _request_faults(request: DoorsRequest) -> Iterator[InputFault]:
    ranges = {"unit": request.units or (1, 1), "floor": request.floors, "door": request.doors}
    for name, (first, last) in ranges.items():
        if last < first:
            yield InputFault(Message(REVERSED), column=f"last_{name}")
    count = 1
    for first, last in ranges.values():
        count *= max(last - first + 1, 0)
    if count > MAX_NEW_DOORS:
        yield InputFault(Message(TOO_MANY, {"count": count, "maximum": MAX_NEW_DOORS}), column="last_floor")


def _numbers(ends: tuple[int, int]) -> range:
    return range(ends[0], ends[1] + 1)


def _get_building(session: Session, caller: Caller, building_id: int) -> HomeBuilding:
    building = doors.find_building(session, caller, building_id)
    if building is None:
        raise NotFound(building_id)
    return building


def _by_floor(unit: Sequence[Door]) -> Sequence[tuple[int | None, Sequence[Door]]]:
    """Return the doors of a unit by floor, the top floor first and doors without a floor last."""
    floors = {door.floor for door in unit}
    ordered = sorted(floors, key=lambda floor: (floor is None, -(floor or 0)))
    return [(floor, [door for door in unit if door.floor == floor]) for floor in ordered]


def _draw(row: DoorRow) -> Door:
    separate = bool(row.residences & {Residence.REGISTERED_ELSEWHERE, Residence.LIVES_ELSEWHERE})
    return Door(row.id, row.number, row.floor, _door_state(row), row.households, separate)


def _door_state(row: DoorRow) -> DoorState:
    if row.households == 0:
        return DoorState.VACANT if row.vacant else DoorState.UNKNOWN
    if row.residences == {Residence.LIVES_ELSEWHERE} and not row.occupancies & {Occupancy.TENANT}:
        return DoorState.ELSEWHERE
    if Occupancy.TENANT in row.occupancies:
        return DoorState.TENANT
    return DoorState.OWNER if Occupancy.OWNER in row.occupancies else DoorState.LIVED_IN
