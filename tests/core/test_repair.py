"""Broken grids become a plan that keeps the rules of the land; what is changed is told, and no more than was broken."""

from collections.abc import Sequence

import numpy as np
import pytest
import shapely
from shapely import Geometry

from gridmap.core.arrays import Shapes
from gridmap.core.check import DrawnGrids, Finding, check
from gridmap.core.land import Land
from gridmap.core.measures import outlines
from gridmap.core.names import FaultKind, GridKind
from gridmap.core.partition.atoms import gather_atoms
from gridmap.core.partition.profile import Profile, Weights
from gridmap.core.repair import Repair, repair
from gridmap.core.rules import breaches
from gridmap.core.town import Town
from tests.breakers import Drawing, broken
from tests.core.check.test_broken_grids import SIZES, TOWNS, divided

CUT_OFF = "the rest of its grid does not reach it"


def drawn(shapes: Sequence[Geometry] | Shapes) -> DrawnGrids:
    """Sound polygons as a drawing."""
    codes = np.array([f"G{number}" for number in range(len(shapes))], dtype=object)
    return DrawnGrids(np.array(shapes, dtype=object), np.zeros(len(shapes), np.bool_), codes, np.full(len(shapes), -1))


def checked(town: Town, land: Land, repaired: Repair) -> list[Finding]:
    """What is wrong with repaired grids, but for sizes and what the plan itself tells."""
    told = {value for note in repaired.plan.notes for value in note.values.values()}
    found = check(town, drawn(outlines(repaired.plan, land)), Profile())
    return [each for each in found if each.kind not in SIZES and not told & set(each.suggestion.values.values())]


def broken_rules(town: Town, land: Land, repaired: Repair) -> set[str]:
    """Rules of the land that repaired grids break; the drawing decides about dedicated land."""
    broken = breaches(town, land, repaired.plan, outlines(repaired.plan, land))
    return {breach.rule for breach in broken} - {"keeps_dedicated"}


def unexplained(town: Town, land: Land, drawing: Drawing, repaired: Repair) -> list[str]:
    """Changed buildings whose atom lies on no injury, and that no injury cut off."""
    of_cell = gather_atoms(town, land, Profile(), Weights()).of_cell
    ground = shapely.union_all([injury.ground for injury in drawing.injuries])
    hurt = np.unique(of_cell[shapely.dwithin(land.cells, ground, 0.5)])
    changed = repaired.changes["building"].to_numpy()
    calm = ~np.isin(of_cell[land.building_cell[changed]], hurt)
    return [str(reason) for reason in repaired.changes["reason"][calm] if reason.template != CUT_OFF]


@pytest.mark.parametrize("name", TOWNS)
def test_a_sound_drawing_is_kept(name: str) -> None:
    town, land, plan, sound = divided(name)
    repaired = repair(town, land, sound.drawn(), Profile())
    assert repaired.changes.empty
    assert repaired.plan.of_cell.tolist() == plan.of_cell.tolist()
    assert repaired.plan.kind == plan.kind


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("seed", range(6))
def test_broken_grids_are_sound_after_repair(name: str, seed: int) -> None:
    town, land, _, sound = divided(name)
    drawing = broken(np.random.default_rng(seed), sound, 6)
    repaired = repair(town, land, drawing.drawn(), Profile())
    assert checked(town, land, repaired) == []
    assert broken_rules(town, land, repaired) == set()
    assert unexplained(town, land, drawing, repaired) == []


@pytest.mark.parametrize("seed", range(3))
def test_codes_are_kept(seed: int) -> None:
    town, land, _, sound = divided("built-in")
    drawing = broken(np.random.default_rng(seed), sound, 4).drawn()
    repaired = repair(town, land, drawing, Profile())
    assert set(repaired.codes) <= set(drawing.codes)
    assert len(set(repaired.codes)) == len(repaired.codes)


def moved(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """Everything drawn 30 m beside its place."""
    return [shapely.transform(shape, lambda xy: xy + np.array([30, 10])) for shape in shapes]


def one_over_all(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """A single rectangle over the whole town."""
    return [shapely.box(*town.communities.total_bounds)]


def elsewhere(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """A grid that covers none of the town."""
    return [shapely.box(0, 0, 10, 10)]


def rectangles(town: Town, shapes: Sequence[Geometry]) -> Sequence[Geometry]:
    """Two hundred rectangles anywhere."""
    rng = np.random.default_rng(0)
    low, high = np.reshape(town.communities.total_bounds, (2, 2))
    centre, half = rng.uniform(low, high, (200, 2)), rng.uniform(3, 150, (200, 2))
    return list(shapely.box(*(centre - half).T, *(centre + half).T))


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.parametrize("drawing", [moved, one_over_all, elsewhere, rectangles])
def test_an_awful_drawing_becomes_a_sound_plan(name: str, drawing: object) -> None:
    town, land, _, sound = divided(name)
    assert callable(drawing)
    repaired = repair(town, land, drawn(drawing(town, sound.shapes)), Profile())
    assert checked(town, land, repaired) == []
    assert broken_rules(town, land, repaired) == set()


def test_a_community_without_grids_becomes_one() -> None:
    town, land, plan, sound = divided("odd 3")
    others = [shape for shape, community in zip(sound.shapes, plan.community, strict=True) if community]
    repaired = repair(town, land, drawn(others), Profile())
    assert (repaired.plan.community == 0).sum() == 1
    assert CUT_OFF not in {reason.template for reason in repaired.changes["reason"]}


def test_land_of_a_missing_grid_goes_to_its_neighbours() -> None:
    town, land, plan, sound = divided("built-in")
    repaired = repair(town, land, drawn(sound.shapes[1:]), Profile())
    assert len(repaired.plan) == len(plan) - 1
    assert set(repaired.changes["building"]) == set(np.flatnonzero(plan.of_cell[land.building_cell] == 0))


def test_a_dedicated_grid_that_was_drawn_badly_stays_dedicated() -> None:
    town, land, plan, sound = divided("odd 3")
    smaller = [shape.buffer(-1.0) for shape in sound.shapes]
    repaired = repair(town, land, drawn(smaller), Profile())
    assert repaired.plan.kind.count(GridKind.DEDICATED) == plan.kind.count(GridKind.DEDICATED) > 0
    assert FaultKind.GAP in {finding.kind for finding in check(town, drawn(smaller), Profile())}
