"""Lengths of the borders of a grid, by neighbour and by what they follow."""

from dataclasses import dataclass

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_
from gridmap.core.land.build import LandCoverage
from gridmap.core.vocabulary import BorderKind

FOLLOWED = {
    BorderKind.MOTORWAY: N_("motorway {metres} m"),
    BorderKind.RAIL: N_("railway {metres} m"),
    BorderKind.WATER: N_("water {metres} m"),
    BorderKind.ARTERIAL: N_("main street {metres} m"),
    BorderKind.LOCAL: N_("street {metres} m"),
    BorderKind.WALL: N_("wall {metres} m"),
    BorderKind.LANE: N_("lane {metres} m"),
    BorderKind.OPEN: N_("between buildings {metres} m"),
}
MIN_LENGTH_M = 1.0
"""Shorter borders are touched at a corner only, and shorter stretches are the ends of others."""


@dataclass(frozen=True)
class BorderLength:
    """Border of a grid with one other grid.

    Parameters
    ----------
    other : int
        The other grid.
    is_within : bool
        Whether it is of the same community, so that the border may run elsewhere.
    length_m : dict of BorderKind to float
        Metres by what the border follows; kinds with less than a metre are left out.
    """

    other: int
    is_within: bool
    length_m: dict[BorderKind, float]

    @property
    def total_m(self) -> float:
        """Return the length of the border."""
        return sum(self.length_m.values())


def measure_borders(land: LandCoverage, grid_of_cell: IntArray, grid: int) -> list[BorderLength]:
    """Return the borders of a grid with its neighbours, the longest first.

    Parameters
    ----------
    land : LandCoverage
    grid_of_cell : ndarray of int
    grid : int

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.core.partition.partition import PartitionSettings, partition_town
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(800)
    >>> land = build_land(town)
    >>> plan = partition_town(town, land, PartitionSettings())
    >>> [border.other for border in measure_borders(land, plan.grid_of_cell, 1)]
    [0]
    """
    borders = land.borders
    ends = grid_of_cell[np.stack([borders.left, borders.right])]
    at_border = (ends == grid).sum(axis=0) == 1
    other = np.where(ends[0] == grid, ends[1], ends[0])
    community = np.empty(grid_of_cell.max() + 1, dtype=np.int64)
    community[grid_of_cell] = land.community
    found = []
    for neighbour in np.unique(other[at_border]).tolist():
        length = borders.length[at_border & (other == neighbour)].sum(axis=0)
        kinds = {kind: float(length[kind]) for kind in BorderKind if length[kind] >= MIN_LENGTH_M}
        found.append(BorderLength(neighbour, bool(community[neighbour] == community[grid]), kinds))
    return sorted((each for each in found if each.total_m >= MIN_LENGTH_M), key=lambda each: -each.total_m)
