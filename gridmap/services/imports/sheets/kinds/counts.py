"""Sheets of counts by building: households, persons, and persons of 60 and older."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import DifferenceKind, PopulationKind
from gridmap.formats.sheets.place_fields import COUNT_KINDS
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.count_checks import check_mixed_kinds, check_stated_counts
from gridmap.services.imports.sheets.kinds.flat import Columns, FlatRows, FlatTable, plan_flat
from gridmap.services.imports.sheets.merged_plans import merge_plans
from gridmap.services.imports.sheets.places import match_buildings
from gridmap.services.imports.sheets.plan import ImportContext, SheetPlan
from gridmap.services.imports.sheets.rows import list_cells, list_sound_rows
from gridmap.store.schema import HouseholdCount, PopulationCount

KIND_TITLES = {word: spelling for spelling, word in reversed(list(COUNT_KINDS.items()))}
NAMED_ROWS = (DifferenceKind.UNCHANGED, DifferenceKind.CHANGED)
KEY = "building_id", "kind", "as_of"
HOUSEHOLD_COUNT = FlatTable(HouseholdCount, KEY, ("households", "low", "high", "estimated"), ends=False)
POPULATION_COUNT = FlatTable(PopulationCount, KEY, ("persons",), ends=False)
NO_COUNT = N_("no number is given: fill in {households}, {residents} or {residents_60}")
MORE_THAN_ALL = N_("{part} persons of 60 and older are more than the {residents} persons")


def plan_household_counts(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of counts of households and persons; a count of the same kind and day is corrected."""
    places = match_buildings(context, sheet.values, len(sheet))
    problems = [*places.problems, *_find_problems(sheet)]
    rows = list_sound_rows(sheet, problems)

    def plan_counts(table: FlatTable, field: str, kinds: Sequence[object]) -> SheetPlan:
        counted = [row for row, count in zip(rows, list_cells(sheet, field, rows), strict=True) if count is not None]
        counts, days = list_cells(sheet, field, counted), list_cells(sheet, "counted_on", counted)
        columns: Columns = {
            "building_id": [places.building_ids[row] for row in counted],
            "kind": [kinds[row] for row in counted],
            "as_of": [day or context.as_of for day in days],
            **_count_columns(table, counts),
            "source": [context.source] * len(counted),
        }
        return plan_flat(context, sheet, table, FlatRows(counted, columns, []))

    household_kinds = list_cells(sheet, "count_kind", range(len(sheet)))
    households = zip(rows, list_cells(sheet, "households", rows), strict=True)
    stated = [
        (row, places.building_ids[row] or 0, str(household_kinds[row]), count)
        for row, count in households
        if count is not None
    ]
    problems += check_stated_counts(context, stated)
    numbers = [sheet.row_number(row) for row in range(len(sheet))]
    problems += check_mixed_kinds(stated, numbers, sheet.kind.title_of("count_kind"), KIND_TITLES)
    plans = [_name_households(plan_counts(HOUSEHOLD_COUNT, "households", household_kinds))]
    plans += [
        _name_fields(plan_counts(POPULATION_COUNT, kind, [kind.value] * len(sheet)), kind) for kind in PopulationKind
    ]
    merged = merge_plans(plans[0].table, plans, problems, context.taken_keys)
    return replace(merged, value_columns={PopulationCount.__tablename__: "persons"})


def _count_columns(table: FlatTable, counts: Sequence[object]) -> Columns:
    if table is POPULATION_COUNT:
        return {"persons": list(counts)}
    limits: list[object] = [float(str(count)) for count in counts]
    return {"households": list(counts), "low": limits, "high": limits, "estimated": [False] * len(counts)}


def _find_problems(sheet: SheetRows) -> Iterator[RowProblem]:
    """Yield the rows without a number, and those whose numbers contradict each other."""
    everything = range(len(sheet))
    columns = {name: list_cells(sheet, name, everything) for name in ("households", *PopulationKind)}
    wrong = {each.row for each in sheet.problems if not each.is_warning}
    titles = {name: sheet.kind.title_of(name) for name in columns}
    for row in everything:
        residents, part = (columns[kind][row] for kind in PopulationKind)
        if row not in wrong and all(values[row] is None for values in columns.values()):
            yield RowProblem(row, Message(NO_COUNT, titles), "households")
        if isinstance(part, int) and isinstance(residents, int) and part > residents:
            yield RowProblem(row, Message(MORE_THAN_ALL, {"part": part, "residents": residents}), "residents_60")


def _name_households(plan: SheetPlan) -> SheetPlan:
    """Return a plan whose differences name the field of the sheet; the limits of a count follow from it."""
    named = [each._replace(fields=("households",) if each.fields else ()) for each in plan.differences]
    return replace(plan, differences=named)


def _name_fields(plan: SheetPlan, kind: PopulationKind) -> SheetPlan:
    """Return a plan whose differences name the field of the sheet; keys of counts of persons become negative.

    The key of a row of the sheet is that of its count of households, or the negative one of its count of persons.
    """

    def apply() -> Mapping[int, int]:
        return {row: -key for row, key in plan.apply().items()}

    named = [
        each._replace(
            row_id=-each.row_id if each.row_id and each.kind in NAMED_ROWS else None,
            fields=(kind.value,) if each.fields else (),
            compared=plan.key_of(each),
        )
        for each in plan.differences
    ]
    return replace(plan, differences=named, apply=apply)
