"""Every rule, broken on purpose, says its name, place and number; a sound plan breaks none."""

from dataclasses import replace

import numpy as np
import pytest

from gridmap.core.arrays import Ints
from gridmap.core.land import Land, build_land
from gridmap.core.measures import outlines
from gridmap.core.names import GridKind
from gridmap.core.plan import Plan
from gridmap.core.rules import Breach, breaches
from gridmap.core.town import Town
from tests.towns import town

PICTURE = "AB|CD\nEF|GH"


def planned(of_cell: Ints, community: list[int], kind: GridKind = GridKind.HOUSEHOLD) -> Plan:
    return Plan(of_cell, np.array(community), (kind,) * len(community), (None,) * len(community))


def halves(drawn: Town) -> tuple[Land, Plan]:
    """A plan of two grids, west and east of the street."""
    land = build_land(drawn)
    middle = drawn.communities.union_all().centroid.x
    return land, planned(np.array([int(cell.centroid.x > middle) for cell in land.cells]), [0, 0])


def broken(drawn: Town, land: Land, plan: Plan) -> list[Breach]:
    return breaches(drawn, land, plan, outlines(plan, land))


def test_a_sound_plan_breaks_no_rule() -> None:
    drawn = town(PICTURE)
    assert broken(drawn, *halves(drawn)) == []


def test_grids_that_overlap_break_the_coverage() -> None:
    drawn = town(PICTURE)
    land, plan = halves(drawn)
    shapes = outlines(plan, land)
    shapes[0] = shapes[0].buffer(1)
    found = breaches(drawn, land, plan, shapes)
    assert [(breach.rule, breach.place) for breach in found] == [("covers", "town"), ("covers", "A")]


def test_a_gap_says_how_much_is_missing() -> None:
    drawn = town(PICTURE)
    land, plan = halves(drawn)
    wider = replace(drawn, communities=drawn.communities.set_geometry(drawn.communities.buffer(5, join_style="mitre")))
    (breach,) = breaches(wider, land, plan, outlines(plan, land))
    assert (breach.rule, breach.place, round(breach.number)) == ("covers", "A", -(110 * 50 - 100 * 40))


def test_a_grid_in_two_pieces_is_told() -> None:
    drawn = town(PICTURE)
    land, plan = halves(drawn)
    corner = plan.of_cell.copy()
    corner[land.building_cell[[0, 7]]] = 2
    found = broken(drawn, land, planned(corner, [0, 0, 0]))
    assert [str(breach) for breach in found] == ["in_one_piece: grid 2: 2"]


def test_a_grid_with_land_of_another_community_is_told() -> None:
    drawn = town(PICTURE, communities="XXXXY\nXXXXY")
    land = build_land(drawn)
    plan = planned(np.zeros(len(land.cells), dtype=np.int64), [0])
    found = {breach.rule for breach in broken(drawn, land, plan)}
    assert "within_community" in found


@pytest.mark.parametrize("kind", list(GridKind))
def test_dedicated_land_within_another_grid_is_told(kind: GridKind) -> None:
    drawn = town("A.$$")
    land = build_land(drawn)
    plan = planned(np.zeros(len(land.cells), dtype=np.int64), [0], kind)
    told = [breach.rule for breach in broken(drawn, land, plan)]
    assert told == (["keeps_dedicated"] if kind is GridKind.HOUSEHOLD else [])


def test_two_dedicated_lands_in_one_grid_are_told() -> None:
    drawn = town("$$|$$")
    land = build_land(drawn)
    plan = planned(np.zeros(len(land.cells), dtype=np.int64), [0], GridKind.DEDICATED)
    assert [str(breach) for breach in broken(drawn, land, plan)] == ["keeps_dedicated: grid 0: 2"]
