"""The lines that close land in, each with what it is."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd
import shapely
from scipy.spatial import cKDTree

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray
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
"""A street that ends this near a blocked line ends there: it does not cross."""


@dataclass(frozen=True, eq=False)
class Barriers:
    """Lines with their kinds, water surfaces, and where streets cross what people on foot cannot.

    Parameters
    ----------
    lines : ndarray of LineString, metres
        Streets, barriers and the outlines of surfaces, clipped to the communities.
    kinds : ndarray of int
        `BorderKind` of each line.
    water : ndarray of Polygon
        Surfaces of water.
    crossings : ndarray of float, shape (n, 2)
        Points where a street leads over or under a blocked line.
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
    """
    streets, barriers = town.streets.geometry.to_numpy(), town.barriers.geometry.to_numpy()
    kinds = np.concatenate(
        [
            _border_kinds(town.streets["kind"], BORDER_KIND_OF_STREET),
            _border_kinds(town.barriers["kind"], BORDER_KIND_OF_BARRIER),
        ]
    )
    lines, kinds = _clip_to_communities(_boundary_lines(np.concatenate([streets, barriers])), kinds, town)
    is_water = (town.barriers["kind"].to_numpy() == BarrierKind.WATER) & (shapely.get_dimensions(barriers) == 2)
    return Barriers(lines, kinds, barriers[is_water], _find_crossings(lines, kinds))


def _border_kinds(names: "pd.Series[str]", table: Mapping[str, BorderKind]) -> IntArray:
    return np.array([table[name] for name in names], dtype=np.int64)


def _boundary_lines(shapes: GeometryArray) -> GeometryArray:
    """Lines as they are, surfaces by their boundary."""
    return np.where(shapely.get_dimensions(shapes) == 2, shapely.boundary(shapes), shapes)


def _clip_to_communities(lines: GeometryArray, kinds: IntArray, town: Town) -> tuple[GeometryArray, IntArray]:
    """The parts of the lines within the communities: a street outside must not close land there."""
    surface = shapely.union_all(town.communities.geometry.to_numpy(), grid_size=1e-3)
    shapely.prepare(surface)
    leaving = ~shapely.contains_properly(surface, lines)
    lines = lines.copy()
    lines[leaving] = shapely.intersection(lines[leaving], surface)
    parts, index = shapely.get_parts(lines, return_index=True)
    parts, inner = shapely.get_parts(parts, return_index=True)
    is_line = shapely.get_type_id(parts) == shapely.GeometryType.LINESTRING
    return parts[is_line], kinds[index[inner[is_line]]]


def _find_crossings(lines: GeometryArray, kinds: IntArray) -> FloatArray:
    """Where streets for walking meet blocked lines, but for dead ends."""
    blocked = np.isin(kinds, BLOCKING_BORDER_KINDS)
    walked, barred = lines[~blocked & (kinds != BorderKind.WALL)], lines[blocked]
    street, bar = shapely.STRtree(barred).query(walked, predicate="intersects")[:2] if len(barred) else ([], [])
    points = shapely.get_parts(shapely.intersection(walked[street], barred[bar]))
    points = shapely.get_coordinates(points[shapely.get_dimensions(points) == 0])
    ends = _find_dead_ends(walked)
    if not len(points) or not len(ends):
        return np.asarray(points)
    return np.asarray(
        points[cKDTree(ends).query(points, distance_upper_bound=DEAD_END_TOLERANCE_M)[0] > DEAD_END_TOLERANCE_M]
    )


def _find_dead_ends(streets: GeometryArray) -> FloatArray:
    """End points of the street network that no second street touches."""
    network = shapely.get_parts(shapely.line_merge(shapely.union_all(streets, grid_size=1e-3)))
    ends = shapely.get_coordinates(shapely.boundary(network))
    points, counts = np.unique(ends, axis=0, return_counts=True)
    return np.asarray(points[counts == 1])
