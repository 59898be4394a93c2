"""Valid grids corrupted at random: every corruption is found, and nothing else is reported."""

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
    """Return a town with valid grids."""
    town = build_town(4_000) if name == "built-in" else random_town(int(name.removeprefix("odd ")), 200)
    land = build_land(town)
    plan = partition_town(town, land, PartitionSettings())
    shapes, communities = tuple(grid_polygons(plan, land)), tuple(town.communities.geometry)
    return town, land, plan, CorruptedGrids(shapes, communities, tuple(plan.community.tolist()))


@pytest.mark.parametrize("name", TOWNS)
def test_valid_grids_have_only_findings_about_sizes(name: str) -> None:
    town, _, _, valid = partition_ascii_town(name)
    assert {finding.kind for finding in check_grids(town, valid.to_drawn_grids(), Profile())} <= SIZE_FAULTS


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("seed", range(10))
def test_every_corruption_is_found_and_nothing_else(name: str, seed: int) -> None:
    town, _, _, valid = partition_ascii_town(name)
    corrupted = corrupt(np.random.default_rng(seed), valid, 6)
    findings = check_grids(town, corrupted.to_drawn_grids(), Profile())
    assert missed_corruptions(corrupted, findings) == []
    assert false_findings(corrupted, findings) == []


def test_every_corruptor_is_used() -> None:
    valid = partition_ascii_town("odd 3")[3]
    corrupted = [corrupt(np.random.default_rng(seed), valid, 6) for seed in range(20)]
    assert len({corruption.name for grids in corrupted for corruption in grids.corruptions}) >= 10
