"""Sheets of counts of service groups by building: a column for each group of the subdistrict."""

from collections.abc import Iterator, Mapping
from dataclasses import replace

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message
from gridmap.formats.sheets.fields import SheetKind
from gridmap.formats.sheets.group_columns import make_count_kind, name_column
from gridmap.formats.sheets.sheet_rows import SheetRows
from gridmap.formats.sheets.territory_kinds import GROUP_COUNTS
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.kinds.flat import Columns, FlatRows, FlatTable, plan_flat
from gridmap.services.imports.sheets.memberships import explain_group_off
from gridmap.services.imports.sheets.merged_plans import merge_plans
from gridmap.services.imports.sheets.places import match_buildings
from gridmap.services.imports.sheets.plan import ImportContext, SheetPlan
from gridmap.services.imports.sheets.rows import list_cells, list_sound_rows
from gridmap.store.queries.people.service_groups import StoredGroup, list_groups
from gridmap.store.schema import ServiceGroupCount

KEY = "building_id", "service_group_id", "as_of"
GROUP_COUNT = FlatTable(ServiceGroupCount, KEY, ("persons",), ends=False)
NO_COUNT = N_("no number is given: a column has the name of a service group of the subdistrict, such as {known}")


def add_group_columns(
    session: Session, caller: Caller, subdistrict_id: int, kind: SheetKind, *, in_use_only: bool = False
) -> SheetKind:
    """Return a kind with a column for each service group of a subdistrict, if it is that of their counts."""
    if kind.name != GROUP_COUNTS.name:
        return kind
    groups = (each.group for each in list_groups(session, caller, subdistrict_id))
    return make_count_kind(each for each in groups if each.in_use or not in_use_only)


def plan_group_counts(context: ImportContext, sheet: SheetRows) -> SheetPlan:
    """Compare a sheet of counts of service groups; a count of the same building, group and day is corrected."""
    places = match_buildings(context, sheet.values, len(sheet))
    stored = list_groups(context.session, context.caller, context.subdistrict_id)
    groups = {name_column(each.group): each for each in stored}
    read = {name: each for name, each in groups.items() if name in sheet.choice.headers}
    problems = [*places.problems, *_find_problems(sheet, groups, read)]
    rows = list_sound_rows(sheet, problems)

    def plan_group(name: str, group_id: int) -> SheetPlan:
        counted = [row for row, count in zip(rows, list_cells(sheet, name, rows), strict=True) if count is not None]
        columns: Columns = {
            "building_id": [places.building_ids[row] for row in counted],
            "service_group_id": [group_id] * len(counted),
            "as_of": [day or context.as_of for day in list_cells(sheet, "counted_on", counted)],
            "persons": list_cells(sheet, name, counted),
            "source": [context.source] * len(counted),
        }
        return _name_column(plan_flat(context, sheet, GROUP_COUNT, FlatRows(counted, columns, [])), name)

    plans = [plan_group(name, each.id) for name, each in read.items() if each.group.in_use]
    merged = merge_plans(ServiceGroupCount.__tablename__, plans, problems, context.taken_keys)
    return replace(merged, value_columns={merged.table: "persons"})


def _find_problems(
    sheet: SheetRows, groups: Mapping[str, StoredGroup], read: Mapping[str, StoredGroup]
) -> Iterator[RowProblem]:
    """Yield the rows without a number, and those with a number of a group that takes nobody."""
    everything = range(len(sheet))
    columns = {name: list_cells(sheet, name, everything) for name in read}
    wrong = {each.row for each in sheet.problems if not each.is_warning}
    known = "、".join(each.group.name_zh for each in groups.values() if each.group.in_use)
    for row in everything:
        if row not in wrong and all(cells[row] is None for cells in columns.values()):
            yield RowProblem(row, Message(NO_COUNT, {"known": known}))
        for name, each in read.items():
            if columns[name][row] is not None and not each.group.in_use:
                yield RowProblem(row, explain_group_off(each), name)


def _name_column(plan: SheetPlan, name: str) -> SheetPlan:
    """Return a plan whose differences name the column of the sheet."""
    named = [each._replace(fields=(name,) if each.fields else ()) for each in plan.differences]
    return replace(plan, differences=named)
