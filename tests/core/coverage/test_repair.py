"""Broken grids become a plan that keeps the rules of the land; what is changed is told, and no more than was broken."""

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
    """Sound polygons as a drawing."""
    codes = np.array([f"G{number}" for number in range(len(shapes))], dtype=object)
    return DrawnGrids(np.array(shapes, dtype=object), np.zeros(len(shapes), np.bool_), codes, np.full(len(shapes), -1))


def remaining_faults(town: Town, land: LandCoverage, repaired: RepairedPlan) -> list[Finding]:
    """What is wrong with repaired grids, but for sizes and what the plan itself tells."""
    told = {value for note in repaired.plan.notes for value in note.values.values()}
    found = check_grids(town, draw_grids(grid_polygons(repaired.plan, land)), Profile())
    return [each for each in found if each.kind not in SIZE_FAULTS and not told & set(each.suggestion.values.values())]


def violated_rules(town: Town, land: LandCoverage, repaired: RepairedPlan) -> set[str]:
    """Rules of the land that repaired grids break; the drawing decides about dedicated land."""
    broken = find_violations(town, land, repaired.plan, grid_polygons(repaired.plan, land))
    return {breach.rule for breach in broken} - {"keeps_dedicated"}


def unexplained_changes(town: Town, land: LandCoverage, grids: CorruptedGrids, repaired: RepairedPlan) -> list[str]:
    """Changed buildings whose atom lies on no injury, and that no injury cut off."""
    of_cell = build_atoms(town, land, Profile(), CostWeights()).atom_of_cell
    ground = shapely.union_all([injury.touched_area for injury in grids.corruptions])
    hurt = np.unique(of_cell[shapely.dwithin(land.cells, ground, 0.5)])
    changed = repaired.changes["building"].to_numpy()
    calm = ~np.isin(of_cell[land.cell_of_building[changed]], hurt)
    return [str(reason) for reason in repaired.changes["reason"][calm] if reason.template != CUT_OFF_REASON]


@pytest.mark.parametrize("name", TOWNS)
def test_a_sound_drawing_is_kept(name: str) -> None:
    town, land, plan, sound = partition_ascii_town(name)
    repaired = repair_grids(town, land, sound.to_drawn_grids(), Profile())
    assert repaired.changes.empty
    assert repaired.plan.grid_of_cell.tolist() == plan.grid_of_cell.tolist()
    assert repaired.plan.kind == plan.kind


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("seed", range(6))
def test_broken_grids_are_sound_after_repair(name: str, seed: int) -> None:
    town, land, _, sound = partition_ascii_town(name)
    drawing = corrupt(np.random.default_rng(seed), sound, 6)
    repaired = repair_grids(town, land, drawing.to_drawn_grids(), Profile())
    assert remaining_faults(town, land, repaired) == []
    assert violated_rules(town, land, repaired) == set()
    assert unexplained_changes(town, land, drawing, repaired) == []


@pytest.mark.parametrize("seed", range(3))
def test_codes_are_kept(seed: int) -> None:
    town, land, _, sound = partition_ascii_town("built-in")
    drawing = corrupt(np.random.default_rng(seed), sound, 4).to_drawn_grids()
    repaired = repair_grids(town, land, drawing, Profile())
    assert set(repaired.codes) <= set(drawing.codes)
    assert len(set(repaired.codes)) == len(repaired.codes)


def shifted(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """Everything drawn 30 m beside its place."""
    return [shapely.transform(shape, lambda xy: xy + np.array([30, 10])) for shape in shapes]


def single_rectangle(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """A single rectangle over the whole town."""
    return [shapely.box(*town.communities.total_bounds)]


def outside_town(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """A grid that covers none of the town."""
    return [shapely.box(0, 0, 10, 10)]


def random_rectangles(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """Two hundred rectangles anywhere."""
    rng = np.random.default_rng(0)
    low, high = np.reshape(town.communities.total_bounds, (2, 2))
    centre, half = rng.uniform(low, high, (200, 2)), rng.uniform(3, 150, (200, 2))
    return list(shapely.box(*(centre - half).T, *(centre + half).T))


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("drawing", [shifted, single_rectangle, outside_town, random_rectangles])
def test_an_awful_drawing_becomes_a_sound_plan(name: str, drawing: object) -> None:
    town, land, _, sound = partition_ascii_town(name)
    assert callable(drawing)
    repaired = repair_grids(town, land, draw_grids(drawing(town, sound.shapes)), Profile())
    assert remaining_faults(town, land, repaired) == []
    assert violated_rules(town, land, repaired) == set()


def test_a_community_without_grids_becomes_one() -> None:
    town, land, plan, sound = partition_ascii_town("odd 3")
    others = [shape for shape, community in zip(sound.shapes, plan.community, strict=True) if community]
    repaired = repair_grids(town, land, draw_grids(others), Profile())
    assert (repaired.plan.community == 0).sum() == 1
    assert CUT_OFF_REASON not in {reason.template for reason in repaired.changes["reason"]}


def test_land_of_a_missing_grid_goes_to_its_neighbours() -> None:
    town, land, plan, sound = partition_ascii_town("built-in")
    repaired = repair_grids(town, land, draw_grids(sound.shapes[1:]), Profile())
    assert len(repaired.plan) == len(plan) - 1
    assert set(repaired.changes["building"]) == set(np.flatnonzero(plan.grid_of_cell[land.cell_of_building] == 0))


def test_a_dedicated_grid_that_was_drawn_badly_stays_dedicated() -> None:
    town, land, plan, sound = partition_ascii_town("odd 3")
    smaller = [shape.buffer(-1.0) for shape in sound.shapes]
    repaired = repair_grids(town, land, draw_grids(smaller), Profile())
    assert repaired.plan.kind.count(GridKind.DEDICATED) == plan.kind.count(GridKind.DEDICATED) > 0
    assert FindingKind.GAP in {finding.kind for finding in check_grids(town, draw_grids(smaller), Profile())}
