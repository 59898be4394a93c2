"""Repair of corrupted grids: a valid plan, and changes only where grids were corrupted."""

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from shapely import Geometry

from gridmap.core.array_types import GeometryArray
from gridmap.core.coverage.checks import DrawnGrids, Finding, check_grids
from gridmap.core.coverage.repair import RepairedPlan, repair_grids
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.atoms import build_atoms
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.plans.rules import find_violations
from gridmap.core.vocabulary import FindingKind, GridKind
from tests.core.coverage.test_checks_corrupted_grids import SIZE_FAULTS, TOWNS, partition_ascii_town
from tests.fixtures.corruptors import CorruptedGrids, corrupt

CUT_OFF_REASON = "it is not connected to the rest of its grid"


def draw_grids(shapes: Sequence[Geometry] | GeometryArray) -> DrawnGrids:
    """Return drawn grids of valid polygons."""
    codes = np.array([f"G{number}" for number in range(len(shapes))], dtype=object)
    return DrawnGrids(np.array(shapes, dtype=object), np.zeros(len(shapes), np.bool_), codes, np.full(len(shapes), -1))


def remaining_faults(town: Town, land: LandCoverage, repaired: RepairedPlan) -> list[Finding]:
    """Return the faults of repaired grids, except sizes and faults named in the notes of the plan."""
    noted = {value for note in repaired.plan.notes for value in note.values.values()}
    findings = check_grids(town, draw_grids(grid_polygons(repaired.plan, land)), Profile())
    unnoted = [finding for finding in findings if not noted & set(finding.suggestion.values.values())]
    return [finding for finding in unnoted if finding.kind not in SIZE_FAULTS]


def violated_rules(town: Town, land: LandCoverage, repaired: RepairedPlan) -> set[str]:
    """Return the rules that repaired grids violate; a repair leaves dedicated land as it was drawn."""
    violations = find_violations(town, land, repaired.plan, grid_polygons(repaired.plan, land))
    return {violation.rule for violation in violations} - {"keeps_dedicated"}


def unexplained_changes(town: Town, land: LandCoverage, grids: CorruptedGrids, repaired: RepairedPlan) -> list[str]:
    """Return the reasons for changed buildings away from all corruptions that are not cut off by one."""
    atom_of_cell = build_atoms(town, land, Profile(), CostWeights()).atom_of_cell
    touched = shapely.union_all([corruption.touched_area for corruption in grids.corruptions])
    touched_atoms = np.unique(atom_of_cell[shapely.dwithin(land.cells, touched, 0.5)])
    changed = repaired.changes["building"].to_numpy()
    is_untouched = ~np.isin(atom_of_cell[land.cell_of_building[changed]], touched_atoms)
    return [str(reason) for reason in repaired.changes["reason"][is_untouched] if reason.template != CUT_OFF_REASON]


@pytest.mark.parametrize("name", TOWNS)
def test_valid_grids_are_unchanged(name: str) -> None:
    town, land, plan, valid = partition_ascii_town(name)
    repaired = repair_grids(town, land, valid.to_drawn_grids(), Profile())
    assert repaired.changes.empty
    assert repaired.plan.grid_of_cell.tolist() == plan.grid_of_cell.tolist()
    assert repaired.plan.kind == plan.kind


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("seed", range(6))
def test_corrupted_grids_are_valid_after_repair(name: str, seed: int) -> None:
    town, land, _, valid = partition_ascii_town(name)
    corrupted = corrupt(np.random.default_rng(seed), valid, 6)
    repaired = repair_grids(town, land, corrupted.to_drawn_grids(), Profile())
    assert remaining_faults(town, land, repaired) == []
    assert violated_rules(town, land, repaired) == set()
    assert unexplained_changes(town, land, corrupted, repaired) == []


@pytest.mark.parametrize("seed", range(3))
def test_codes_are_kept(seed: int) -> None:
    town, land, _, valid = partition_ascii_town("built-in")
    drawn = corrupt(np.random.default_rng(seed), valid, 4).to_drawn_grids()
    repaired = repair_grids(town, land, drawn, Profile())
    assert set(repaired.codes) <= set(drawn.codes)
    assert len(set(repaired.codes)) == len(repaired.codes)


def shift_shapes(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """Return all grids shifted by about 30 m."""
    return [shapely.transform(shape, lambda xy: xy + np.array([30, 10])) for shape in shapes]


def single_rectangle(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """Return one rectangle over the whole town."""
    return [shapely.box(*town.communities.total_bounds)]


def outside_town(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """Return one grid outside the town."""
    return [shapely.box(0, 0, 10, 10)]


def random_rectangles(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """Return two hundred random rectangles."""
    rng = np.random.default_rng(0)
    low, high = np.reshape(town.communities.total_bounds, (2, 2))
    centre, half = rng.uniform(low, high, (200, 2)), rng.uniform(3, 150, (200, 2))
    return list(shapely.box(*(centre - half).T, *(centre + half).T))


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("drawing", [shift_shapes, single_rectangle, outside_town, random_rectangles])
def test_unusable_grids_become_a_valid_plan(name: str, drawing: object) -> None:
    town, land, _, valid = partition_ascii_town(name)
    assert callable(drawing)
    repaired = repair_grids(town, land, draw_grids(drawing(town, valid.shapes)), Profile())
    assert remaining_faults(town, land, repaired) == []
    assert violated_rules(town, land, repaired) == set()


def test_a_community_without_grids_becomes_one() -> None:
    town, land, plan, valid = partition_ascii_town("odd 3")
    others = [shape for shape, community in zip(valid.shapes, plan.community, strict=True) if community]
    repaired = repair_grids(town, land, draw_grids(others), Profile())
    assert (repaired.plan.community == 0).sum() == 1
    assert CUT_OFF_REASON not in {reason.template for reason in repaired.changes["reason"]}


def test_land_of_a_missing_grid_is_assigned_to_its_neighbours() -> None:
    town, land, plan, valid = partition_ascii_town("built-in")
    repaired = repair_grids(town, land, draw_grids(valid.shapes[1:]), Profile())
    assert len(repaired.plan) == len(plan) - 1
    assert set(repaired.changes["building"]) == set(np.flatnonzero(plan.grid_of_cell[land.cell_of_building] == 0))


def test_an_imprecise_dedicated_grid_stays_dedicated() -> None:
    town, land, plan, valid = partition_ascii_town("odd 3")
    smaller = [shape.buffer(-1.0) for shape in valid.shapes]
    repaired = repair_grids(town, land, draw_grids(smaller), Profile())
    assert repaired.plan.kind.count(GridKind.DEDICATED) == plan.kind.count(GridKind.DEDICATED) > 0
    assert FindingKind.GAP in {finding.kind for finding in check_grids(town, draw_grids(smaller), Profile())}
