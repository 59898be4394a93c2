"""Every rule, broken on purpose, says its name, place and number; a sound plan breaks none."""

from dataclasses import replace

import numpy as np
import pytest

from gridmap.core.array_types import IntArray
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.rules import RuleViolation, find_violations
from gridmap.core.vocabulary import GridKind
from tests.fixtures.ascii_towns import town

PICTURE = "AB|CD\nEF|GH"


def make_plan(of_cell: IntArray, community: list[int], kind: GridKind = GridKind.HOUSEHOLD) -> GridPlan:
    return GridPlan(of_cell, np.array(community), (kind,) * len(community), (None,) * len(community))


def plan_of_halves(drawn_town: Town) -> tuple[LandCoverage, GridPlan]:
    """A plan of two grids, west and east of the street."""
    land = build_land(drawn_town)
    middle = drawn_town.communities.union_all().centroid.x
    return land, make_plan(np.array([int(cell.centroid.x > middle) for cell in land.cells]), [0, 0])


def violations_of(drawn_town: Town, land: LandCoverage, plan: GridPlan) -> list[RuleViolation]:
    return find_violations(drawn_town, land, plan, grid_polygons(plan, land))


def test_a_sound_plan_breaks_no_rule() -> None:
    drawn = town(PICTURE)
    assert violations_of(drawn, *plan_of_halves(drawn)) == []


def test_grids_that_overlap_break_the_coverage() -> None:
    drawn = town(PICTURE)
    land, plan = plan_of_halves(drawn)
    shapes = grid_polygons(plan, land)
    shapes[0] = shapes[0].buffer(1)
    found = find_violations(drawn, land, plan, shapes)
    assert [(breach.rule, breach.place) for breach in found] == [("covers", "town"), ("covers", "A")]


def test_a_gap_says_how_much_is_missing() -> None:
    drawn = town(PICTURE)
    land, plan = plan_of_halves(drawn)
    wider = replace(drawn, communities=drawn.communities.set_geometry(drawn.communities.buffer(5, join_style="mitre")))
    (breach,) = find_violations(wider, land, plan, grid_polygons(plan, land))
    assert (breach.rule, breach.place, round(breach.number)) == ("covers", "A", -(110 * 50 - 100 * 40))


def test_a_grid_in_two_pieces_is_told() -> None:
    drawn = town(PICTURE)
    land, plan = plan_of_halves(drawn)
    corner = plan.grid_of_cell.copy()
    corner[land.cell_of_building[[0, 7]]] = 2
    found = violations_of(drawn, land, make_plan(corner, [0, 0, 0]))
    assert [str(breach) for breach in found] == ["in_one_piece: grid 2: 2"]


def test_a_grid_with_land_of_another_community_is_told() -> None:
    drawn = town(PICTURE, communities="XXXXY\nXXXXY")
    land = build_land(drawn)
    plan = make_plan(np.zeros(len(land.cells), dtype=np.int64), [0])
    found = {breach.rule for breach in violations_of(drawn, land, plan)}
    assert "within_community" in found


@pytest.mark.parametrize("kind", list(GridKind))
def test_dedicated_land_within_another_grid_is_told(kind: GridKind) -> None:
    drawn = town("A.$$")
    land = build_land(drawn)
    plan = make_plan(np.zeros(len(land.cells), dtype=np.int64), [0], kind)
    told = [breach.rule for breach in violations_of(drawn, land, plan)]
    assert told == (["keeps_dedicated"] if kind is GridKind.HOUSEHOLD else [])


def test_two_dedicated_lands_in_one_grid_are_told() -> None:
    drawn = town("$$|$$")
    land = build_land(drawn)
    plan = make_plan(np.zeros(len(land.cells), dtype=np.int64), [0], GridKind.DEDICATED)
    assert [str(breach) for breach in violations_of(drawn, land, plan)] == ["keeps_dedicated: grid 0: 2"]
