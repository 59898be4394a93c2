"""Radius of grids: no home is too far from the centre of its grid where that can be, and the range comes second."""

import numpy as np
import pytest
import shapely

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.radius import ROUNDING_M, RadiusLimit, count_far_homes, limit_radius
from gridmap.core.partition.search import build_objective, partition_graph
from gridmap.core.plans.profile import CostWeights, Profile

PROFILE = Profile(300, 500)


def row_of_squares(households: IntArray, width: float = 100.0) -> tuple[Graph, FloatArray]:
    """Return squares in a row, with a home at the centre of each, and the homes."""
    count = len(households)
    centres = np.stack([np.arange(count) * width + width / 2, np.full(count, width / 2)], axis=1)
    return Graph(households, np.arange(count - 1), np.arange(1, count), np.ones(count - 1)), centres


def limit_of(centres: FloatArray, radius_m: float, width: float = 100.0) -> RadiusLimit:
    land = shapely.box(*(centres - width / 2).T, *(centres + width / 2).T)
    homes = np.array([shapely.MultiPoint([centre]) for centre in centres])
    numbers = np.arange(len(centres))
    return limit_radius(land, homes, numbers, numbers, radius_m + ROUNDING_M)


def partition_row(households: IntArray, radius_m: float) -> tuple[IntArray, FloatArray]:
    """Return the households and the radius of each grid, in order."""
    graph, centres = row_of_squares(households)
    objective = build_objective(PROFILE, CostWeights(), int(households.sum()))
    grid = partition_graph(graph, objective, 0, limit=limit_of(centres, radius_m)).grid
    east = [centres[grid == number, 0] for number in range(grid.max() + 1)]
    radii = np.array([np.abs(own - own.mean()).max() for own in east])
    return np.sort(np.bincount(grid, households)).astype(np.int64), radii


@pytest.mark.parametrize(("radius_m", "sizes"), [(150.0, [400, 400]), (149.9, [200, 300, 300])])
def test_a_home_exactly_at_the_radius_is_near_enough(radius_m: float, sizes: list[int]) -> None:
    households, radii = partition_row(np.full(8, 100), radius_m)
    assert households.tolist() == sizes
    assert (radii <= radius_m).all()


def test_grids_are_too_small_rather_than_too_wide() -> None:
    households, radii = partition_row(np.full(12, 40), 100.0)
    assert (radii <= 100.0).all()
    assert households.tolist() == [120, 120, 120, 120]


def test_a_grid_of_one_node_may_be_too_wide() -> None:
    graph = Graph(np.array([300, 300]), np.array([0]), np.array([1]), np.ones(1))
    land = shapely.box([0, 1_000], 0, [1_000, 1_100], 100)
    homes = np.array([shapely.MultiPoint([(10, 50)]), shapely.MultiPoint([(1_050, 50)])])
    limit = limit_radius(land, homes, np.arange(2), np.arange(2), 200.0)
    grid = partition_graph(graph, build_objective(PROFILE, CostWeights(), 600), 0, limit=limit).grid
    assert sorted(count_far_homes(limit, grid).tolist()) == [0, 1]


def test_without_wide_grids_the_plan_is_that_without_a_limit() -> None:
    graph, centres = row_of_squares(np.full(16, 100))
    objective = build_objective(PROFILE, CostWeights(), 1_600)
    limited = partition_graph(graph, objective, 3, limit=limit_of(centres, 10_000.0)).grid
    assert limited.tolist() == partition_graph(graph, objective, 3).grid.tolist()
