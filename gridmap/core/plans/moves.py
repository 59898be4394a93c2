"""Moving a building to another grid: what goes along with it, where it could go, and which courtyards come apart."""

from dataclasses import dataclass

import numpy as np

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.labels import label_components
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town


@dataclass(frozen=True, eq=False)
class GridAssignment:
    """A town of one community as a plan divides it.

    Parameters
    ----------
    town : Town
    land : LandCoverage
    grid_of_cell : ndarray of int
        Grid of each cell.
    """

    town: Town
    land: LandCoverage
    grid_of_cell: IntArray

    @property
    def grid_of_building(self) -> IntArray:
        """Grid of each building."""
        return self.grid_of_cell[self.land.cell_of_building]

    def move_cells(self, cells: IntArray, grid: int) -> "GridAssignment":
        """The same with some cells in another grid.

        Land without buildings that the move would cut off from the rest of its grid goes along: nobody wants a back
        yard that belongs to a grid on the other side of the house.
        """
        of_cell = self.grid_of_cell.copy()
        of_cell[cells] = grid
        of_cell[self._find_cut_off_cells(of_cell, cells)] = grid
        return GridAssignment(self.town, self.land, of_cell)

    def _find_cut_off_cells(self, grid_of_cell: IntArray, cells: IntArray) -> BoolArray:
        """Land of the grids that were left, in pieces that hold no building and touch what was moved."""
        piece = _label_grid_components(self.land, grid_of_cell)
        count = piece.max() + 1
        built = np.bincount(piece[self.land.cell_of_building], minlength=count) > 0
        left, right = self.land.borders.left, self.land.borders.right
        beside = np.isin(left, cells), np.isin(right, cells)
        touching = np.unique(np.r_[piece[right[beside[0]]], piece[left[beside[1]]]])
        follows = np.zeros(count, dtype=np.bool_)
        follows[touching] = ~built[touching]
        was = np.isin(self.grid_of_cell, np.unique(self.grid_of_cell[cells])) & (grid_of_cell == self.grid_of_cell)
        return np.asarray(follows[piece] & was)


def _label_grid_components(land: LandCoverage, grid_of_cell: IntArray) -> IntArray:
    """Number of the piece of land in one grid that each cell is part of."""
    left, right = land.borders.left, land.borders.right
    same = grid_of_cell[left] == grid_of_cell[right]
    return label_components(len(grid_of_cell), left[same], right[same])


def cells_moving_with(assignment: GridAssignment, building: int, *, alone: bool) -> IntArray:
    """Cells that move with a building: its own, and those of its courtyard in the same grid unless it goes alone.

    Parameters
    ----------
    assignment : GridAssignment
    building : int
        Position in the town.
    alone : bool
        Whether the courtyard stays behind.

    Returns
    -------
    ndarray of int
        Cells of the grid that the building is in.
    """
    land, grid = assignment.land, assignment.grid_of_building[building]
    buildings = np.array([building]) if alone else courtyard_buildings(assignment.town, building)
    parts = land.detached_parts[np.isin(land.detached_parts[:, 0], buildings), 1]
    cells = np.unique(np.r_[land.cell_of_building[buildings], parts]).astype(np.int64)
    return np.asarray(cells[assignment.grid_of_cell[cells] == grid], dtype=np.int64)


def courtyard_buildings(town: Town, building: int) -> IntArray:
    """Buildings of the courtyard that a building is in; itself where it is in none."""
    courtyard = town.buildings["courtyard"].to_numpy()
    if courtyard[building] is None:
        return np.array([building])
    return np.flatnonzero(courtyard == courtyard[building]).astype(np.int64)


def neighbouring_grids(assignment: GridAssignment, cells: IntArray) -> tuple[IntArray, FloatArray]:
    """Other grids that cells border on, the longest border first.

    Parameters
    ----------
    assignment : GridAssignment
    cells : ndarray of int

    Returns
    -------
    ndarray of int, ndarray of float
        Grids, and metres of border with each.
    """
    borders, inside = assignment.land.borders, np.zeros(len(assignment.grid_of_cell), dtype=np.bool_)
    inside[cells] = True
    length = borders.length.sum(axis=1)
    outward = inside[borders.left] != inside[borders.right]
    far = np.where(inside[borders.left], borders.right, borders.left)[outward]
    total = np.bincount(assignment.grid_of_cell[far], length[outward], assignment.grid_of_cell.max() + 1).astype(
        np.float64
    )
    total[np.unique(assignment.grid_of_cell[cells])] = 0.0
    order = np.argsort(-total, kind="stable")[: (total > 0).sum()]
    return order.astype(np.int64), total[order]


def split_courtyards(town: Town, grid_of_building: IntArray) -> dict[str, int]:
    """Courtyards whose buildings are in several grids, and in how many.

    Examples
    --------
    >>> import geopandas as gpd
    >>> from types import SimpleNamespace
    >>> town = SimpleNamespace(buildings=gpd.GeoDataFrame({"courtyard": ["1号院", "1号院", None]}))
    >>> split_courtyards(town, np.array([0, 1, 1]))
    {'1号院': 2}
    """
    grids = town.buildings.assign(grid=grid_of_building).groupby("courtyard", sort=True)["grid"].nunique()
    return {str(courtyard): int(count) for courtyard, count in grids.items() if count > 1}
