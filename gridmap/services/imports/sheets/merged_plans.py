"""Plans of a sheet whose rows have a count each in several columns, as one plan."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence

from gridmap.core.vocabulary import DifferenceKind
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.plan import Difference, SheetPlan


def merge_plans(
    table: str, plans: Sequence[SheetPlan], problems: Iterable[RowProblem], taken_keys: Collection[str]
) -> SheetPlan:
    """Return one plan of several: a difference for each row and kind, and each problem once.

    The key of a row is that of the first plan that has one. Contradictions stay single, also those that are decided by
    their keys.
    """
    found = list(problems)
    for each in (problem for plan in plans for problem in plan.problems):
        if each not in found:
            found.append(each)

    def apply() -> Mapping[int, int]:
        written = [plan.apply() for plan in plans]
        return {row: key for keys in reversed(written) for row, key in keys.items()}

    return SheetPlan(table, _merge_differences(plans, taken_keys), found, apply)


def _merge_differences(plans: Sequence[SheetPlan], taken_keys: Collection[str]) -> list[Difference]:
    by_row: dict[int | None, list[Difference]] = defaultdict(list)
    for each in (_name_row(plan, difference) for plan in plans for difference in plan.differences):
        merged = by_row[each.row]
        single = {place for place, other in enumerate(merged) if _is_single(other, taken_keys)}
        same = (place for place, other in enumerate(merged) if other.kind is each.kind and place not in single)
        place = None if _is_single(each, taken_keys) else next(same, None)
        if place is None:
            merged.append(each)
        else:
            merged[place] = merged[place]._replace(fields=(*merged[place].fields, *each.fields))
    return [each for row in sorted(by_row, key=lambda row: row or 0) for each in _leave_out_unchanged(by_row[row])]


def _is_single(difference: Difference, taken_keys: Collection[str]) -> bool:
    """Return whether a difference contradicts another source, or did so until it was decided."""
    return difference.kind is DifferenceKind.CONTRADICTION or str(difference.compared) in taken_keys


def _name_row(plan: SheetPlan, difference: Difference) -> Difference:
    """Return a difference that names its row with the table: the plans may have several."""
    return difference._replace(compared=plan.key_of(difference))


def _leave_out_unchanged(differences: Sequence[Difference]) -> list[Difference]:
    """Return the differences of a row; what is unchanged tells only its key where something else differs."""
    others = [each for each in differences if each.kind is not DifferenceKind.UNCHANGED]
    unchanged = next((each for each in differences if each.kind is DifferenceKind.UNCHANGED), None)
    if not others or unchanged is None:
        return list(differences)
    return [others[0]._replace(row_id=others[0].row_id or unchanged.row_id), *others[1:]]
