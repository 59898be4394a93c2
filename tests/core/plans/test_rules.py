"""Violations of each rule: its name, the grid or location, and the value."""

from dataclasses import replace

import numpy as np
import pytest

from gridmap.core.array_types import IntArray
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.rules import InvalidPlanError, RuleViolation, find_violations, require_no_violations
from gridmap.core.vocabulary import GridKind
from tests.fixtures.ascii_towns import town

PICTURE = "AB|CD\nEF|GH"


def make_plan(grid_of_cell: IntArray, community: list[int], kind: GridKind = GridKind.HOUSEHOLD) -> GridPlan:
    return GridPlan(grid_of_cell, np.array(community), (kind,) * len(community), (None,) * len(community))


def make_two_grids(ascii_town: Town) -> tuple[LandCoverage, GridPlan]:
    """Return a plan of two grids, west and east of the street."""
    land = build_land(ascii_town)
    middle = ascii_town.communities.union_all().centroid.x
    return land, make_plan(np.array([int(cell.centroid.x > middle) for cell in land.cells]), [0, 0])


def violations_of(ascii_town: Town, land: LandCoverage, plan: GridPlan) -> list[RuleViolation]:
    return find_violations(ascii_town, land, plan, grid_polygons(plan, land))


def test_a_valid_plan_has_no_violation() -> None:
    ascii_town = town(PICTURE)
    violations = violations_of(ascii_town, *make_two_grids(ascii_town))
    assert violations == []
    require_no_violations(violations)


def test_overlapping_grids_violate_the_coverage_rule() -> None:
    ascii_town = town(PICTURE)
    land, plan = make_two_grids(ascii_town)
    shapes = grid_polygons(plan, land)
    shapes[0] = shapes[0].buffer(1)
    violations = find_violations(ascii_town, land, plan, shapes)
    assert [(each.rule, each.grid, each.location) for each in violations] == [
        ("covers", None, "town"),
        ("covers", None, "A"),
    ]


def test_a_gap_is_reported_with_its_area() -> None:
    ascii_town = town(PICTURE)
    land, plan = make_two_grids(ascii_town)
    wider_communities = ascii_town.communities.buffer(5, join_style="mitre")
    wider_town = replace(ascii_town, communities=ascii_town.communities.set_geometry(wider_communities))
    (violation,) = find_violations(wider_town, land, plan, grid_polygons(plan, land))
    assert (violation.rule, violation.location, round(violation.value)) == ("covers", "A", -(110 * 50 - 100 * 40))


def test_a_grid_in_two_pieces_is_reported() -> None:
    ascii_town = town(PICTURE)
    land, plan = make_two_grids(ascii_town)
    grid_of_cell = plan.grid_of_cell.copy()
    grid_of_cell[land.cell_of_building[[0, 7]]] = 2
    violations = violations_of(ascii_town, land, make_plan(grid_of_cell, [0, 0, 0]))
    assert violations == [RuleViolation("in_one_piece", 2.0, grid=2)]
    assert str(violations[0]) == "in_one_piece: grid 2: 2"


def test_a_grid_with_land_of_another_community_is_reported() -> None:
    ascii_town = town(PICTURE, communities="XXXXY\nXXXXY")
    land = build_land(ascii_town)
    plan = make_plan(np.zeros(len(land.cells), dtype=np.int64), [0])
    assert "within_community" in {violation.rule for violation in violations_of(ascii_town, land, plan)}


@pytest.mark.parametrize("kind", list(GridKind))
def test_dedicated_land_in_a_household_grid_is_reported(kind: GridKind) -> None:
    ascii_town = town("A.$$")
    land = build_land(ascii_town)
    plan = make_plan(np.zeros(len(land.cells), dtype=np.int64), [0], kind)
    rules = [violation.rule for violation in violations_of(ascii_town, land, plan)]
    assert rules == (["keeps_dedicated"] if kind is GridKind.HOUSEHOLD else [])


def test_two_dedicated_lands_in_one_grid_are_reported() -> None:
    ascii_town = town("$$|$$")
    land = build_land(ascii_town)
    plan = make_plan(np.zeros(len(land.cells), dtype=np.int64), [0], GridKind.DEDICATED)
    assert [str(each) for each in violations_of(ascii_town, land, plan)] == ["keeps_dedicated: grid 0: 2"]


def test_the_error_about_an_invalid_plan_names_all_violations() -> None:
    violations = [RuleViolation("in_one_piece", 2.0, grid=2), RuleViolation("covers", -12.5, location="TP")]
    with pytest.raises(InvalidPlanError, match=r"^in_one_piece: grid 2: 2; covers: TP: -12\.5$"):
        require_no_violations(violations)
