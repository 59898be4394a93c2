"""Pieces of land that people belong to: plots gathered into resident groups and into grids."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray
from gridmap.demo.ground_plan import VERTEX_SPACING_M, GroundPlan
from gridmap.demo.settlement import Block

MIN_SHARED_EDGE_M = 5.0
"""Metres; plots whose common edge is shorter only meet at a corner."""


@dataclass(frozen=True, eq=False)
class Plots:
    """Plots of a town: polygons in metres that share every vertex, their middles in plan coordinates, who lives there.

    `community` numbers communities as the plan does; plots cover the town.
    """

    shapes: GeometryArray
    centres: FloatArray
    households: IntArray
    community: IntArray

    @cached_property
    def adjacency(self) -> pd.DataFrame:
        """Plots of one community with a common edge: ``one``, ``other``, ``length`` in metres, both ways round."""
        one, other = shapely.STRtree(self.shapes).query(self.shapes, predicate="intersects")
        near = (one != other) & (self.community[one] == self.community[other])
        one, other = one[near], other[near]
        length = shapely.length(shapely.intersection(self.shapes[one], self.shapes[other]))
        table = pd.DataFrame({"one": one, "other": other, "length": length})
        return table[table["length"] > MIN_SHARED_EDGE_M].reset_index(drop=True)

    def dissolve(self, group_of_plot: IntArray) -> GeometryArray:
        """One polygon, of several parts where needed, for each number from 0; -1 belongs to none."""
        order = range(int(group_of_plot.max()) + 1)
        return np.array(
            [shapely.coverage_union_all(self.shapes[group_of_plot == group]) for group in order], dtype=object
        )


def collect_plots(ground_plan: GroundPlan, blocks: Sequence[Block]) -> Plots:
    """Gather the plots of all blocks.

    Parameters
    ----------
    ground_plan : GroundPlan
        The plan.
    blocks : sequence of Block
        Every block, those of the river and the railway too.

    Returns
    -------
    Plots
    """
    corners = np.array([plot for block in blocks for plot in block.content.plots])
    sizes = [len(block.content.plots) for block in blocks]
    home = np.repeat([ground_plan.communities[block.column, block.row] for block in blocks], sizes)
    boxes = shapely.box(*corners.T)
    lived_in = np.bincount(*_plots_of_buildings(blocks, boxes), minlength=len(boxes)).astype(np.int64)
    middles = np.column_stack([corners[:, [0, 2]].mean(axis=1), corners[:, [1, 3]].mean(axis=1)])
    return Plots(_plots_on_map(ground_plan, boxes), middles, lived_in, home)


def _plots_of_buildings(blocks: Sequence[Block], boxes: GeometryArray) -> tuple[IntArray, IntArray]:
    """Plot and households of each building."""
    buildings = [building for block in blocks for building in block.content.buildings]
    edges = np.array([building.box for building in buildings])
    middles = shapely.points(edges[:, [0, 2]].mean(axis=1), edges[:, [1, 3]].mean(axis=1))
    building, plot = shapely.STRtree(boxes).query(middles, predicate="intersects")
    first = np.unique(building, return_index=True)[1]
    return plot[first], np.array([each.households for each in buildings])[building[first]]


def _plots_on_map(ground_plan: GroundPlan, boxes: GeometryArray) -> GeometryArray:
    """Plots on the map, with a vertex wherever a neighbour has one."""
    lines = shapely.get_parts(shapely.union_all(shapely.boundary(boxes)))
    faces = shapely.get_parts(shapely.polygonize(shapely.segmentize(lines, VERTEX_SPACING_M)))
    face, plot = shapely.STRtree(boxes).query(shapely.point_on_surface(faces), predicate="within")
    found = np.empty(len(boxes), dtype=object)
    found[plot] = shapely.transform(faces[face], ground_plan.to_map)
    return found


def group_plots(plots: Plots, community: int, part_count: int) -> IntArray:
    """Cut a community into parts of nearly equal households, again and again across its longer side.

    Parameters
    ----------
    plots : Plots
    community : int
        Number of the community.
    part_count : int
        How many; fewer if it has fewer plots.

    Returns
    -------
    ndarray of int
        Number of the part for each plot, from 0; -1 in other communities.
    """
    found = np.full(len(plots.shapes), -1, dtype=np.int64)
    members = np.flatnonzero(plots.community == community)
    for number, part in enumerate(_bisect_plots(plots, members, min(part_count, len(members)))):
        found[part] = number
    return make_contiguous(plots, found)


def make_contiguous(plots: Plots, group_of_plot: IntArray) -> IntArray:
    """Give pieces that lie apart from the rest of their group to the group beside them.

    Parameters
    ----------
    plots : Plots
    group_of_plot : ndarray of int
        Number of the group for each plot; -1 for none.

    Returns
    -------
    ndarray of int
        Groups in one piece each, as far as their communities are.
    """
    while ((nearer := _reassign_detached_parts(plots, group_of_plot)) != group_of_plot).any():
        group_of_plot = nearer
    return group_of_plot


def _reassign_detached_parts(plots: Plots, group_of_plot: IntArray) -> IntArray:
    """Groups once every piece apart that lies beside another group's main piece has joined it."""
    one, other = plots.adjacency["one"].to_numpy(), plots.adjacency["other"].to_numpy()
    same = group_of_plot[one] == group_of_plot[other]
    links = coo_array((np.ones(same.sum()), (one[same], other[same])), shape=(len(group_of_plot), len(group_of_plot)))
    piece = connected_components(links)[1]
    weight = np.bincount(piece, plots.households + 1e-3)[piece]
    most = pd.Series(weight).groupby(group_of_plot).transform("max").to_numpy()
    loose = (weight < most) & (group_of_plot >= 0)
    beside = plots.adjacency[loose[one] & ~same & ~loose[other] & (group_of_plot[other] >= 0)]
    found = group_of_plot.copy()
    for part, rows in beside.groupby(piece[beside["one"]]):
        found[piece == part] = group_of_plot[rows["other"]][int(rows["length"].argmax())]
    return found


def _bisect_plots(plots: Plots, members: IntArray, part_count: int) -> list[IntArray]:
    if part_count <= 1:
        return [members]
    extent = np.ptp(plots.centres[members], axis=0)
    along = plots.centres[members, int(np.argmax(extent))]
    members = members[np.lexsort((plots.centres[members, int(np.argmin(extent))], along))]
    reached = np.cumsum(plots.households[members]) + np.arange(len(members)) * 1e-6
    first = part_count // 2
    cut = int(np.searchsorted(reached, reached[-1] * first / part_count)) + 1
    cut = int(np.clip(cut, first, len(members) - (part_count - first)))
    return _bisect_plots(plots, members[:cut], first) + _bisect_plots(plots, members[cut:], part_count - first)


def allocate_parts(plots: Plots, part_count: int) -> list[int]:
    """Parts for each community: at least one, together so many if that is possible, by households.

    Parameters
    ----------
    plots : Plots
    part_count : int
        Of the whole town.
    """
    households = np.bincount(plots.community, plots.households)
    share = households / max(1.0, households.sum()) * part_count
    counts = np.maximum(1, np.floor(share)).astype(np.int64)
    for community in np.argsort(counts - share, kind="stable")[: max(0, part_count - counts.sum())]:
        counts[community] += 1
    return [int(number) for number in counts]
