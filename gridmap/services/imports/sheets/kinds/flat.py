"""Sheets whose rows are rows of one table: found by key columns, compared in the others."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import shapely

from gridmap.core.errors import N_, Message
from gridmap.core.text_comparison import fold_text
from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.contradictions import Offer, SourceCheck
from gridmap.services.imports.sheets.places import locate_rows
from gridmap.services.imports.sheets.plan import Difference, ImportContext, SheetPlan
from gridmap.services.imports.sheets.rows import list_cells, list_sound_rows
from gridmap.store.queries.imports.flat_tables import list_flat_rows
from gridmap.store.schema import Base, Facility, Organisation, Shop
from gridmap.store.writes.imports.rows import end_rows, insert_rows, update_rows

REPEATED = N_("the same is in row {row} already")
SEVERAL_ROWS = N_("several in the database are alike: give the building or the coordinates")

Columns = dict[str, list[object]]


@dataclass(frozen=True)
class FlatTable:
    """Table that a sheet describes row by row.

    Parameters
    ----------
    table : mapped class
    key : tuple of str
        Columns that a row is found by.
    values : tuple of str
        Columns that are compared.
    constant : mapping
        Columns of new rows with one value.
    ends : bool
        Whether rows that no longer appear end on the day of the sheet.
    """

    table: type[Base]
    key: tuple[str, ...]
    values: tuple[str, ...]
    ends: bool = True


@dataclass(frozen=True, eq=False)
class FlatRows:
    """Rows of a sheet as columns of a table, without those that have a problem.

    Parameters
    ----------
    rows : list of int
        Position of each in the sheet.
    columns : mapping of str to list
    problems : list of RowProblem
        Those found while they were placed.
    """

    rows: list[int]
    columns: Columns
    problems: list[RowProblem]


SHOP = FlatTable(Shop, ("name", "building_id"), ("address", "weight"))
ORGANISATION = FlatTable(Organisation, ("name", "building_id"), ("kind",))
FACILITY = FlatTable(Facility, ("kind", "name", "building_id"), ("area_m2", "tenure"))


def plan_shops(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of shops."""
    return plan_flat(context, sheet, SHOP, _placed_rows(context, sheet, ("name", "address", "weight")))


def plan_organisations(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of organisations."""
    return plan_flat(context, sheet, ORGANISATION, _placed_rows(context, sheet, ("name", "kind")))


def plan_facilities(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of facilities."""
    return plan_flat(context, sheet, FACILITY, _placed_rows(context, sheet, ("kind", "name", "area_m2", "tenure")))


def _placed_rows(context: ImportContext, sheet: SheetRows, names: Sequence[str]) -> FlatRows:
    """Return rows with their place as columns of the table."""
    places = locate_rows(context, sheet.values, len(sheet))
    rows = list_sound_rows(sheet, places.problems)
    columns: Columns = {name: list_cells(sheet, name, rows) for name in names}
    columns |= {
        "building_id": [places.building_ids[row] for row in rows],
        "cell_id": [places.cell_ids[row] for row in rows],
        "geometry": [places.points[row] for row in rows],
        "valid": [context.period] * len(rows),
    }
    return FlatRows(rows, columns, places.problems)


def plan_flat(context: ImportContext, sheet: SheetRows, flat: FlatTable, given: FlatRows) -> SheetPlan:
    """Compare rows with those of a table, and return the plan.

    Parameters
    ----------
    context : ImportContext
    sheet : SheetRows
    flat : FlatTable
    given : FlatRows
    """
    problems = list(given.problems)
    names = (*flat.key, *flat.values)
    if point := "geometry" in given.columns:
        names = (*names, "geometry")
    present = list_flat_rows(context.session, context.caller, flat.table, context.subdistrict_id, names)
    matcher = _Matcher(flat, present, point=point)
    check = SourceCheck(context, flat.table.__tablename__)
    check.load(present)
    differences: list[Difference] = []
    positions: list[int] = []
    first: dict[tuple[object, ...], int] = {}
    for position, row in enumerate(given.rows):
        key = matcher.key({name: given.columns[name][position] for name in given.columns})
        candidates = matcher.find(key)
        if key in first or len(candidates) > 1:
            number = sheet.row_number(first.get(key, row))
            message = Message(REPEATED, {"row": number}) if key in first else Message(SEVERAL_ROWS)
            problems.append(RowProblem(row, message, flat.key[0]))
            continue
        first[key] = row
        positions.append(position)
        differences.append(_compare(flat, present, check, row, candidates, given.columns, position))
    all_sound = len(given.rows) == len(sheet) == len(positions)
    named = {each.row_id for each in differences}
    if flat.ends and all_sound:
        differences += [Difference(DifferenceKind.GONE, None, each) for each in present if each not in named]

    def apply() -> dict[int, int]:
        return _apply(context, flat, given.columns, list(zip(positions, differences, strict=False)))

    def end_gone(row_ids: Sequence[int]) -> None:
        end_rows(context.session, flat.table, row_ids, context.as_of)

    places = dict(zip(given.rows, given.columns.get("geometry", ()), strict=False))
    shapes = {row: each for row, each in places.items() if isinstance(each, shapely.Geometry)}
    end = end_gone if flat.ends else None
    return SheetPlan(flat.table.__tablename__, differences, problems, apply, end, shapes=shapes)


class _Matcher:
    """Present rows by key: in a building, or, where they are in none, at a point."""

    def __init__(self, flat: FlatTable, present: Mapping[int, tuple[object, ...]], *, point: bool) -> None:
        self._names, self._point = flat.key, point
        columns = (*flat.key, *flat.values, *(("geometry",) if point else ()))
        self._ids: dict[tuple[object, ...], list[int]] = defaultdict(list)
        for row_id, values in present.items():
            self._ids[self.key(dict(zip(columns, values, strict=True)))].append(row_id)

    def key(self, values: Mapping[str, object]) -> tuple[object, ...]:
        """Return the key of a row; names are folded, and points rounded to about a metre."""
        key = tuple(fold_text(value) if isinstance(value := values[name], str) else value for name in self._names)
        if self._point and values.get("building_id") is None:
            return (*key, _rounded(values["geometry"]))
        return key

    def find(self, key: tuple[object, ...]) -> list[int]:
        return self._ids.get(key, [])


def _rounded(geometry: object) -> tuple[float, float]:
    """Return a point, of shapely or of the database, in steps of about a metre."""
    shape = geometry if isinstance(geometry, shapely.Geometry) else shapely.from_wkb(str(getattr(geometry, "desc", "")))
    return round(shapely.get_x(shape), 5), round(shapely.get_y(shape), 5)


def _compare(  # noqa: PLR0913, PLR0917 - the row on both sides
    flat: FlatTable,
    present: Mapping[int, tuple[object, ...]],
    check: SourceCheck,
    row: int,
    candidates: Sequence[int],
    columns: Columns,
    position: int,
) -> Difference:
    if not candidates:
        return Difference(DifferenceKind.NEW, row)
    row_id = candidates[0]
    own = dict(zip((*flat.key, *flat.values), present[row_id], strict=False))
    offers = [
        Offer(name, {name: value})
        for name in flat.values
        if (value := columns[name][position]) is not None and value != own[name]
    ]
    changed, kind = check.sort(row_id, offers, {name: own[name] is not None for name in flat.values})
    return Difference(kind, row, row_id, tuple(changed))


def _apply(
    context: ImportContext, flat: FlatTable, columns: Columns, rows: Sequence[tuple[int, Difference]]
) -> dict[int, int]:
    """Write the rows, each with its position; return the keys of new ones by their row in the sheet."""
    new = [position for position, each in rows if each.kind is DifferenceKind.NEW]
    inserted: dict[str, Sequence[object]] = {"subdistrict_id": [context.subdistrict_id] * len(new)}
    inserted |= {name: [values[position] for position in new] for name, values in columns.items()}
    ids = insert_rows(context.session, context.caller, flat.table, inserted)
    together: dict[tuple[str, ...], list[tuple[int, int]]] = defaultdict(list)
    for position, each in rows:
        if each.kind is DifferenceKind.CHANGED and each.row_id is not None:
            together[each.fields].append((position, each.row_id))
    for fields, changed in together.items():  # in one statement, as a check may compare them
        names = (*fields, *(("source",) if "source" in columns else ()))
        values = {name: [columns[name][position] for position, _ in changed] for name in names}
        update_rows(context.session, flat.table, [row_id for _, row_id in changed], values)
    new_rows = [each.row for _, each in rows if each.kind is DifferenceKind.NEW]
    return {row: row_id for row, row_id in zip(new_rows, ids, strict=True) if row is not None}
