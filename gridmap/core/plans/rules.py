"""Rules that every plan keeps, as named predicates over a plan and its land."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.plans.plan import GridPlan
from gridmap.core.vocabulary import GridKind

AREA_TOLERANCE_M2_PER_M = 1e-3
"""Area that rounding to the millimetre may add or remove per metre of boundary."""


class InvalidPlanError(RuntimeError):
    """A plan that breaks a rule: a program error, never written."""


@dataclass(frozen=True, eq=False)
class RuleInput:
    """A plan with the town, the land and the grid polygons that the rules check."""

    town: Town
    land: LandCoverage
    plan: GridPlan
    shapes: GeometryArray


@dataclass(frozen=True)
class RuleViolation:
    """One violation of a rule.

    Parameters
    ----------
    rule : str
        Name of the rule.
    value : float
        Measured value: square metres, or a number of parts.
    grid : int or None
        Position of the grid in the plan; None where no single grid breaks the rule.
    location : str
        Location of the violation where `grid` is None: a community code, a cell or the town.

    Examples
    --------
    >>> str(RuleViolation("in_one_piece", 2.0, grid=3)), str(RuleViolation("covers", -0.5, location="TP"))
    ('in_one_piece: grid 3: 2', 'covers: TP: -0.5')
    """

    rule: str
    value: float
    grid: int | None = None
    location: str = ""

    def __str__(self) -> str:
        location = self.location if self.grid is None else f"grid {self.grid}"
        return f"{self.rule}: {location}: {self.value:g}"


def check_coverage(inputs: RuleInput) -> Iterator[RuleViolation]:
    """Require grids that share edges vertex for vertex and cover their community without gap, overlap or spill."""
    if not shapely.coverage_is_valid(inputs.shapes):
        yield RuleViolation("covers", float(len(inputs.shapes)), location="town")
    covered = np.bincount(inputs.plan.community, shapely.area(inputs.shapes), len(inputs.town.communities))
    outlines = inputs.town.communities.geometry
    rows = zip(inputs.town.communities["code"], covered, outlines.area, outlines.length, strict=True)
    for code, grid_area, area, perimeter in rows:
        if abs(grid_area - area) > AREA_TOLERANCE_M2_PER_M * perimeter + 1.0:
            yield RuleViolation("covers", grid_area - area, location=code)


def check_contiguity(inputs: RuleInput) -> Iterator[RuleViolation]:
    """Require that a grid has at most one polygon in each part of its community."""
    part_counts = shapely.get_num_geometries(inputs.town.communities.geometry.to_numpy())[inputs.plan.community]
    polygon_counts = shapely.get_num_geometries(inputs.shapes)
    for grid in np.flatnonzero(polygon_counts > part_counts).tolist():
        yield RuleViolation("in_one_piece", float(polygon_counts[grid]), grid)


def check_single_community(inputs: RuleInput) -> Iterator[RuleViolation]:
    """Require that all cells of a grid lie in one community."""
    foreign = inputs.land.community != inputs.plan.community[inputs.plan.grid_of_cell]
    for cell in np.flatnonzero(foreign).tolist():
        yield RuleViolation("within_community", float(inputs.land.community[cell]), location=f"cell {cell}")


def check_dedicated_land(inputs: RuleInput) -> Iterator[RuleViolation]:
    """Require that dedicated land lies in dedicated grids, one land in each."""
    plan, dedicated = inputs.plan, inputs.land.dedicated
    grid_of_land = np.unique(np.stack([plan.grid_of_cell, dedicated], axis=1)[dedicated >= 0], axis=0)[:, 0]
    land_counts = np.bincount(grid_of_land, minlength=len(plan))
    allowed = np.array([0 if kind is GridKind.HOUSEHOLD else 1 for kind in plan.kind])
    for grid in np.flatnonzero(land_counts > allowed).tolist():
        yield RuleViolation("keeps_dedicated", float(land_counts[grid]), grid)


RULES: tuple[Callable[[RuleInput], Iterator[RuleViolation]], ...] = (
    check_coverage,
    check_contiguity,
    check_single_community,
    check_dedicated_land,
)


def find_violations(town: Town, land: LandCoverage, plan: GridPlan, shapes: GeometryArray) -> list[RuleViolation]:
    """Find every violation of the rules by a plan; the list of a valid plan is empty.

    Parameters
    ----------
    town, land, plan : Town, LandCoverage, GridPlan
        Town, its land, and the plan on it.
    shapes : ndarray of Polygon or MultiPolygon, metres
        Polygon of each grid.
    """
    inputs = RuleInput(town, land, plan, shapes)
    return [violation for rule in RULES for violation in rule(inputs)]


def require_no_violations(violations: Iterable[RuleViolation]) -> None:
    """Raise an error that names all violations, if there are any.

    Parameters
    ----------
    violations : iterable of RuleViolation
        From `find_violations`.

    Raises
    ------
    InvalidPlanError
        If there is a violation.
    """
    if text := "; ".join(map(str, violations)):
        raise InvalidPlanError(text)
