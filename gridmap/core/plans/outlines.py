"""Outlines of grids as they are drawn: borders between buildings without the small corners of cells."""

from dataclasses import dataclass

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.land.arrangement.adjacency import Edges
from gridmap.core.land.arrangement.line_tree import LineTree
from gridmap.core.land.borders import LINE_TOLERANCE_M
from gridmap.core.land.town import Town
from gridmap.core.plans.border_edges import find_shared_edges
from gridmap.core.plans.plan import GridPlan
from gridmap.core.vocabulary import GridKind

SMOOTHING_TOLERANCE_M = 3.0
"""Side of the square as large as the corners that disappear: what nobody sees on a sheet, and cannot say aloud."""
STREET_TOLERANCE_M = 0.3
"""The same for borders on streets and other lines: they become straight where they are straight to some centimetres."""
NEAR_M = 20.0
"""Buildings farther from every border that becomes smooth are not looked at before it is smooth."""
POINT_SIZE_M = 1.0
"""Width of a building that is a point."""
TOUCH_M = 0.02
"""A border this near a building touches it."""
NEEDLE_M = 1e-4
MIN_CUT_M2 = 0.01
"""Coordinates are rounded to the millimetre: a wall of 10 m may lose this much without being cut."""


def draw_outlines(town: Town, plan: GridPlan, shapes: GeometryArray, grid_of_building: IntArray) -> GeometryArray:
    """Return the outlines of grids, with smooth borders between buildings.

    Borders of communities and of dedicated land, and borders that touch a building, stay vertex for vertex. Borders on
    streets and other lines stay on them, without the vertices that are nearly on the line between their neighbours. No
    border passes over a building that it did not pass over before. Outlines are for maps, sheets and files; the land
    of a grid remains that of its cells.

    Parameters
    ----------
    town : Town
    plan : GridPlan
    shapes : ndarray of Polygon or MultiPolygon, metres
        Polygon of each grid, from `gridmap.core.plans.measures.grid_polygons`.
    grid_of_building : ndarray of int
        Grid of each building.

    Returns
    -------
    ndarray of Polygon or MultiPolygon, metres
        A coverage of the same land.

    References
    ----------
    Visvalingam, Whyatt 1993, The Cartographic Journal 30, https://doi.org/10.1179/000870493786962263

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.core.partition.partition import PartitionSettings, partition_town
    >>> from gridmap.core.plans.measures import grid_polygons
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(1_500)
    >>> land = build_land(town)
    >>> plan = partition_town(town, land, PartitionSettings())
    >>> shapes = grid_polygons(plan, land)
    >>> outlines = draw_outlines(town, plan, shapes, plan.grid_of_cell[land.cell_of_building])
    >>> vertices = shapely.get_num_coordinates([*outlines]).sum() < shapely.get_num_coordinates([*shapes]).sum()
    >>> bool(shapely.coverage_is_valid(outlines)), bool(vertices)
    (True, True)
    """
    obstacles = _obstacles(town.buildings)
    edges = find_shared_edges(shapes)
    exact = _separates_land(edges, plan) | _touches(edges, obstacles)
    buildings = _Buildings(obstacles, grid_of_building)
    smooth = _simplify(shapes, edges, exact | _follows_line(edges, town), buildings, SMOOTHING_TOLERANCE_M)
    edges = find_shared_edges(smooth)
    exact = _separates_land(edges, plan) | _touches(edges, obstacles)
    return _simplify(smooth, edges, exact, buildings, STREET_TOLERANCE_M)


def _obstacles(buildings: gpd.GeoDataFrame) -> GeometryArray:
    """Return the buildings as polygons."""
    shapes = np.array(buildings.geometry.to_numpy())
    is_thin = shapely.get_dimensions(shapes) != 2
    shapes[is_thin] = shapely.buffer(shapes[is_thin], POINT_SIZE_M / 2, cap_style="square")
    return shapes


def _follows_line(edges: Edges, town: Town) -> BoolArray:
    """Return for each edge whether it lies on a street or another line."""
    lines = LineTree(np.concatenate([town.streets.geometry.to_numpy(), town.barriers.geometry.to_numpy()]))
    edge, _ = lines.find_near(edges.ends.mean(axis=1), LINE_TOLERANCE_M)
    return _mask(len(edges.ends), edge)


def _separates_land(edges: Edges, plan: GridPlan) -> BoolArray:
    """Return for each edge whether it separates communities, or dedicated land from other land."""
    dedicated = np.array([kind is GridKind.DEDICATED for kind in plan.kind], dtype=np.bool_)
    is_other_community = plan.community[edges.left] != plan.community[edges.right]
    return np.asarray(is_other_community | dedicated[edges.left] | dedicated[edges.right])


def _touches(edges: Edges, obstacles: GeometryArray) -> BoolArray:
    """Return for each edge whether it touches a building, as it does between terraced houses."""
    edge, _ = shapely.STRtree(obstacles).query(_lines(edges.ends), predicate="dwithin", distance=TOUCH_M)
    return _mask(len(edges.ends), edge)


def _lines(ends: FloatArray) -> GeometryArray:
    """Return edges as lines."""
    return np.asarray(shapely.linestrings(ends)) if len(ends) else np.empty(0, dtype=object)


def _mask(length: int, positions: IntArray) -> BoolArray:
    mask = np.zeros(length, dtype=np.bool_)
    mask[positions] = True
    return mask


@dataclass(frozen=True, eq=False)
class _Buildings:
    """Buildings as polygons, with the grid of each."""

    shapes: GeometryArray
    grid: IntArray

    def blocks_near(self, edges: FloatArray) -> GeometryArray:
        """Return the buildings near some edges, those that touch one another as one polygon."""
        _, building = shapely.STRtree(self.shapes).query(_lines(edges), predicate="dwithin", distance=NEAR_M)
        return np.asarray(shapely.get_parts(shapely.disjoint_subset_union_all(self.shapes[np.unique(building)])))

    def grids_newly_cut(self, before: GeometryArray, after: GeometryArray) -> IntArray:
        """Return the grids that lost a part of a building."""
        changed = ~shapely.equals_exact(before, after)
        buildings = np.flatnonzero(changed[self.grid])
        shapely.prepare(after)
        is_whole = shapely.covers(after[self.grid[buildings]], self.shapes[buildings])
        buildings = buildings[~is_whole]
        shapes, grid = self.shapes[buildings], self.grid[buildings]
        outside = [shapely.area(shapely.difference(shapes, grids[grid])) for grids in (before, after)]
        return np.unique(grid[outside[1] - outside[0] > MIN_CUT_M2])


def _simplify(
    shapes: GeometryArray, edges: Edges, is_kept: BoolArray, buildings: _Buildings, tolerance_m: float
) -> GeometryArray:
    """Simplify the edges that two grids share, apart from those that are kept, so that no building is cut."""
    blocks = buildings.blocks_near(edges.ends[~is_kept])
    while True:
        outlines = _smooth(shapes, edges.ends[is_kept], blocks, tolerance_m)
        cut = buildings.grids_newly_cut(shapes, outlines)
        at_cut = ~is_kept & (np.isin(edges.left, cut) | np.isin(edges.right, cut))
        if not at_cut.any():
            return outlines
        is_kept = is_kept | at_cut


def _smooth(shapes: GeometryArray, kept: FloatArray, blocks: GeometryArray, tolerance_m: float) -> GeometryArray:
    """Simplify the edges that two grids share, around blocks of buildings that touch one another.

    GEOS keeps every edge that an odd number of polygons share, and lets no other edge pass over its ends. The edges of
    blocks are such edges, and so is a kept border that a needle-shaped polygon shares as the third one. Walls within a
    block would be simplified, and a sliver that one building has as a hole and another fills makes GEOS fail.
    """
    polygons = np.concatenate([shapes, blocks, _needles(kept)])
    smooth = shapely.coverage_simplify(polygons, tolerance_m, simplify_boundary=False)
    return np.asarray(smooth[: len(shapes)])


def _needles(edges: FloatArray) -> GeometryArray:
    """Return a triangle on each edge, as flat as the numbers allow."""
    if not len(edges):
        return np.empty(0, dtype=object)
    start, end = edges[:, 0], edges[:, 1]
    along = end - start
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) / np.hypot(*along.T)[:, None]
    tip = (start + end) / 2 + across * NEEDLE_M
    return np.asarray(shapely.polygons(np.stack([start, end, tip, start], axis=1)))
