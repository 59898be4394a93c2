"""Figures of grids: a versioned tuple of measures, so that a changed formula is a new version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray
from gridmap.core.households.estimate import sum_household_ranges
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.plans.grid_codes import generate_grid_codes, reading_order
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile


@dataclass(frozen=True)
class Measure:
    """One figure of every grid.

    Parameters
    ----------
    key : str
        Its column.
    version : int
        Raised whenever the formula changes.
    compute : callable
        From town, plan, building's grid and grid shapes to an array with one value per grid.
    """

    key: str
    version: int
    compute: Callable[["MeasureInput"], NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class MeasureInput:
    """What measures are computed from.

    Parameters
    ----------
    town : Town
    plan : GridPlan
    grid_of_building : ndarray of int
        Grid of each building.
    shapes : ndarray of Polygon or MultiPolygon, metres
        One per grid; a coverage.
    """

    town: Town
    plan: GridPlan
    grid_of_building: IntArray
    shapes: GeometryArray


def _count_households(inputs: MeasureInput) -> IntArray:
    households = inputs.town.buildings["households"].to_numpy()
    return np.bincount(inputs.grid_of_building, households, len(inputs.plan)).astype(np.int64)


def _count_estimated_households(inputs: MeasureInput) -> IntArray:
    """Households of a grid that nobody counted."""
    buildings = inputs.town.buildings
    estimated = buildings["households"].where(buildings["households_estimated"], 0).to_numpy()
    return np.bincount(inputs.grid_of_building, estimated, len(inputs.plan)).astype(np.int64)


def _household_range(inputs: MeasureInput) -> tuple[IntArray, IntArray]:
    """Where the households of a grid probably lie; a grid that was counted has no range but its count."""
    told = inputs.town.buildings[["households", "households_low", "households_high"]].to_numpy().T
    return sum_household_ranges(tuple(told), inputs.grid_of_building, len(inputs.plan))


def _count_buildings(inputs: MeasureInput) -> IntArray:
    return np.bincount(inputs.grid_of_building, minlength=len(inputs.plan))


def _polsby_popper(inputs: MeasureInput) -> FloatArray:
    """4 pi times area over perimeter squared: 1 for a circle (Polsby, Popper 1991, Yale Law & Policy Review 9)."""
    return np.asarray(4 * np.pi * shapely.area(inputs.shapes) / shapely.length(inputs.shapes) ** 2)


def _radius_m(inputs: MeasureInput) -> FloatArray:
    """From the centroid of a grid to its farthest building with households; 0 without any."""
    peopled = inputs.town.buildings["households"].to_numpy() > 0
    of_building = inputs.grid_of_building[peopled]
    buildings = shapely.centroid(inputs.town.buildings.geometry.to_numpy()[peopled])
    radius = np.zeros(len(inputs.plan))
    np.maximum.at(radius, of_building, shapely.distance(shapely.centroid(inputs.shapes)[of_building], buildings))
    return radius


MEASURES: tuple[Measure, ...] = (
    Measure("households", 1, _count_households),
    Measure("estimated_households", 1, _count_estimated_households),
    Measure("households_low", 1, lambda grids: _household_range(grids)[0]),
    Measure("households_high", 1, lambda grids: _household_range(grids)[1]),
    Measure("buildings", 1, _count_buildings),
    Measure("area_m2", 1, lambda grids: shapely.area(grids.shapes)),
    Measure("perimeter_m", 1, lambda grids: shapely.length(grids.shapes)),
    Measure("polsby_popper", 1, _polsby_popper),
    Measure("radius_m", 1, _radius_m),
)


def grid_polygons(plan: GridPlan, land: LandCoverage) -> GeometryArray:
    """Shape of each grid, from the shared edges of its cells.

    Parameters
    ----------
    plan : GridPlan
    land : LandCoverage

    Returns
    -------
    ndarray of Polygon or MultiPolygon, metres
        A coverage; several parts only where a community has several.
    """
    order = np.argsort(plan.grid_of_cell, kind="stable")
    groups = np.split(land.cells[order], np.flatnonzero(np.diff(plan.grid_of_cell[order])) + 1)
    shapes = np.empty(len(groups), dtype=object)
    shapes[:] = [shapely.coverage_union_all(group) for group in groups]
    return shapes


def measure_grids(town: Town, land: LandCoverage, plan: GridPlan, profile: Profile) -> gpd.GeoDataFrame:
    """The grids of a plan with their codes and figures.

    Parameters
    ----------
    town, land, plan : Town, LandCoverage, GridPlan
        What was divided, and how.
    profile : Profile
        The range that decides the status.

    Returns
    -------
    GeoDataFrame
        One row per grid of the plan, in its order: ``grid_code``, ``community_code``, ``kind``, the columns of
        `MEASURES`, ``status``, ``reason`` (Message or None), in the town's metric CRS.
    """
    grids = MeasureInput(town, plan, plan.grid_of_cell[land.cell_of_building], grid_polygons(plan, land))
    return grid_table(grids, number_grids(grids), profile)


def grid_table(inputs: MeasureInput, codes: Sequence[str] | GeometryArray, profile: Profile) -> gpd.GeoDataFrame:
    """Grids with their codes and figures, as `measure_grids` gives them; a grid without community has no community code.

    Parameters
    ----------
    inputs : MeasureInput
    codes : sequence or ndarray of str, one per grid
    profile : Profile
    """
    community_codes = np.array([*inputs.town.communities["code"], None], dtype=object)
    columns: Mapping[str, object] = {
        "grid_code": codes,
        "community_code": community_codes[inputs.plan.community],
        "kind": [str(kind) for kind in inputs.plan.kind],
        **{measure.key: measure.compute(inputs) for measure in MEASURES},
    }
    table = pd.DataFrame(columns)
    table["status"] = [str(profile.status(households)) for households in table["households"]]
    table["reason"] = pd.Series(inputs.plan.reason, dtype=object)
    return gpd.GeoDataFrame(table, geometry=inputs.shapes, crs=inputs.town.crs)


def number_grids(inputs: MeasureInput) -> GeometryArray:
    """Code of each grid: numbered within its community in reading order."""
    found = np.empty(len(inputs.plan), dtype=object)
    centre, area = shapely.get_coordinates(shapely.centroid(inputs.shapes)), shapely.area(inputs.shapes)
    for position, community in enumerate(inputs.town.communities["code"]):
        here = np.flatnonzero(inputs.plan.community == position)
        found[here[reading_order(centre[here], area[here])]] = generate_grid_codes(community, len(here))
    return found
