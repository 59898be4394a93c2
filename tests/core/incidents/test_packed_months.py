"""Packed months: grids of cells, borders and days, as they are counted."""

from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.array_types import IntArray
from gridmap.core.incidents import packed_months
from gridmap.core.incidents.packed_months import GridOfCells, PackedMonth, count_groups

KEYS = st.integers(1, 10**15)


def integers(*values: int) -> IntArray:
    return np.array(values, dtype=np.int64)


def pack(kind: str, *values: int) -> memoryview:
    return memoryview(np.array(values, dtype=kind).tobytes())


def month_of(
    *incidents: tuple[int, list[int]], left_out: tuple[int, ...] = (), streets: tuple[int, ...] = ()
) -> PackedMonth:
    """Pack incidents of the first of May, each a cell and its near cells."""
    number = len(incidents)
    cells = pack(">i8", *(cell for cell, _ in incidents))
    near_counts = pack(">i2", *(len(near) for _, near in incidents))
    near_cells = pack(">i8", *(each for _, near in incidents for each in near))
    kinds = pack(">i2", *[1] * number), pack(">i2", *[1] * number), pack(">i4", *[2**31 - 1] * number)
    return PackedMonth(
        date(2026, 5, 1), ["lamp"], *kinds, [cells, near_counts, near_cells, pack(">i8", *streets)], left_out
    )


@given(st.dictionaries(KEYS, st.integers(1, 5), min_size=1), st.lists(KEYS))
def test_the_grid_of_any_cell_is_found_near_or_far_apart(plan: dict[int, int], others: list[int]) -> None:
    grids = GridOfCells(integers(*plan), integers(*plan.values()))
    cells = [*plan, *others, 0]
    found = [grids.grid_ids[position] if position >= 0 else None for position in grids.find(integers(*cells))]
    assert found == [plan.get(cell) for cell in cells]


@pytest.mark.parametrize(("longest", "has_table"), [(10, True), (9, False)])
def test_keys_that_are_too_far_apart_have_no_table(
    monkeypatch: pytest.MonkeyPatch, longest: int, has_table: bool
) -> None:
    monkeypatch.setattr(packed_months, "MAX_TABLE_LENGTH", longest)
    grids = GridOfCells(integers(1, 10), integers(7, 8))
    assert (grids.table is not None) is has_table
    assert grids.find(integers(1, 5, 10, 11)).tolist() == [0, -1, 1, -1]


def test_a_plan_without_cells_has_no_grid() -> None:
    assert GridOfCells(integers(), integers()).find(integers(0, 3)).tolist() == [-1, -1]


def test_an_incident_is_on_the_border_near_another_grid_or_none_and_never_in_none() -> None:
    plan = GridOfCells(integers(1, 2, 3), integers(70, 70, 71))
    month = month_of((1, [2]), (1, [2, 3]), (3, []), (2, [9]), (9, [1]), (0, [1]))
    own = plan.find(month.cell)
    assert own.tolist() == [0, 0, 1, 0, -1, -1]
    assert month.find_border(own, plan).tolist() == [False, True, False, True, False, False]


def test_incidents_of_streets_that_are_left_out_are_not_counted() -> None:
    assert month_of((1, []), (1, []), left_out=(5,), streets=(5, 6)).is_counted.tolist() == [False, True]
    assert month_of((1, []), (1, [])).is_counted.tolist() == [True, True]


def test_days_count_from_1970() -> None:
    assert month_of((1, [])).day.tolist() == [(date(2026, 5, 1) - date(1970, 1, 1)).days]


def test_incidents_of_a_month_without_any_are_none() -> None:
    assert count_groups([month_of().cell], (3,)).tolist() == [0, 0, 0]
