"""A plan on new land: standing buildings keep their grids, whatever else changes."""

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from gridmap.core.array_types import IntArray
from gridmap.core.land.arrangement.adjacency import shared_edges
from gridmap.core.land.borders import Borders
from gridmap.core.land.build import LandCoverage
from gridmap.core.plans.carried_plan import CarriedPlan, FormerPlan, carry_plan
from gridmap.core.vocabulary import BorderKind

SIDE = 10.0


def square_land(rows: int, columns: int, buildings: list[int], dedicated: list[int] | None = None) -> LandCoverage:
    """Return a land of squares, numbered row by row from the lower left, with buildings on some."""
    y, x = np.divmod(np.arange(rows * columns), columns)
    cells = shapely.box(x * SIDE, y * SIDE, (x + 1) * SIDE, (y + 1) * SIDE)
    edges = shared_edges(cells)
    length = np.zeros((len(edges.left), len(BorderKind)))
    length[:, BorderKind.OPEN] = edges.length
    low, high = np.sort(np.stack([edges.left, edges.right]), axis=0)
    borders = Borders(low, high, length, np.ones(len(low), dtype=np.bool_))
    count = len(cells)
    dedicated_of_cell = np.full(count, -1)
    dedicated_of_cell[dedicated or []] = 0
    zeros = np.zeros(count, dtype=np.int64)
    no_parts = np.empty((0, 2), dtype=np.int64)
    return LandCoverage(
        cells, zeros, dedicated_of_cell, zeros.astype(np.bool_), np.array(buildings, dtype=np.int64), no_parts, borders
    )


def carry(
    land: LandCoverage, before: list[int], of_building: list[int], former: LandCoverage | None = None
) -> CarriedPlan:
    """Carry a plan, given by the grid of each former cell and building; each building has 10 households."""
    grids = np.array(before, dtype=np.int64)
    is_dedicated = np.zeros(max(before) + 1, dtype=np.bool_)
    plan = FormerPlan((former or land).cells, grids, is_dedicated)
    return carry_plan(land, plan, np.array(of_building, dtype=np.int64), np.full(len(of_building), 10.0))


def as_rows(grids: IntArray, columns: int) -> list[list[int]]:
    rows: list[list[int]] = grids.reshape(-1, columns).tolist()
    return rows


def test_open_land_follows_the_land_below_it() -> None:
    land = square_land(1, 4, [])
    assert carry(land, [0, 0, 1, 1], []).grid_of_cell.tolist() == [0, 0, 1, 1]


def test_a_cell_with_a_standing_building_keeps_its_grid_though_the_land_was_of_another() -> None:
    land = square_land(1, 4, [1])
    assert carry(land, [0, 0, 1, 1], [1]).grid_of_cell.tolist() == [0, 1, 1, 1]


def test_land_that_was_in_no_grid_joins_the_longest_border() -> None:
    former = square_land(1, 2, [])
    assert as_rows(carry(square_land(2, 3, []), [0, 1], [], former).grid_of_cell, 3) == [[0, 1, 1], [0, 1, 1]]


def test_a_new_building_takes_the_grid_of_the_land() -> None:
    land = square_land(1, 4, [2])
    carried = carry(land, [0, 0, 1, 1], [-1])
    assert carried.grid_of_cell.tolist() == [0, 0, 1, 1]
    assert not len(carried.moved_buildings)


def test_a_piece_without_buildings_joins_its_surroundings() -> None:
    land = square_land(1, 5, [0, 3])
    carried = carry(land, [0, 1, 1, 1, 0], [0, 1])
    assert carried.grid_of_cell.tolist() == [0, 1, 1, 1, 1]
    assert carried.divided_grids == ()


def test_a_piece_with_a_building_is_connected_through_free_land() -> None:
    land = square_land(2, 3, [0, 1, 2])
    carried = carry(land, [0, 1, 0, 1, 1, 1], [0, 1, 0])
    assert as_rows(carried.grid_of_cell, 3) == [[0, 1, 0], [0, 0, 0]]
    assert carried.divided_grids == ()


def test_a_grid_that_no_free_land_connects_is_reported_and_no_building_moves() -> None:
    land = square_land(1, 3, [0, 1, 2])
    carried = carry(land, [0, 1, 0], [0, 1, 0])
    assert carried.grid_of_cell.tolist() == [0, 1, 0]
    assert carried.divided_grids == (0,)
    assert not len(carried.moved_buildings)


def test_buildings_of_two_grids_on_one_cell_are_reported() -> None:
    land = square_land(1, 2, [0, 0, 1])
    carried = carry(land, [0, 1], [0, 0, 1])
    assert not len(carried.moved_buildings)
    carried = carry(land, [0, 1], [0, 1, 1])
    assert carried.moved_buildings.tolist() == [1]


@settings(max_examples=40)
@given(data=st.data(), columns=st.integers(1, 5), rows=st.integers(1, 5))
def test_every_cell_has_a_grid_and_no_standing_building_changes_it(
    data: st.DataObject, columns: int, rows: int
) -> None:
    count = rows * columns
    buildings = data.draw(st.lists(st.integers(0, count - 1), unique=True, max_size=count))
    before = data.draw(st.lists(st.integers(0, 3), min_size=count, max_size=count))
    of_building = data.draw(st.lists(st.integers(-1, max(before)), min_size=len(buildings), max_size=len(buildings)))
    carried = carry(square_land(rows, columns, buildings), before, of_building)
    assert (carried.grid_of_cell >= 0).all()
    assert not len(carried.moved_buildings)
    standing = np.array(of_building) >= 0
    assert (
        carried.grid_of_cell[np.array(buildings, dtype=np.int64)][standing] == np.array(of_building)[standing]
    ).all()


@pytest.mark.parametrize("seed", range(3))
def test_a_connected_plan_stays_connected_on_the_same_land(seed: int) -> None:
    numbers = np.random.default_rng(seed)
    land = square_land(6, 6, numbers.permutation(36)[:20].tolist())
    before = (np.arange(36) // 12).tolist()
    carried = carry(land, before, [before[cell] for cell in land.cell_of_building])
    assert carried.grid_of_cell.tolist() == before
