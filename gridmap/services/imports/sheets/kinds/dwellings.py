"""Dwellings and households: found by building, unit and number on the door."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import DifferenceKind, HouseholdKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.contradictions import Offer, SourceCheck
from gridmap.services.imports.sheets.count_checks import check_listed_homes
from gridmap.services.imports.sheets.homes import DoorKey, Homes, HouseholdKey
from gridmap.services.imports.sheets.places import match_buildings
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.store.schema import Dwelling, Household
from gridmap.store.writes.imports.rows import end_rows, update_rows

NO_DOOR = N_("it has no number on the door: fill in 房号, or an address with it")
REPEATED = N_("the same door and kind are in row {row} already")


@dataclass(frozen=True)
class ListedDoor:
    """A row of the sheet: its door, the kind of its household, and its floor."""

    row: int
    door: DoorKey
    kind: str | None
    floor: int | None


def plan_dwellings(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of dwellings with those of the database."""
    places = match_buildings(context, sheet.values, len(sheet))
    homes = Homes(context, (each for each in places.building_ids if each is not None))
    problems = list(places.problems)
    wrong = {each.row for each in (*sheet.problems, *problems) if not each.is_warning}
    rows = _read_rows(
        sheet,
        homes,
        [None if n in wrong else each for n, each in enumerate(places.building_ids)],
        places.doors,
        problems,
    )
    is_whole = not wrong and len(problems) == len(places.problems)
    problems += check_listed_homes(context, _count_homes(homes, rows), _first_rows(rows))
    check = SourceCheck(context, "dwelling")
    check.load(homes.dwellings[row.door].id for row in rows if row.door in homes.dwellings)
    differences = [_compare(homes, check, row) for row in rows]
    if is_whole and any(row.kind for row in rows):
        differences += _gone(homes, rows)

    def apply() -> dict[int, int]:
        homes.make_dwellings((row.door for row in rows), {row.door: row.floor for row in rows})
        homes.make_households(HouseholdKey(row.door, row.kind) for row in rows if row.kind)
        changed = [row for row, difference in zip(rows, differences, strict=False) if "floor" in difference.fields]
        changed = [row for row in changed if row.door in homes.dwellings]
        ids = [homes.dwellings[row.door].id for row in changed]
        update_rows(context.session, Dwelling, ids, {"floor": [row.floor for row in changed]})
        return {row.row: row_id for row in rows if (row_id := homes.dwelling_id(row.door)) is not None}

    def end_gone(household_ids: Sequence[int]) -> None:
        end_rows(context.session, Household, household_ids, context.as_of)

    return SheetPlan("household", differences, problems, apply, end_gone, compared_table="dwelling")


def _first_rows(rows: Sequence[ListedDoor]) -> dict[int, int]:
    """Return the first row of each building."""
    first: dict[int, int] = {}
    for each in rows:
        first.setdefault(each.door.building_id, each.row)
    return first


def _count_homes(homes: Homes, rows: Sequence[ListedDoor]) -> Counter[tuple[int, str]]:
    """Count the dwellings and the households of each building, those of the database and those of the sheet."""
    doors = {*homes.dwellings, *(row.door for row in rows)}
    households = {*homes.households, *(HouseholdKey(row.door, row.kind) for row in rows if row.kind)}
    counted = Counter((door.building_id, HouseholdKind.DWELLING.value) for door in doors)
    return counted + Counter((each.door.building_id, each.kind) for each in households)


def _read_rows(
    sheet: SheetRows,
    homes: Homes,
    building_ids: Sequence[int | None],
    addresses: Sequence[object],
    problems: list[RowProblem],
) -> list[ListedDoor]:
    empty: Sequence[object] = [None] * len(sheet)
    cells = [sheet.values.get(name, empty) for name in ("unit", "door", "household_kind", "floor")]
    first: dict[tuple[DoorKey, object], int] = {}
    rows = []
    for row, (unit, door, kind, floor) in enumerate(zip(*cells, strict=True)):
        building_id = building_ids[row]
        if building_id is None:
            continue
        found = homes.find_door(building_id, unit, door, addresses[row])  # type: ignore[arg-type]  # cells of a sheet are objects; its columns were checked
        if isinstance(found, DoorKey) and found.door is None:
            found = Message(NO_DOOR)
        elif isinstance(found, DoorKey) and (found, kind) in first:
            found = Message(REPEATED, {"row": sheet.row_number(first[found, kind])})
        if isinstance(found, Message):
            problems.append(RowProblem(row, found, "door"))
            continue
        first[found, kind] = row
        kind_name, storey = None if kind is None else str(kind), floor if isinstance(floor, int) else None
        rows.append(ListedDoor(row, found, kind_name, storey))
    return rows


def _compare(homes: Homes, check: SourceCheck, row: ListedDoor) -> Difference:
    present = homes.dwellings.get(row.door)
    if present is None or (row.kind and HouseholdKey(row.door, row.kind) not in homes.households):
        return Difference(DifferenceKind.NEW, row.row)
    differs = row.floor is not None and present.floor != row.floor
    offers = [Offer("floor", {"floor": row.floor})] if differs else []
    changed, kind = check.sort(present.id, offers, {"floor": present.floor is not None})
    return Difference(kind, row.row, present.id, tuple(changed))


def _gone(homes: Homes, rows: Sequence[ListedDoor]) -> list[Difference]:
    """Return the households of kinds and buildings in the sheet whose door no row names."""
    named = {HouseholdKey(row.door, row.kind) for row in rows if row.kind}
    kinds, buildings = {row.kind for row in rows}, {row.door.building_id for row in rows}
    return [
        Difference(DifferenceKind.GONE, None, household_id)
        for key, household_id in homes.households.items()
        if key not in named and key.kind in kinds and key.door.building_id in buildings
    ]
