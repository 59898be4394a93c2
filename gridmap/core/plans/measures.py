"""Measures of grids; each measure has a version number, which rises when its formula changes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray
from gridmap.core.errors import Message
from gridmap.core.households.estimate import sum_household_ranges
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.plans.extents import describe_extents
from gridmap.core.plans.grid_codes import generate_grid_codes, reading_order
from gridmap.core.plans.outlines import draw_outlines
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridKind


@dataclass(frozen=True)
class Measure:
    """A measure that gives one value per grid.

    Parameters
    ----------
    key : str
        Column name.
    version : int
        Version of the formula.
    compute : callable
        Function from the input to an array with one value per grid.
    """

    key: str
    version: int
    compute: Callable[["MeasureInput"], NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class MeasureInput:
    """Input of the measures.

    Parameters
    ----------
    town : Town
    plan : GridPlan
    grid_of_building : ndarray of int
        Grid of each building.
    shapes : ndarray of Polygon or MultiPolygon, metres
        Polygon of each grid; a coverage.
    """

    town: Town
    plan: GridPlan
    grid_of_building: IntArray
    shapes: GeometryArray


def _count_households(inputs: MeasureInput) -> IntArray:
    households = inputs.town.buildings["households"].to_numpy()
    return np.bincount(inputs.grid_of_building, households, len(inputs.plan)).astype(np.int64)


def _count_estimated_households(inputs: MeasureInput) -> IntArray:
    """Return the estimated, not counted, households of each grid."""
    buildings = inputs.town.buildings
    estimated = buildings["households"].where(buildings["households_estimated"], 0).to_numpy()
    return np.bincount(inputs.grid_of_building, estimated, len(inputs.plan)).astype(np.int64)


def _household_range(inputs: MeasureInput) -> tuple[IntArray, IntArray]:
    """Return the lower and upper limits of the households of each grid; without estimates both equal the count."""
    columns = inputs.town.buildings[["households", "households_low", "households_high"]].to_numpy().T
    return sum_household_ranges(tuple(columns), inputs.grid_of_building, len(inputs.plan))


def _count_buildings(inputs: MeasureInput) -> IntArray:
    return np.bincount(inputs.grid_of_building, minlength=len(inputs.plan))


def _polsby_popper(inputs: MeasureInput) -> FloatArray:
    """Return 4 pi area / perimeter², 1 for a circle (Polsby, Popper 1991, Yale Law & Policy Review 9)."""
    return np.asarray(4 * np.pi * shapely.area(inputs.shapes) / shapely.length(inputs.shapes) ** 2)


def _radius_m(inputs: MeasureInput) -> FloatArray:
    """Return the distance from the centroid of each grid to its farthest building with households; 0 without any."""
    inhabited = inputs.town.buildings["households"].to_numpy() > 0
    grid = inputs.grid_of_building[inhabited]
    return measure_radii(inputs.shapes, inputs.town.buildings.geometry.to_numpy()[inhabited], grid)


def measure_radii(shapes: GeometryArray, homes: GeometryArray, grid_of_home: IntArray) -> FloatArray:
    """Return the distance from the centroid of each grid to the centre of its farthest home; 0 without any.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, metres
        Polygon of each grid.
    homes : ndarray of geometries
        Inhabited buildings.
    grid_of_home : ndarray of int
        Grid of each of them.

    Examples
    --------
    >>> measure_radii(shapely.box([0, 9], 0, [2, 9], 2), shapely.points([[1, 1], [4, 5]]), np.array([0, 0])).tolist()
    [5.0, 0.0]
    """
    radii = np.zeros(len(shapes))
    centres = shapely.centroid(shapes)[grid_of_home]
    np.maximum.at(radii, grid_of_home, shapely.distance(centres, shapely.centroid(homes)))
    return radii


def count_far_homes(inputs: MeasureInput, max_radius_m: float) -> int:
    """Return the number of inhabited buildings beyond a radius from the centroid of their household grid; metres."""
    is_household = np.array([kind is GridKind.HOUSEHOLD for kind in inputs.plan.kind])
    inhabited = (inputs.town.buildings["households"].to_numpy() > 0) & is_household[inputs.grid_of_building]
    homes = shapely.centroid(inputs.town.buildings.geometry.to_numpy()[inhabited])
    centres = shapely.centroid(inputs.shapes)[inputs.grid_of_building[inhabited]]
    return int((shapely.distance(centres, homes) > max_radius_m).sum())


MEASURES: tuple[Measure, ...] = (
    Measure("households", 1, _count_households),
    Measure("estimated_households", 1, _count_estimated_households),
    Measure("households_low", 1, lambda inputs: _household_range(inputs)[0]),
    Measure("households_high", 1, lambda inputs: _household_range(inputs)[1]),
    Measure("buildings", 1, _count_buildings),
    Measure("area_m2", 1, lambda inputs: shapely.area(inputs.shapes)),
    Measure("perimeter_m", 1, lambda inputs: shapely.length(inputs.shapes)),
    Measure("polsby_popper", 1, _polsby_popper),
    Measure("radius_m", 1, _radius_m),
)


def grid_polygons(plan: GridPlan, land: LandCoverage) -> GeometryArray:
    """Return the polygon of each grid, merged from its cells along shared edges.

    Parameters
    ----------
    plan : GridPlan
    land : LandCoverage

    Returns
    -------
    ndarray of Polygon or MultiPolygon, metres
        A coverage; a grid has several parts only where its community has several.
    """
    order = np.argsort(plan.grid_of_cell, kind="stable")
    groups = np.split(land.cells[order], np.flatnonzero(np.diff(plan.grid_of_cell[order])) + 1)
    shapes = np.empty(len(groups), dtype=object)
    shapes[:] = [shapely.coverage_union_all(group) for group in groups]
    return shapes


def measure_grids(town: Town, land: LandCoverage, plan: GridPlan, profile: Profile) -> gpd.GeoDataFrame:
    """Return the grids of a plan with their codes and measures.

    Parameters
    ----------
    town, land, plan : Town, LandCoverage, GridPlan
        Town, its land, and the plan on it.
    profile : Profile
        The norm for the status.

    Returns
    -------
    GeoDataFrame
        One row per grid of the plan, in its order: ``grid_code``, ``community_code``, ``kind``, the columns of
        `MEASURES`, ``load`` where it is not households, ``status``, ``reason`` (Message or None), ``extent`` (Message)
        and ``outline`` (polygon as it is drawn), in the town's metric CRS.
    """
    grids = MeasureInput(town, plan, plan.grid_of_cell[land.cell_of_building], grid_polygons(plan, land))
    return grid_table(grids, number_grids(grids), profile)


def grid_table(inputs: MeasureInput, codes: Sequence[str] | GeometryArray, profile: Profile) -> gpd.GeoDataFrame:
    """Return grids with given codes, their measures, extents and outlines, as `measure_grids` does.

    Parameters
    ----------
    inputs : MeasureInput
        Its shapes are a coverage.
    codes : sequence or ndarray of str, one per grid
    profile : Profile
    """
    table = measure_table(inputs, codes, profile)
    place = (inputs.town, inputs.plan, inputs.shapes, inputs.grid_of_building)
    columns = {"extent": describe_extents(*place, codes), "outline": list(draw_outlines(*place))}
    order = [*table.columns.drop("geometry"), *columns, "geometry"]
    return table.assign(**{name: pd.Series(column, dtype=object) for name, column in columns.items()})[order]


def measure_table(inputs: MeasureInput, codes: Sequence[str] | GeometryArray, profile: Profile) -> gpd.GeoDataFrame:
    """Return grids with given codes and their measures only: drawn grids may overlap, and have no other outlines.

    The community code of a grid without a community is None.

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
    loads = table["households"].to_numpy()
    if inputs.town.load:
        loads = np.bincount(inputs.grid_of_building, inputs.town.loads, len(inputs.plan)).astype(np.int64)
        table.insert(list(table.columns).index("households") + 1, "load", loads)
    table["status"] = [str(profile.status(load)) for load in loads.tolist()]
    table["reason"] = pd.Series(_list_reasons(inputs, profile, table["radius_m"].tolist()), dtype=object)
    return gpd.GeoDataFrame(table, geometry=inputs.shapes, crs=inputs.town.crs)


def list_reasons(inputs: MeasureInput, profile: Profile) -> list[Message | None]:
    """Return the reason of each grid: its width where it is too wide, else that of the plan."""
    return _list_reasons(inputs, profile, _radius_m(inputs).tolist())


def _list_reasons(inputs: MeasureInput, profile: Profile, radii: Sequence[float]) -> list[Message | None]:
    wide = [
        profile.radius_reason(radius) if kind is GridKind.HOUSEHOLD else None
        for radius, kind in zip(radii, inputs.plan.kind, strict=True)
    ]
    return [too_wide or reason for reason, too_wide in zip(inputs.plan.reason, wide, strict=True)]


def number_grids(inputs: MeasureInput) -> GeometryArray:
    """Return a code for each grid, numbered within its community in reading order."""
    codes = np.empty(len(inputs.plan), dtype=object)
    centre, area = shapely.get_coordinates(shapely.centroid(inputs.shapes)), shapely.area(inputs.shapes)
    for position, community_code in enumerate(inputs.town.communities["code"]):
        grids = np.flatnonzero(inputs.plan.community == position)
        codes[grids[reading_order(centre[grids], area[grids])]] = generate_grid_codes(community_code, len(grids))
    return codes
