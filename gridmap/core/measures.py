"""Figures of grids: a versioned tuple of measures, so that a changed formula is a new version."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from gridmap.core.arrays import Floats, Ints, Shapes
from gridmap.core.estimate import sum_range
from gridmap.core.land import Land
from gridmap.core.numbering import grid_codes, reading_order
from gridmap.core.partition.profile import Profile
from gridmap.core.plan import Plan
from gridmap.core.town import Town


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
    compute: Callable[["Grids"], NDArray[np.generic]]


@dataclass(frozen=True, eq=False)
class Grids:
    """What measures are computed from.

    Parameters
    ----------
    town : Town
    plan : Plan
    of_building : ndarray of int
        Grid of each building.
    shapes : ndarray of Polygon or MultiPolygon, metres
        One per grid; a coverage.
    """

    town: Town
    plan: Plan
    of_building: Ints
    shapes: Shapes


def _households(grids: Grids) -> Ints:
    households = grids.town.buildings["households"].to_numpy()
    return np.bincount(grids.of_building, households, len(grids.plan)).astype(np.int64)


def _estimated(grids: Grids) -> Ints:
    """Households of a grid that nobody counted."""
    buildings = grids.town.buildings
    estimated = buildings["households"].where(buildings["households_estimated"], 0).to_numpy()
    return np.bincount(grids.of_building, estimated, len(grids.plan)).astype(np.int64)


def _range(grids: Grids) -> tuple[Ints, Ints]:
    """Where the households of a grid probably lie; a grid that was counted has no range but its count."""
    told = grids.town.buildings[["households", "households_low", "households_high"]].to_numpy().T
    return sum_range(tuple(told), grids.of_building, len(grids.plan))


def _buildings(grids: Grids) -> Ints:
    return np.bincount(grids.of_building, minlength=len(grids.plan))


def _polsby_popper(grids: Grids) -> Floats:
    """4 pi times area over perimeter squared: 1 for a circle (Polsby, Popper 1991, Yale Law & Policy Review 9)."""
    return np.asarray(4 * np.pi * shapely.area(grids.shapes) / shapely.length(grids.shapes) ** 2)


def _radius(grids: Grids) -> Floats:
    """From the centroid of a grid to its farthest building with households; 0 without any."""
    peopled = grids.town.buildings["households"].to_numpy() > 0
    of_building = grids.of_building[peopled]
    buildings = shapely.centroid(grids.town.buildings.geometry.to_numpy()[peopled])
    radius = np.zeros(len(grids.plan))
    np.maximum.at(radius, of_building, shapely.distance(shapely.centroid(grids.shapes)[of_building], buildings))
    return radius


MEASURES: tuple[Measure, ...] = (
    Measure("households", 1, _households),
    Measure("estimated_households", 1, _estimated),
    Measure("households_low", 1, lambda grids: _range(grids)[0]),
    Measure("households_high", 1, lambda grids: _range(grids)[1]),
    Measure("buildings", 1, _buildings),
    Measure("area_m2", 1, lambda grids: shapely.area(grids.shapes)),
    Measure("perimeter_m", 1, lambda grids: shapely.length(grids.shapes)),
    Measure("polsby_popper", 1, _polsby_popper),
    Measure("radius_m", 1, _radius),
)


def outlines(plan: Plan, land: Land) -> Shapes:
    """Shape of each grid, from the shared edges of its cells.

    Parameters
    ----------
    plan : Plan
    land : Land

    Returns
    -------
    ndarray of Polygon or MultiPolygon, metres
        A coverage; several parts only where a community has several.
    """
    order = np.argsort(plan.of_cell, kind="stable")
    groups = np.split(land.cells[order], np.flatnonzero(np.diff(plan.of_cell[order])) + 1)
    shapes = np.empty(len(groups), dtype=object)
    shapes[:] = [shapely.coverage_union_all(group) for group in groups]
    return shapes


def measure(town: Town, land: Land, plan: Plan, profile: Profile) -> gpd.GeoDataFrame:
    """The grids of a plan with their codes and figures.

    Parameters
    ----------
    town, land, plan : Town, Land, Plan
        What was divided, and how.
    profile : Profile
        The range that decides the status.

    Returns
    -------
    GeoDataFrame
        One row per grid of the plan, in its order: ``grid_code``, ``community_code``, ``kind``, the columns of
        `MEASURES`, ``status``, ``reason`` (Message or None), in the town's metric CRS.
    """
    grids = Grids(town, plan, plan.of_cell[land.building_cell], outlines(plan, land))
    return figures(grids, codes(grids), profile)


def figures(grids: Grids, codes: Sequence[str] | Shapes, profile: Profile) -> gpd.GeoDataFrame:
    """Grids with their codes and figures, as `measure` gives them; a grid without community has no community code.

    Parameters
    ----------
    grids : Grids
    codes : sequence or ndarray of str, one per grid
    profile : Profile
    """
    community_codes = np.array([*grids.town.communities["code"], None], dtype=object)
    columns: Mapping[str, object] = {
        "grid_code": codes,
        "community_code": community_codes[grids.plan.community],
        "kind": [str(kind) for kind in grids.plan.kind],
        **{measure.key: measure.compute(grids) for measure in MEASURES},
    }
    table = pd.DataFrame(columns)
    table["status"] = [str(profile.status(households)) for households in table["households"]]
    table["reason"] = pd.Series(grids.plan.reason, dtype=object)
    return gpd.GeoDataFrame(table, geometry=grids.shapes, crs=grids.town.crs)


def codes(grids: Grids) -> Shapes:
    """Code of each grid: numbered within its community in reading order."""
    found = np.empty(len(grids.plan), dtype=object)
    centre, area = shapely.get_coordinates(shapely.centroid(grids.shapes)), shapely.area(grids.shapes)
    for position, community in enumerate(grids.town.communities["code"]):
        here = np.flatnonzero(grids.plan.community == position)
        found[here[reading_order(centre[here], area[here])]] = grid_codes(community, len(here))
    return found
