"""Plots of a town, and their grouping into resident groups and grids."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray
from gridmap.demo.layout.ground_plan import VERTEX_SPACING_M, GroundPlan
from gridmap.demo.layout.settlement import Block

MIN_SHARED_EDGE_M = 5.0
"""Minimum length of the shared edge of adjacent plots; plots with a shorter one meet only at a corner."""


@dataclass(frozen=True, eq=False)
class Plots:
    """Plots of a town, which cover it.

    Parameters
    ----------
    shapes : ndarray of Polygon, metres
        A coverage.
    centres : ndarray of float, shape (n, 2)
        Middles in plan coordinates.
    households : ndarray of int
    community : ndarray of int
        Community of each plot, as in the ground plan.
    """

    shapes: GeometryArray
    centres: FloatArray
    households: IntArray
    community: IntArray

    @cached_property
    def adjacency(self) -> pd.DataFrame:
        """Pairs of plots of one community with a shared edge: ``one``, ``other``, ``length`` in metres, both orders."""
        one, other = shapely.STRtree(self.shapes).query(self.shapes, predicate="intersects")
        same_community = (one != other) & (self.community[one] == self.community[other])
        one, other = one[same_community], other[same_community]
        length = shapely.length(shapely.intersection(self.shapes[one], self.shapes[other]))
        table = pd.DataFrame({"one": one, "other": other, "length": length})
        return table[table["length"] > MIN_SHARED_EDGE_M].reset_index(drop=True)

    def dissolve(self, group_of_plot: IntArray) -> GeometryArray:
        """Return a polygon, or a multipolygon, for each group from 0; plots with -1 are left out."""
        groups = range(int(group_of_plot.max()) + 1)
        return np.array(
            [shapely.coverage_union_all(self.shapes[group_of_plot == group]) for group in groups], dtype=object
        )


def collect_plots(ground_plan: GroundPlan, blocks: Sequence[Block]) -> Plots:
    """Collect the plots of all blocks.

    Parameters
    ----------
    ground_plan : GroundPlan
        The plan.
    blocks : sequence of Block
        All blocks, including those of the river and the railway.

    Returns
    -------
    Plots
    """
    corners = np.array([plot for block in blocks for plot in block.content.plots])
    sizes = [len(block.content.plots) for block in blocks]
    community = np.repeat([ground_plan.communities[block.column, block.row] for block in blocks], sizes)
    boxes = shapely.box(*corners.T)
    households = np.bincount(*_plots_of_buildings(blocks, boxes), minlength=len(boxes)).astype(np.int64)
    centres = np.column_stack([corners[:, [0, 2]].mean(axis=1), corners[:, [1, 3]].mean(axis=1)])
    return Plots(_plots_on_map(ground_plan, boxes), centres, households, community)


def _plots_of_buildings(blocks: Sequence[Block], boxes: GeometryArray) -> tuple[IntArray, IntArray]:
    """Return the plot and the households of each building."""
    buildings = [building for block in blocks for building in block.content.buildings]
    corners = np.array([building.box for building in buildings])
    centres = shapely.points(corners[:, [0, 2]].mean(axis=1), corners[:, [1, 3]].mean(axis=1))
    position, plot = shapely.STRtree(boxes).query(centres, predicate="intersects")
    first = np.unique(position, return_index=True)[1]
    return plot[first], np.array([building.households for building in buildings])[position[first]]


def _plots_on_map(ground_plan: GroundPlan, boxes: GeometryArray) -> GeometryArray:
    """Return the plots on the map, with a vertex at every vertex of a neighbour."""
    lines = shapely.get_parts(shapely.union_all(shapely.boundary(boxes)))
    faces = shapely.get_parts(shapely.polygonize(shapely.segmentize(lines, VERTEX_SPACING_M)))
    face, plot = shapely.STRtree(boxes).query(shapely.point_on_surface(faces), predicate="within")
    shapes = np.empty(len(boxes), dtype=object)
    shapes[plot] = shapely.transform(faces[face], ground_plan.to_map)
    return shapes


def group_plots(plots: Plots, community: int, part_count: int) -> IntArray:
    """Split a community into parts of nearly equal households, by repeated bisection across the longer side.

    Parameters
    ----------
    plots : Plots
    community : int
        Number of the community.
    part_count : int
        Number of parts; fewer if the community has fewer plots.

    Returns
    -------
    ndarray of int
        Part of each plot, from 0; -1 in other communities.
    """
    part_of_plot = np.full(len(plots.shapes), -1, dtype=np.int64)
    members = np.flatnonzero(plots.community == community)
    for number, part in enumerate(_bisect_plots(plots, members, min(part_count, len(members)))):
        part_of_plot[part] = number
    return make_contiguous(plots, part_of_plot)


def make_contiguous(plots: Plots, group_of_plot: IntArray) -> IntArray:
    """Reassign detached parts of groups to neighbouring groups.

    Parameters
    ----------
    plots : Plots
    group_of_plot : ndarray of int
        Group of each plot; -1 for none.

    Returns
    -------
    ndarray of int
        Contiguous groups, as far as their communities are contiguous.
    """
    while ((reassigned := _reassign_detached_parts(plots, group_of_plot)) != group_of_plot).any():
        group_of_plot = reassigned
    return group_of_plot


def _reassign_detached_parts(plots: Plots, group_of_plot: IntArray) -> IntArray:
    """Reassign every detached part that borders the main part of another group; the longest border decides."""
    one, other = plots.adjacency["one"].to_numpy(), plots.adjacency["other"].to_numpy()
    same = group_of_plot[one] == group_of_plot[other]
    links = coo_array((np.ones(same.sum()), (one[same], other[same])), shape=(len(group_of_plot), len(group_of_plot)))
    component = connected_components(links)[1]
    weight = np.bincount(component, plots.households + 1e-3)[component]
    main_weight = pd.Series(weight).groupby(group_of_plot).transform("max").to_numpy()
    detached = (weight < main_weight) & (group_of_plot >= 0)
    borders = plots.adjacency[detached[one] & ~same & ~detached[other] & (group_of_plot[other] >= 0)]
    reassigned = group_of_plot.copy()
    for part, rows in borders.groupby(component[borders["one"]]):
        reassigned[component == part] = group_of_plot[rows["other"]][int(rows["length"].argmax())]
    return reassigned


def _bisect_plots(plots: Plots, members: IntArray, part_count: int) -> list[IntArray]:
    if part_count <= 1:
        return [members]
    extent = np.ptp(plots.centres[members], axis=0)
    position = plots.centres[members, int(np.argmax(extent))]
    members = members[np.lexsort((plots.centres[members, int(np.argmin(extent))], position))]
    cumulated = np.cumsum(plots.households[members]) + np.arange(len(members)) * 1e-6
    first_count = part_count // 2
    cut = int(np.searchsorted(cumulated, cumulated[-1] * first_count / part_count)) + 1
    cut = int(np.clip(cut, first_count, len(members) - (part_count - first_count)))
    first, second = members[:cut], members[cut:]
    return _bisect_plots(plots, first, first_count) + _bisect_plots(plots, second, part_count - first_count)


def allocate_parts(plots: Plots, part_count: int) -> list[int]:
    """Return the number of parts of each community, in proportion to its households, and at least one.

    Parameters
    ----------
    plots : Plots
    part_count : int
        Number of parts of the whole town.
    """
    households = np.bincount(plots.community, plots.households)
    share = households / max(1.0, households.sum()) * part_count
    counts = np.maximum(1, np.floor(share)).astype(np.int64)
    for community in np.argsort(counts - share, kind="stable")[: max(0, part_count - counts.sum())]:
        counts[community] += 1
    return [int(number) for number in counts]
