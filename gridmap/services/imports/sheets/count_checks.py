"""Counts that contradict: warnings with both numbers; what is true, people find out."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import HouseholdKind
from gridmap.formats.sheets.values import RowProblem
from gridmap.services.imports.sheets.homes import HouseholdKey
from gridmap.services.imports.sheets.plan import ImportContext
from gridmap.store.queries.imports.buildings import count_homes, list_newest_counts

PERSONS_DIFFER = N_("the household has {stated} persons by 户内人数, and {count} rows of the sheet")
STATED_TWICE = N_("户内人数 of this household is {stated} here and {earlier} in row {row}")
KINDS_MIXED = N_(
    "{column} is {kind} here and {usual} in {count} rows, for other buildings; rows with {kind}: {rows}. Numbers of "
    "grids have one kind only: count every building by each kind"
)
MAX_NAMED_ROWS = 8
HOMES: Mapping[str, tuple[str, str]] = {
    HouseholdKind.DWELLING.value: (
        N_("the sheet says {stated} dwellings, and the building has {count}"),
        N_("the building has {count} dwellings with this sheet, and {stated} by the count of {day}"),
    ),
    HouseholdKind.RESIDENT.value: (
        N_("the sheet says {stated} 常住户, and the building has {count}"),
        N_("the building has {count} 常住户 with this sheet, and {stated} by the count of {day}"),
    ),
    HouseholdKind.REGISTERED.value: (
        N_("the sheet says {stated} 户籍户, and the building has {count}"),
        N_("the building has {count} 户籍户 with this sheet, and {stated} by the count of {day}"),
    ),
}
"""Sentences by kind: for a sheet of counts, and for a sheet of dwellings."""


def check_mixed_kinds(
    rows: Iterable[tuple[int, int, str, object]], numbers: Sequence[int], column: str, titles: Mapping[str, str]
) -> list[RowProblem]:
    """Compare the buildings that are counted by each kind of households.

    Parameters
    ----------
    rows : iterable of (int, int, str, object)
        Position of each row, its building, its kind, and its number.
    numbers : sequence of int
        Number of each row in the sheet, by position.
    column : str
        Title of the column of the kind.
    titles : mapping of str to str
        Title of each kind.

    Returns
    -------
    list of RowProblem
        A warning at the first row of each kind that counts other buildings than the most frequent kind does; it names
        the rows. Buildings that are counted by both kinds are no mixture.

    Examples
    --------
    >>> rows = [(0, 7, "resident", 30), (1, 8, "resident", 20), (2, 9, "dwelling", 25)]
    >>> (warning,) = check_mixed_kinds(rows, [2, 3, 4], "户数类型", {"resident": "常住户", "dwelling": "房屋套数"})
    >>> warning.row, str(warning.message).split(";")[0]
    (2, '户数类型 is 房屋套数 here and 常住户 in 2 rows, for other buildings')
    """
    by_kind: dict[str, list[tuple[int, int]]] = {}
    for row, building_id, kind, _ in rows:
        by_kind.setdefault(kind, []).append((row, building_id))
    usual = max(by_kind, key=lambda kind: len(by_kind[kind]), default="")
    known = {building_id for _, building_id in by_kind.get(usual, ())}
    problems = []
    for kind, counted in by_kind.items():
        if {building_id for _, building_id in counted} <= known:
            continue
        named = [str(numbers[row]) for row, _ in counted[:MAX_NAMED_ROWS]]
        more = ["…"] if len(counted) > MAX_NAMED_ROWS else []
        values = {"column": column, "kind": titles[kind], "usual": titles[usual], "count": len(by_kind[usual])}
        message = Message(KINDS_MIXED, {**values, "rows": ", ".join([*named, *more])})
        problems.append(RowProblem(counted[0][0], message, "count_kind", is_warning=True))
    return problems


def check_household_sizes(rows: Iterable[tuple[int, HouseholdKey, object]], numbers: Sequence[int]) -> list[RowProblem]:
    """Compare the stated number of persons of each household with its rows.

    Parameters
    ----------
    rows : iterable of (int, HouseholdKey, object)
        Position of each row, its household, and the number that it states; None for none.
    numbers : sequence of int
        Number of each row in the sheet, by position.

    Returns
    -------
    list of RowProblem
        A warning at the first row of a household that states another number than its rows are, and one at each row
        that states another number than an earlier one.
    """
    listed = list(rows)
    counted = Counter(home for _, home, _ in listed)
    first: dict[HouseholdKey, tuple[int, int]] = {}
    problems = []
    for row, home, stated in listed:
        if not isinstance(stated, int):
            continue
        earlier_row, earlier = first.setdefault(home, (row, stated))
        if earlier != stated:
            values = {"stated": stated, "earlier": earlier, "row": numbers[earlier_row]}
            problems.append(_warning(row, STATED_TWICE, values, "household_size"))
        elif row == earlier_row and counted[home] != stated:
            values = {"stated": stated, "count": counted[home]}
            problems.append(_warning(row, PERSONS_DIFFER, values, "household_size"))
    return problems


def check_stated_counts(context: ImportContext, rows: Iterable[tuple[int, int, str, object]]) -> list[RowProblem]:
    """Compare the counts of a sheet with the dwellings and households that the buildings have, where they have any.

    Parameters
    ----------
    context : ImportContext
    rows : iterable of (int, int, str, object)
        Position of each row, its building, its kind and its count.
    """
    listed = list(rows)
    homes = count_homes(context.session, context.caller, sorted({building_id for _, building_id, *_ in listed}))
    problems = []
    for row, building_id, kind, stated in listed:
        count = homes.get((building_id, kind))
        if count is not None and count != stated:
            problems.append(_warning(row, HOMES[kind][0], {"stated": stated, "count": count}, "households"))
    return problems


def check_listed_homes(
    context: ImportContext, counts: Mapping[tuple[int, str], int], row_of: Mapping[int, int]
) -> list[RowProblem]:
    """Compare the dwellings and households that buildings have after an import with their newest counts.

    Parameters
    ----------
    context : ImportContext
    counts : mapping
        Dwellings and households by building and kind.
    row_of : mapping of int to int
        First row of each building.
    """
    problems = []
    for stated in list_newest_counts(context.session, context.caller, sorted(row_of)):
        count = counts.get((stated.building_id, stated.kind))
        if count is not None and count != stated.households:
            values = {"count": count, "stated": stated.households, "day": stated.as_of}
            problems.append(_warning(row_of[stated.building_id], HOMES[stated.kind][1], values, "door"))
    return problems


def _warning(row: int, template: str, values: Mapping[str, object], field_name: str) -> RowProblem:
    return RowProblem(row, Message(template, values), field_name, is_warning=True)
