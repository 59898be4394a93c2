"""Moving a building to another grid: what goes along with it, where it could go, and which courtyards come apart."""

from dataclasses import dataclass

import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.arrays import Flags, Floats, Ints
from gridmap.core.land import Land
from gridmap.core.town import Town


@dataclass(frozen=True, eq=False)
class Divided:
    """A town of one community as a plan divides it.

    Parameters
    ----------
    town : Town
    land : Land
    of_cell : ndarray of int
        Grid of each cell.
    """

    town: Town
    land: Land
    of_cell: Ints

    @property
    def of_building(self) -> Ints:
        """Grid of each building."""
        return self.of_cell[self.land.building_cell]

    def moved(self, cells: Ints, grid: int) -> "Divided":
        """The same with some cells in another grid.

        Land without buildings that the move would cut off from the rest of its grid goes along: nobody wants a back
        yard that belongs to a grid on the other side of the house.
        """
        of_cell = self.of_cell.copy()
        of_cell[cells] = grid
        of_cell[self._cut_off(of_cell, cells)] = grid
        return Divided(self.town, self.land, of_cell)

    def _cut_off(self, of_cell: Ints, cells: Ints) -> Flags:
        """Land of the grids that were left, in pieces that hold no building and touch what was moved."""
        piece = _pieces(self.land, of_cell)
        count = piece.max() + 1
        built = np.bincount(piece[self.land.building_cell], minlength=count) > 0
        left, right = self.land.borders.left, self.land.borders.right
        beside = np.isin(left, cells), np.isin(right, cells)
        touching = np.unique(np.r_[piece[right[beside[0]]], piece[left[beside[1]]]])
        follows = np.zeros(count, dtype=np.bool_)
        follows[touching] = ~built[touching]
        was = np.isin(self.of_cell, np.unique(self.of_cell[cells])) & (of_cell == self.of_cell)
        return np.asarray(follows[piece] & was)


def _pieces(land: Land, of_cell: Ints) -> Ints:
    """Number of the piece of land in one grid that each cell is part of."""
    left, right = land.borders.left, land.borders.right
    same = of_cell[left] == of_cell[right]
    links = coo_array((np.ones(same.sum()), (left[same], right[same])), shape=(len(of_cell), len(of_cell)))
    return np.asarray(connected_components(links, directed=False)[1], dtype=np.int64)


def unit_of(divided: Divided, building: int, *, alone: bool) -> Ints:
    """Cells that move with a building: its own, and those of its courtyard in the same grid unless it goes alone.

    Parameters
    ----------
    divided : Divided
    building : int
        Position in the town.
    alone : bool
        Whether the courtyard stays behind.

    Returns
    -------
    ndarray of int
        Cells of the grid that the building is in.
    """
    land, grid = divided.land, divided.of_building[building]
    buildings = np.array([building]) if alone else courtyard_of(divided.town, building)
    parts = land.pieces[np.isin(land.pieces[:, 0], buildings), 1]
    cells = np.unique(np.r_[land.building_cell[buildings], parts]).astype(np.int64)
    return np.asarray(cells[divided.of_cell[cells] == grid], dtype=np.int64)


def courtyard_of(town: Town, building: int) -> Ints:
    """Buildings of the courtyard that a building is in; itself where it is in none."""
    courtyard = town.buildings["courtyard"].to_numpy()
    if courtyard[building] is None:
        return np.array([building])
    return np.flatnonzero(courtyard == courtyard[building]).astype(np.int64)


def beside(divided: Divided, cells: Ints) -> tuple[Ints, Floats]:
    """Other grids that cells border on, the longest border first.

    Parameters
    ----------
    divided : Divided
    cells : ndarray of int

    Returns
    -------
    ndarray of int, ndarray of float
        Grids, and metres of border with each.
    """
    borders, inside = divided.land.borders, np.zeros(len(divided.of_cell), dtype=np.bool_)
    inside[cells] = True
    length = borders.length.sum(axis=1)
    outward = inside[borders.left] != inside[borders.right]
    far = np.where(inside[borders.left], borders.right, borders.left)[outward]
    total = np.bincount(divided.of_cell[far], length[outward], divided.of_cell.max() + 1).astype(np.float64)
    total[np.unique(divided.of_cell[cells])] = 0.0
    order = np.argsort(-total, kind="stable")[: (total > 0).sum()]
    return order.astype(np.int64), total[order]


def parted_courtyards(town: Town, of_building: Ints) -> dict[str, int]:
    """Courtyards whose buildings are in several grids, and in how many.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from types import SimpleNamespace
    >>> town = SimpleNamespace(buildings=gpd.GeoDataFrame({"courtyard": ["1号院", "1号院", None]}))
    >>> parted_courtyards(town, np.array([0, 1, 1]))
    {'1号院': 2}
    """
    grids = town.buildings.assign(grid=of_building).groupby("courtyard", sort=True)["grid"].nunique()
    return {str(courtyard): int(count) for courtyard, count in grids.items() if count > 1}
