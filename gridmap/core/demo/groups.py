"""Pieces of land that people belong to: plots gathered into resident groups and into grids."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.arrays import Floats, Ints, Shapes
from gridmap.core.demo.ground import STEP, Ground
from gridmap.core.demo.people import Block

SHORT = 5.0
"""Metres; plots whose common edge is shorter only meet at a corner."""


@dataclass(frozen=True, eq=False)
class Plots:
    """Plots of a town: polygons in metres that share every vertex, their middles in plan coordinates, who lives there.

    `community` numbers communities as the plan does; plots cover the town.
    """

    shapes: Shapes
    middles: Floats
    households: Ints
    community: Ints

    @cached_property
    def beside(self) -> pd.DataFrame:
        """Plots of one community with a common edge: ``one``, ``other``, ``length`` in metres, both ways round."""
        one, other = shapely.STRtree(self.shapes).query(self.shapes, predicate="intersects")
        near = (one != other) & (self.community[one] == self.community[other])
        one, other = one[near], other[near]
        length = shapely.length(shapely.intersection(self.shapes[one], self.shapes[other]))
        table = pd.DataFrame({"one": one, "other": other, "length": length})
        return table[table["length"] > SHORT].reset_index(drop=True)

    def joined(self, groups: Ints) -> Shapes:
        """One polygon, of several parts where needed, for each number from 0; -1 belongs to none."""
        order = range(int(groups.max()) + 1)
        return np.array([shapely.coverage_union_all(self.shapes[groups == group]) for group in order], dtype=object)


def plots_of(ground: Ground, blocks: Sequence[Block]) -> Plots:
    """Gather the plots of all blocks.

    Parameters
    ----------
    ground : Ground
        The plan.
    blocks : sequence of Block
        Every block, those of the river and the railway too.

    Returns
    -------
    Plots
    """
    corners = np.array([plot for block in blocks for plot in block.filling.plots])
    sizes = [len(block.filling.plots) for block in blocks]
    home = np.repeat([ground.communities[block.column, block.row] for block in blocks], sizes)
    boxes = shapely.box(*corners.T)
    lived_in = np.bincount(*_homes(blocks, boxes), minlength=len(boxes)).astype(np.int64)
    middles = np.column_stack([corners[:, [0, 2]].mean(axis=1), corners[:, [1, 3]].mean(axis=1)])
    return Plots(_bent(ground, boxes), middles, lived_in, home)


def _homes(blocks: Sequence[Block], boxes: Shapes) -> tuple[Ints, Ints]:
    """Plot and households of each building."""
    buildings = [building for block in blocks for building in block.filling.buildings]
    edges = np.array([building.box for building in buildings])
    middles = shapely.points(edges[:, [0, 2]].mean(axis=1), edges[:, [1, 3]].mean(axis=1))
    building, plot = shapely.STRtree(boxes).query(middles, predicate="intersects")
    first = np.unique(building, return_index=True)[1]
    return plot[first], np.array([each.households for each in buildings])[building[first]]


def _bent(ground: Ground, boxes: Shapes) -> Shapes:
    """Plots on the map, with a vertex wherever a neighbour has one."""
    lines = shapely.get_parts(shapely.union_all(shapely.boundary(boxes)))
    faces = shapely.get_parts(shapely.polygonize(shapely.segmentize(lines, STEP)))
    face, plot = shapely.STRtree(boxes).query(shapely.point_on_surface(faces), predicate="within")
    found = np.empty(len(boxes), dtype=object)
    found[plot] = shapely.transform(faces[face], ground.bent)
    return found


def gather(plots: Plots, community: int, parts: int) -> Ints:
    """Cut a community into parts of nearly equal households, again and again across its longer side.

    Parameters
    ----------
    plots : Plots
    community : int
        Number of the community.
    parts : int
        How many; fewer if it has fewer plots.

    Returns
    -------
    ndarray of int
        Number of the part for each plot, from 0; -1 in other communities.
    """
    found = np.full(len(plots.shapes), -1, dtype=np.int64)
    members = np.flatnonzero(plots.community == community)
    for number, part in enumerate(_halved(plots, members, min(parts, len(members)))):
        found[part] = number
    return in_one_piece(plots, found)


def in_one_piece(plots: Plots, groups: Ints) -> Ints:
    """Give pieces that lie apart from the rest of their group to the group beside them.

    Parameters
    ----------
    plots : Plots
    groups : ndarray of int
        Number of the group for each plot; -1 for none.

    Returns
    -------
    ndarray of int
        Groups in one piece each, as far as their communities are.
    """
    while ((nearer := _pieces_given(plots, groups)) != groups).any():
        groups = nearer
    return groups


def _pieces_given(plots: Plots, groups: Ints) -> Ints:
    """Groups once every piece apart that lies beside another group's main piece has joined it."""
    one, other = plots.beside["one"].to_numpy(), plots.beside["other"].to_numpy()
    same = groups[one] == groups[other]
    links = coo_array((np.ones(same.sum()), (one[same], other[same])), shape=(len(groups), len(groups)))
    piece = connected_components(links)[1]
    weight = np.bincount(piece, plots.households + 1e-3)[piece]
    most = pd.Series(weight).groupby(groups).transform("max").to_numpy()
    loose = (weight < most) & (groups >= 0)
    beside = plots.beside[loose[one] & ~same & ~loose[other] & (groups[other] >= 0)]
    found = groups.copy()
    for part, rows in beside.groupby(piece[beside["one"]]):
        found[piece == part] = groups[rows["other"]][int(rows["length"].argmax())]
    return found


def _halved(plots: Plots, members: Ints, parts: int) -> list[Ints]:
    if parts <= 1:
        return [members]
    extent = np.ptp(plots.middles[members], axis=0)
    along = plots.middles[members, int(np.argmax(extent))]
    members = members[np.lexsort((plots.middles[members, int(np.argmin(extent))], along))]
    reached = np.cumsum(plots.households[members]) + np.arange(len(members)) * 1e-6
    first = parts // 2
    cut = int(np.searchsorted(reached, reached[-1] * first / parts)) + 1
    cut = int(np.clip(cut, first, len(members) - (parts - first)))
    return _halved(plots, members[:cut], first) + _halved(plots, members[cut:], parts - first)


def deal(plots: Plots, parts: int) -> list[int]:
    """Parts for each community: at least one, together so many if that is possible, by households.

    Parameters
    ----------
    plots : Plots
    parts : int
        Of the whole town.
    """
    households = np.bincount(plots.community, plots.households)
    share = households / max(1.0, households.sum()) * parts
    counts = np.maximum(1, np.floor(share)).astype(np.int64)
    for community in np.argsort(counts - share, kind="stable")[: max(0, parts - counts.sum())]:
        counts[community] += 1
    return [int(number) for number in counts]
