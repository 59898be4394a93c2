"""Rules that every plan keeps, as named predicates: a broken one says its name, place and number."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.plans.plan import GridPlan
from gridmap.core.vocabulary import GridKind

AREA_TOLERANCE_M2_PER_M = 1e-3
"""Rounding to the millimetre may move a boundary by as much."""


class InvalidPlanError(RuntimeError):
    """A plan that breaks a rule of the land: a fault of the program, never written."""


@dataclass(frozen=True, eq=False)
class RuleInput:
    """A plan with all that its rules look at; `shapes` are its grids."""

    town: Town
    land: LandCoverage
    plan: GridPlan
    shapes: GeometryArray


@dataclass(frozen=True)
class RuleViolation:
    """A broken rule: its name, where, and by how much."""

    rule: str
    place: str
    number: float

    def __str__(self) -> str:
        return f"{self.rule}: {self.place}: {self.number:g}"


def check_coverage(inputs: RuleInput) -> Iterator[RuleViolation]:
    """The grids share edges vertex for vertex and cover their community: no gap, overlap or spill."""
    if not shapely.coverage_is_valid(inputs.shapes):
        yield RuleViolation("covers", "town", float(len(inputs.shapes)))
    area = np.bincount(inputs.plan.community, shapely.area(inputs.shapes), len(inputs.town.communities))
    whole = inputs.town.communities.geometry
    for code, got, want, around in zip(inputs.town.communities["code"], area, whole.area, whole.length, strict=True):
        if abs(got - want) > AREA_TOLERANCE_M2_PER_M * around + 1.0:
            yield RuleViolation("covers", code, got - want)


def check_contiguity(inputs: RuleInput) -> Iterator[RuleViolation]:
    """A grid is one polygon within each part of its community, or within its dedicated land."""
    parts = shapely.get_num_geometries(inputs.town.communities.geometry.to_numpy())[inputs.plan.community]
    pieces = shapely.get_num_geometries(inputs.shapes)
    for grid in np.flatnonzero(pieces > parts):
        yield RuleViolation("in_one_piece", f"grid {grid}", float(pieces[grid]))


def check_single_community(inputs: RuleInput) -> Iterator[RuleViolation]:
    """No grid has land of two communities."""
    foreign = inputs.land.community != inputs.plan.community[inputs.plan.grid_of_cell]
    for cell in np.flatnonzero(foreign):
        yield RuleViolation("within_community", f"cell {cell}", float(inputs.land.community[cell]))


def check_dedicated_land(inputs: RuleInput) -> Iterator[RuleViolation]:
    """Dedicated land is in grids of its own kind, and two lands never in one grid."""
    plan, dedicated = inputs.plan, inputs.land.dedicated
    held = np.unique(np.stack([plan.grid_of_cell, dedicated], axis=1)[dedicated >= 0], axis=0)[:, 0]
    of_household = np.array([kind is GridKind.HOUSEHOLD for kind in plan.kind])
    wrong = np.bincount(held, minlength=len(plan)) > np.where(of_household, 0, 1)
    for grid in np.flatnonzero(wrong):
        yield RuleViolation("keeps_dedicated", f"grid {grid}", float((held == grid).sum()))


RULES: tuple[Callable[[RuleInput], Iterator[RuleViolation]], ...] = (
    check_coverage,
    check_contiguity,
    check_single_community,
    check_dedicated_land,
)


def find_violations(town: Town, land: LandCoverage, plan: GridPlan, shapes: GeometryArray) -> list[RuleViolation]:
    """Every rule a plan breaks; an empty list for a sound plan.

    Parameters
    ----------
    town, land, plan : Town, LandCoverage, GridPlan
        What was divided, and how.
    shapes : ndarray of Polygon or MultiPolygon, metres
        The grids.
    """
    subject = RuleInput(town, land, plan, shapes)
    return [breach for rule in RULES for breach in rule(subject)]
