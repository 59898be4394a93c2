"""Barriers of a town: the lines that close enclosures, with their kinds."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray
from gridmap.core.land.arrangement.noding import COORDINATE_PRECISION_M
from gridmap.core.land.town import Town
from gridmap.core.vocabulary import BLOCKING_BORDER_KINDS, BarrierKind, BorderKind, StreetKind

BORDER_KIND_OF_STREET: Mapping[str, BorderKind] = {
    StreetKind.MOTORWAY: BorderKind.MOTORWAY,
    StreetKind.ARTERIAL: BorderKind.ARTERIAL,
    StreetKind.LOCAL: BorderKind.LOCAL,
    StreetKind.LANE: BorderKind.LANE,
}
BORDER_KIND_OF_BARRIER: Mapping[str, BorderKind] = {
    BarrierKind.RAIL: BorderKind.RAIL,
    BarrierKind.WATER: BorderKind.WATER,
    BarrierKind.MOTORWAY: BorderKind.MOTORWAY,
    BarrierKind.WALL: BorderKind.WALL,
}
DEAD_END_TOLERANCE_M = 0.5
"""A street that ends this near a blocking line ends there and does not cross it."""


@dataclass(frozen=True, eq=False)
class Barriers:
    """Lines with their kinds, water surfaces, and crossings of streets over blocking lines.

    Parameters
    ----------
    lines : ndarray of LineString, metres
        Streets, barriers and the outlines of surfaces, clipped to the communities.
    kinds : ndarray of int, one per line
        `BorderKind` of each line.
    water : ndarray of Polygon
        Water surfaces.
    crossings : ndarray of float, shape (n, 2), metres
        Points where a street leads over or under a line that blocks pedestrians.
    """

    lines: GeometryArray
    kinds: IntArray
    water: GeometryArray
    crossings: FloatArray


def collect_barriers(town: Town) -> Barriers:
    """Collect the barriers of a town, within its communities.

    Parameters
    ----------
    town : Town
        Layers in metres.

    Returns
    -------
    Barriers

    Examples
    --------
    >>> from gridmap.demo.town import build_town
    >>> barriers = collect_barriers(build_town(500))
    >>> sorted({BorderKind(kind).name for kind in barriers.kinds})
    ['ARTERIAL', 'WALL']
    """
    streets, barriers = town.streets.geometry.to_numpy(), town.barriers.geometry.to_numpy()
    kinds = np.concatenate(
        [
            _border_kinds(town.streets["kind"], BORDER_KIND_OF_STREET),
            _border_kinds(town.barriers["kind"], BORDER_KIND_OF_BARRIER),
        ]
    )
    lines, kinds = _clip_lines(_boundary_lines(np.concatenate([streets, barriers])), kinds, town)
    is_water = (town.barriers["kind"].to_numpy() == BarrierKind.WATER) & (shapely.get_dimensions(barriers) == 2)
    return Barriers(lines, kinds, barriers[is_water], _find_crossings(lines, kinds))


def _border_kinds(names: "pd.Series[str]", table: Mapping[str, BorderKind]) -> IntArray:
    return np.array([table[name] for name in names], dtype=np.int64)


def _boundary_lines(shapes: GeometryArray) -> GeometryArray:
    """Return lines unchanged and the boundaries of surfaces."""
    return np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)


def _clip_lines(lines: GeometryArray, kinds: IntArray, town: Town) -> tuple[GeometryArray, IntArray]:
    """Clip lines to the communities: a street outside must not close land there."""
    territory = shapely.union_all(town.communities.geometry.to_numpy(), grid_size=COORDINATE_PRECISION_M)
    shapely.prepare(territory)
    leaves = ~shapely.contains_properly(territory, lines)
    lines = lines.copy()
    lines[leaves] = shapely.intersection(lines[leaves], territory)
    parts, line_of_part = shapely.get_parts(lines, return_index=True)
    parts, outer_part = shapely.get_parts(parts, return_index=True)  # clipping leaves collections of multi-parts
    is_line = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    return parts[is_line], kinds[line_of_part[outer_part[is_line]]]


def _find_crossings(lines: GeometryArray, kinds: IntArray) -> FloatArray:
    """Return the points where walkable streets meet blocking lines, except at dead ends."""
    is_blocking = np.isin(kinds, BLOCKING_BORDER_KINDS)
    streets, blocking = lines[~is_blocking & (kinds != BorderKind.WALL)], lines[is_blocking]
    street, line = shapely.STRtree(blocking).query(streets, predicate="intersects")[:2] if len(blocking) else ([], [])
    points = shapely.get_parts(shapely.intersection(streets[street], blocking[line]))
    points = shapely.get_coordinates(points[shapely.get_dimensions(points) == 0])
    dead_ends = _find_dead_ends(streets)
    if not len(points) or not len(dead_ends):
        return np.asarray(points)
    distance, _ = cKDTree(dead_ends).query(points, distance_upper_bound=DEAD_END_TOLERANCE_M)
    return np.asarray(points[distance > DEAD_END_TOLERANCE_M])


def _find_dead_ends(streets: GeometryArray) -> FloatArray:
    """Return the end points of the street network that no second street touches."""
    network = shapely.line_merge(shapely.union_all(streets, grid_size=COORDINATE_PRECISION_M))
    ends = shapely.get_coordinates(shapely.boundary(shapely.get_parts(network)))
    points, counts = np.unique(ends, axis=0, return_counts=True)
    return np.asarray(points[counts == 1])
