"""A repair leaves sound drawings alone, and lists every square metre that it moves."""

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely import Geometry, affinity, box

from gridmap.core.coverage.checks import DrawnGrids, check_grids
from gridmap.core.coverage.dropped_grids import require_grids
from gridmap.core.coverage.moved_land import find_moved_land
from gridmap.core.coverage.repair import RepairedPlan, repair_grids
from gridmap.core.errors import InvalidInput
from gridmap.core.land.build import build_land
from gridmap.core.land.town import Town
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.profile import Profile
from tests.core.coverage.test_checks_corrupted_grids import SIZE_FAULTS, TOWNS, partition_ascii_town
from tests.core.coverage.test_repair import draw_grids, remaining_faults, violated_rules
from tests.fixtures.ascii_towns import CORNER, town
from tests.fixtures.corruptors import corrupt

WEST_BUILT = town("AB..\nCD..\n....")
"""A town of 80 by 60 metres with buildings in its north-west only."""


def rectangle(west: float, east: float, south: float = 0, north: float = 60) -> Geometry:
    """Return a rectangle in metres from the corner of the town."""
    return affinity.translate(box(west, south, east, north), *CORNER)


def repair(town: Town, drawn: DrawnGrids) -> tuple[RepairedPlan, Sequence[Geometry], dict[tuple[int, int], float]]:
    """Return the repaired plan, its polygons, and the land that moved by drawn grid and grid of the plan."""
    land = build_land(town, drawn=drawn.shapes)
    repaired = repair_grids(town, land, drawn, Profile())
    shapes = grid_polygons(repaired.plan, land)
    moved = find_moved_land(drawn, shapes, repaired.drawn_grid_of_grid)
    pairs = zip(moved["drawn"].tolist(), moved["grid"].tolist(), strict=True)
    return repaired, list(shapes), dict(zip(pairs, moved["area_m2"].round(1).tolist(), strict=True))


def test_a_drawn_border_over_unbuilt_land_survives() -> None:
    drawn = draw_grids([rectangle(0, 55), rectangle(55, 80)])
    _, shapes, moved = repair(WEST_BUILT, drawn)
    assert (shapely.area(shapes).tolist(), moved) == ([3300, 1500], {})


def test_land_in_no_grid_is_listed_with_the_grid_that_receives_it() -> None:
    moved = repair(WEST_BUILT, draw_grids([rectangle(0, 50), rectangle(60, 80)]))[2]
    assert sum(moved.values()) == 600
    assert {drawn for drawn, _ in moved} == {-1}


def test_land_in_two_grids_goes_to_the_smaller_one_and_is_listed() -> None:
    assert repair(WEST_BUILT, draw_grids([rectangle(0, 60), rectangle(50, 80)]))[2] == {(0, 1): 600.0}


def test_land_outside_the_community_is_cut_off_and_listed() -> None:
    assert repair(WEST_BUILT, draw_grids([rectangle(0, 50), rectangle(50, 90)]))[2] == {(1, -1): 600.0}


def test_a_cut_building_moves_with_its_footprint_only() -> None:
    _, shapes, moved = repair(WEST_BUILT, draw_grids([rectangle(0, 34), rectangle(34, 80)]))
    assert set(moved) == {(1, 0)}
    assert 0 < moved[1, 0] <= 2 * 4 * 16 + 1
    assert shapely.coverage_is_valid(shapes)


def test_a_grid_that_would_disappear_is_a_question() -> None:
    drawn = draw_grids([rectangle(0, 80), rectangle(100, 120)])
    repaired = repair(WEST_BUILT, drawn)[0]
    with pytest.raises(InvalidInput, match="G1 would disappear"):
        require_grids(drawn, repaired.drawn_grid_of_grid, [], "town.gpkg")
    require_grids(drawn, repaired.drawn_grid_of_grid, ["G1"], "town.gpkg")
    with pytest.raises(InvalidInput, match="G7"):
        require_grids(drawn, repaired.drawn_grid_of_grid, ["G1", "G7"], "town.gpkg")


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("seed", [0, 1, *(pytest.param(seed, marks=pytest.mark.full) for seed in range(2, 8))])
def test_the_listed_land_explains_every_repaired_grid(name: str, seed: int) -> None:
    town, _, _, valid = partition_ascii_town(name)
    drawn = corrupt(np.random.default_rng(seed), valid, 6).to_drawn_grids()
    land = build_land(town, drawn=drawn.shapes)
    repaired = repair_grids(town, land, drawn, Profile())
    shapes = grid_polygons(repaired.plan, land)
    moved = find_moved_land(drawn, shapes, repaired.drawn_grid_of_grid)
    for grid, source in enumerate(repaired.drawn_grid_of_grid.tolist()):
        gained = shapely.union_all(moved.geometry[moved["grid"] == grid].to_numpy())
        lost = shapely.union_all(moved.geometry[moved["drawn"] == source].to_numpy())
        explained = gained if source < 0 else (drawn.shapes[source] | gained) - lost
        assert shapely.area(explained ^ shapes[grid]) < 1
    assert (remaining_faults(town, land, repaired), violated_rules(town, land, repaired)) == ([], set())


def assert_identity(seed: int) -> None:
    """Cut the land of a town into bands that cut no building, and expect a repair to leave them alone."""
    drawn, example = random_bands(np.random.default_rng(seed))
    findings = check_grids(example, drawn, Profile())
    assert {finding.kind for finding in findings} <= SIZE_FAULTS
    _, shapes, moved = repair(example, drawn)
    assert moved == {}
    assert shapely.area(shapes) == pytest.approx(shapely.area(drawn.shapes), abs=0.5)


def random_bands(rng: np.random.Generator) -> tuple[DrawnGrids, Town]:
    """Draw a random town of 6 by 5 squares, and grids between two to five borders that bend along its squares."""
    rows = ["".join(rng.choice(list("AB12..."), 6)) for _ in range(5)]
    rows[0] = "A" + rows[0][1:]
    picture = "\n".join(rows)
    example = town(picture, gap=4.0)
    owner = rng.integers(0, rng.integers(2, 6), (5, 6))
    squares = [(row, column) for row in range(5) for column in range(6)]
    letters = {(row, column): rows[row][column] for row, column in squares}
    return _join_squares(owner, letters), example


def _join_squares(owner: np.ndarray, letters: dict[tuple[int, int], str]) -> DrawnGrids:
    """Make one grid of each connected group of squares of one owner; squares of one building have one owner."""
    groups = {square: square for square in letters}

    def root(square: tuple[int, int]) -> tuple[int, int]:
        while groups[square] != square:
            square = groups[square]
        return square

    for (row, column), letter in letters.items():
        for other in ((row, column + 1), (row + 1, column)):
            same_building = letter == letters.get(other) != "."
            if other in letters and (same_building or owner[row, column] == owner[other]):
                groups[root(other)] = root((row, column))
    shapes: dict[tuple[int, int], list[Geometry]] = {}
    for row, column in letters:
        square = rectangle(20 * column, 20 * column + 20, 80 - 20 * row, 100 - 20 * row)
        shapes.setdefault(root((row, column)), []).append(square)
    return draw_grids([shapely.union_all(parts) for parts in shapes.values()])


@given(st.integers(0, 10**9))
@settings(max_examples=30, deadline=None)
def test_a_repair_of_a_sound_drawing_is_the_identity(seed: int) -> None:
    assert_identity(seed)


@pytest.mark.full
@given(st.integers(0, 10**9))
@settings(max_examples=500, deadline=None)
def test_a_repair_of_many_sound_drawings_is_the_identity(seed: int) -> None:
    assert_identity(seed)
