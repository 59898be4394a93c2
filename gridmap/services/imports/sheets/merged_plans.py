"""Plans of a sheet whose rows have a count each in several columns, as one plan."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.plan import Difference, SheetPlan


def merge_plans(table: str, plans: Sequence[SheetPlan], problems: Iterable[RowProblem]) -> SheetPlan:
    """Return one plan of several: a difference for each row and kind, and each problem once.

    The key of a row is that of the first plan that has one.
    """
    found = list(problems)
    for each in (problem for plan in plans for problem in plan.problems):
        if each not in found:
            found.append(each)

    def apply() -> Mapping[int, int]:
        written = [plan.apply() for plan in plans]
        return {row: key for keys in reversed(written) for row, key in keys.items()}

    return SheetPlan(table, _merge_differences(plans), found, apply)


def _merge_differences(plans: Sequence[SheetPlan]) -> list[Difference]:
    by_row: dict[int | None, list[Difference]] = defaultdict(list)
    for each in (difference for plan in plans for difference in plan.differences):
        merged = by_row[each.row]
        place = next((place for place, other in enumerate(merged) if _is_same(each, other)), None)
        if place is None:
            merged.append(each)
        else:
            merged[place] = replace(merged[place], fields=(*merged[place].fields, *each.fields))
    return [each for row in sorted(by_row, key=lambda row: row or 0) for each in _leave_out_unchanged(by_row[row])]


def _is_same(one: Difference, other: Difference) -> bool:
    """Return whether two differences of a row are one; contradictions are decided by the keys of their rows."""
    is_decided_alone = one.kind is DifferenceKind.CONTRADICTION and None not in {one.row_id, other.row_id}
    return one.kind is other.kind and (not is_decided_alone or one.row_id == other.row_id)


def _leave_out_unchanged(differences: Sequence[Difference]) -> list[Difference]:
    """Return the differences of a row; what is unchanged tells only its key where something else differs."""
    others = [each for each in differences if each.kind is not DifferenceKind.UNCHANGED]
    unchanged = next((each for each in differences if each.kind is DifferenceKind.UNCHANGED), None)
    if not others or unchanged is None:
        return list(differences)
    return [replace(others[0], row_id=others[0].row_id or unchanged.row_id), *others[1:]]
