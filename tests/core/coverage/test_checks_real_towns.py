"""Grids of real towns, corrupted at random: corruptions are found and repaired."""

from functools import cache
from pathlib import Path

import numpy as np
import pytest

from gridmap.core.coverage.checks import check_grids
from gridmap.core.coverage.repair import repair_grids
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.profile import Profile
from gridmap.formats.package.town import read_town
from tests.core.coverage.test_checks_corrupted_grids import SIZE_FAULTS
from tests.core.coverage.test_repair import remaining_faults, unexplained_changes, violated_rules
from tests.fixtures.corruptors import CorruptedGrids, corrupt, false_findings, missed_corruptions

NAMES = ("cambridge", "singapore_tp")


@cache
def partition_real_town(town_path: Path) -> tuple[Town, LandCoverage, CorruptedGrids]:
    """Return a real town with valid grids."""
    town = read_town(town_path)
    land = build_land(town)
    plan = partition_town(town, land, PartitionSettings())
    shapes = tuple(grid_polygons(plan, land))
    return town, land, CorruptedGrids(shapes, tuple(town.communities.geometry), tuple(plan.community.tolist()))


@pytest.mark.parametrize("name", NAMES)
def test_valid_grids_have_only_findings_about_sizes(name: str, real_towns_dir: Path) -> None:
    town, _, valid = partition_real_town(real_towns_dir / f"{name}.gpkg")
    assert {finding.kind for finding in check_grids(town, valid.to_drawn_grids(), Profile())} <= SIZE_FAULTS


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("seed", range(3))
def test_corrupted_grids_are_found_and_repaired(name: str, seed: int, real_towns_dir: Path) -> None:
    town, land, valid = partition_real_town(real_towns_dir / f"{name}.gpkg")
    corrupted = corrupt(np.random.default_rng(seed), valid, 10)
    findings = check_grids(town, corrupted.to_drawn_grids(), Profile())
    assert (missed_corruptions(corrupted, findings), false_findings(corrupted, findings)) == ([], [])
    repaired = repair_grids(town, land, corrupted.to_drawn_grids(), Profile())
    assert remaining_faults(town, land, repaired) == []
    assert violated_rules(town, land, repaired) == set()
    assert unexplained_changes(town, land, corrupted, repaired) == []
