"""Sound grids broken at random: every injury is found as what it is, and nothing that nobody broke."""

from functools import cache

import numpy as np
import pytest

from gridmap.core.coverage.checks import check_grids
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import FindingKind
from gridmap.demo import build_town
from tests.fixtures.ascii_towns import random_town
from tests.fixtures.corruptors import CorruptedGrids, corrupt, false_findings, missed_corruptions

TOWNS = ("built-in", "odd 3", "odd 8")
SIZE_FAULTS = {FindingKind.OVERSIZE, FindingKind.UNDERSIZE, FindingKind.EMPTY_GRID}


@cache
def partition_ascii_town(name: str) -> tuple[Town, LandCoverage, GridPlan, CorruptedGrids]:
    """A town with sound grids."""
    town = build_town(4_000) if name == "built-in" else random_town(int(name.removeprefix("odd ")), 200)
    land = build_land(town)
    plan = partition_town(town, land, PartitionSettings())
    drawing = CorruptedGrids(
        tuple(grid_polygons(plan, land)), tuple(town.communities.geometry), tuple(plan.community.tolist())
    )
    return town, land, plan, drawing


@pytest.mark.parametrize("name", TOWNS)
def test_nothing_sound_is_reported(name: str) -> None:
    town, _, _, sound = partition_ascii_town(name)
    assert {finding.kind for finding in check_grids(town, sound.to_drawn_grids(), Profile())} <= SIZE_FAULTS


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("seed", range(10))
def test_every_injury_is_found_and_nothing_else(name: str, seed: int) -> None:
    town, _, _, sound = partition_ascii_town(name)
    drawing = corrupt(np.random.default_rng(seed), sound, 6)
    found = check_grids(town, drawing.to_drawn_grids(), Profile())
    assert missed_corruptions(drawing, found) == []
    assert false_findings(drawing, found) == []


def test_every_way_to_break_grids_is_tried() -> None:
    sound = partition_ascii_town("odd 3")[3]
    names = {injury.name for seed in range(20) for injury in corrupt(np.random.default_rng(seed), sound, 6).corruptions}
    assert len(names) >= 10
