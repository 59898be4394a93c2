"""Doors and households that rows of a sheet name: found in the database, or planned and made."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from gridmap.core.addresses.address_parts import DoorAddress, door_label, unit_label
from gridmap.core.errors import N_, Message
from gridmap.services.imports.sheets.plan import ImportContext
from gridmap.store.queries.imports import people as people_queries
from gridmap.store.schema import Dwelling, Household, Unit
from gridmap.store.writes.imports.rows import insert_rows

SEVERAL_UNITS = N_("the building has several doors {door}: fill in 单元")


class DoorKey(NamedTuple):
    """Door of a building by its labels; without a number it is the whole building."""

    building_id: int
    unit: str | None = None
    door: str | None = None


class HouseholdKey(NamedTuple):
    """Household of a kind behind a door."""

    door: DoorKey
    kind: str


class Homes:
    """Units, dwellings and households of some buildings, those of the database and those that a sheet adds.

    Parameters
    ----------
    context : ImportContext
    building_ids : iterable of int
    """

    def __init__(self, context: ImportContext, building_ids: Iterable[int]) -> None:
        self._context = context
        ids = sorted(set(building_ids))
        session, caller = context.session, context.caller
        units = people_queries.list_units(session, caller, ids)
        self._units = {(each.building_id, unit_label(each.name)): each.id for each in units}
        labels = {each.id: unit_label(each.name) for each in units}
        self.dwellings: dict[DoorKey, people_queries.StoredDwelling] = {}
        self._doors: dict[tuple[int, str | None], set[DoorKey]] = defaultdict(set)
        door_of_dwelling: dict[int, DoorKey] = {}
        for each in people_queries.list_dwellings(session, caller, ids):
            unit = labels.get(each.unit_id) if each.unit_id else None
            key = DoorKey(each.building_id, unit, door_label(each.number))
            self.dwellings[key] = each
            door_of_dwelling[each.id] = key
            self._doors[each.building_id, key.door].add(key)
        self.households: dict[HouseholdKey, int] = {}
        for household in people_queries.list_households(session, caller, ids):
            door = door_of_dwelling.get(household.dwelling_id or 0, DoorKey(household.building_id))
            self.households.setdefault(HouseholdKey(door, household.kind), household.id)
        self._dwelling_ids = {key: row.id for key, row in self.dwellings.items()}

    def find_door(self, building_id: int, unit: object, door: object, parsed: DoorAddress | None) -> DoorKey | Message:
        """Return the key of a door, or what has to be filled in; the address says what the columns do not."""
        unit_text = unit_label(str(unit)) if unit else parsed.unit if parsed else None
        door_text = door_label(str(door)) if door else parsed.number if parsed else None
        if door_text is None or unit_text is not None:
            return DoorKey(building_id, unit_text if door_text else None, door_text)
        known = self._doors.get((building_id, door_text), set())
        if len(known) > 1:
            return Message(SEVERAL_UNITS, {"door": door_text})
        return next(iter(known)) if known else DoorKey(building_id, None, door_text)

    def make_dwellings(self, doors: Iterable[DoorKey], floors: Mapping[DoorKey, int | None]) -> None:
        """Insert the units and dwellings that are missing."""
        missing = [each for each in dict.fromkeys(doors) if each.door and each not in self._dwelling_ids]
        self._make_units(missing)
        columns: dict[str, Sequence[object]] = {
            "subdistrict_id": [self._context.subdistrict_id] * len(missing),
            "building_id": [each.building_id for each in missing],
            "unit_id": [self._units.get((each.building_id, each.unit)) if each.unit else None for each in missing],
            "number": [each.door for each in missing],
            "floor": [floors.get(each) for each in missing],
        }
        ids = insert_rows(self._context.session, self._context.caller, Dwelling, columns)
        self._dwelling_ids.update(zip(missing, ids, strict=True))

    def _make_units(self, doors: Iterable[DoorKey]) -> None:
        keys = dict.fromkeys((each.building_id, each.unit) for each in doors if each.unit)
        missing = [key for key in keys if key not in self._units]
        columns: dict[str, Sequence[object]] = {
            "subdistrict_id": [self._context.subdistrict_id] * len(missing),
            "building_id": [building_id for building_id, _ in missing],
            "name": [f"{unit}单元" if str(unit).isalnum() and str(unit).isascii() else unit for _, unit in missing],
        }
        ids = insert_rows(self._context.session, self._context.caller, Unit, columns)
        self._units.update(zip(missing, ids, strict=True))

    def make_households(self, keys: Iterable[HouseholdKey]) -> None:
        """Insert the households that are missing, with their units and dwellings, from the day of the sheet on."""
        missing = [key for key in dict.fromkeys(keys) if key not in self.households]
        self.make_dwellings((key.door for key in missing), {})
        columns: dict[str, Sequence[object]] = {
            "subdistrict_id": [self._context.subdistrict_id] * len(missing),
            "building_id": [key.door.building_id for key in missing],
            "dwelling_id": [self._dwelling_ids.get(key.door) for key in missing],
            "kind": [key.kind for key in missing],
            "source": [self._context.source] * len(missing),
            "valid": [self._context.period] * len(missing),
        }
        ids = insert_rows(self._context.session, self._context.caller, Household, columns)
        self.households.update(zip(missing, ids, strict=True))

    def dwelling_id(self, door: DoorKey) -> int | None:
        """Return the key of a dwelling; None for a whole building, or one that is not there."""
        return self._dwelling_ids.get(door)
