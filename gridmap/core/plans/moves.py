"""Moves of a building to another grid: cells that move with it, possible targets, and split courtyards."""

from dataclasses import dataclass

import numpy as np

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.labels import label_components
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town


@dataclass(frozen=True, eq=False)
class GridAssignment:
    """A town of one community, with the grid of each cell in a plan.

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
        """Return a new assignment with some cells in another grid.

        Land without buildings that the move would cut off from the rest of its grid moves too; otherwise, for example,
        a back yard would belong to a grid on the other side of the building.
        """
        grid_of_cell = self.grid_of_cell.copy()
        grid_of_cell[cells] = grid
        grid_of_cell[self._find_cut_off_cells(grid_of_cell, cells)] = grid
        return GridAssignment(self.town, self.land, grid_of_cell)

    def _find_cut_off_cells(self, grid_of_cell: IntArray, cells: IntArray) -> BoolArray:
        """Return the other cells of the source grids in components without buildings that touch the moved cells."""
        component = _label_grid_components(self.land, grid_of_cell)
        count = component.max() + 1
        has_building = np.bincount(component[self.land.cell_of_building], minlength=count) > 0
        left, right = self.land.borders.left, self.land.borders.right
        neighbours = np.r_[right[np.isin(left, cells)], left[np.isin(right, cells)]]
        touching = np.unique(component[neighbours])
        is_cut_off = np.zeros(count, dtype=np.bool_)
        is_cut_off[touching] = ~has_building[touching]
        source_grids = np.unique(self.grid_of_cell[cells])
        in_source = np.isin(self.grid_of_cell, source_grids) & (grid_of_cell == self.grid_of_cell)
        return np.asarray(is_cut_off[component] & in_source)


def _label_grid_components(land: LandCoverage, grid_of_cell: IntArray) -> IntArray:
    """Return the connected component of each cell within its grid."""
    left, right = land.borders.left, land.borders.right
    same = grid_of_cell[left] == grid_of_cell[right]
    return label_components(len(grid_of_cell), left[same], right[same])


def cells_moving_with(assignment: GridAssignment, building: int, *, alone: bool) -> IntArray:
    """Return the cells that move with a building: its own, and those of its courtyard in the same grid.

    Parameters
    ----------
    assignment : GridAssignment
    building : int
        Position in the town.
    alone : bool
        Whether the building moves without its courtyard.

    Returns
    -------
    ndarray of int
        Cells of the grid of the building.
    """
    land, grid = assignment.land, assignment.grid_of_building[building]
    buildings = np.array([building]) if alone else courtyard_buildings(assignment.town, building)
    parts = land.detached_parts[np.isin(land.detached_parts[:, 0], buildings), 1]
    cells = np.unique(np.r_[land.cell_of_building[buildings], parts]).astype(np.int64)
    return np.asarray(cells[assignment.grid_of_cell[cells] == grid], dtype=np.int64)


def courtyard_buildings(town: Town, building: int) -> IntArray:
    """Return the buildings of the courtyard of a building, or the building itself if it has no courtyard."""
    courtyard = town.courtyards.of_building
    if courtyard[building] < 0:
        return np.array([building])
    return np.flatnonzero(courtyard == courtyard[building]).astype(np.int64)


def neighbouring_grids(assignment: GridAssignment, cells: IntArray) -> tuple[IntArray, FloatArray]:
    """Return the other grids that share a border with cells, the longest border first.

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
    other_grid = assignment.grid_of_cell[np.where(inside[borders.left], borders.right, borders.left)[outward]]
    grid_count = assignment.grid_of_cell.max() + 1
    border_m = np.bincount(other_grid, length[outward], grid_count).astype(np.float64)
    border_m[np.unique(assignment.grid_of_cell[cells])] = 0.0
    order = np.argsort(-border_m, kind="stable")[: (border_m > 0).sum()]
    return order.astype(np.int64), border_m[order]


@dataclass(frozen=True)
class SplitCourtyard:
    """Courtyard whose buildings are in several grids.

    Parameters
    ----------
    courtyard : int
        Its number in the town.
    name : str
        Its name, with the estate where another courtyard of the community has the same name.
    grids : int
        Number of grids.
    """

    courtyard: int
    name: str
    grids: int


def split_courtyards(town: Town, grid_of_building: IntArray) -> list[SplitCourtyard]:
    """Return the courtyards whose buildings are in several grids, in the order of their numbers.

    Examples
    --------
    >>> import geopandas as gpd
    >>> import shapely
    >>> from types import SimpleNamespace
    >>> columns = {"community": [0, 0, 0], "estate": None, "courtyard": ["1号院", "1号院", None]}
    >>> buildings = gpd.GeoDataFrame(columns, geometry=shapely.points([[0, 0], [9, 0], [18, 0]]))
    >>> from gridmap.core.courtyards import identify_courtyards
    >>> split_courtyards(SimpleNamespace(courtyards=identify_courtyards(buildings)), np.array([0, 1, 1]))
    [SplitCourtyard(courtyard=0, name='1号院', grids=2)]
    """
    courtyards = town.courtyards
    is_named = courtyards.of_building >= 0
    pairs = np.unique(np.stack([courtyards.of_building[is_named], grid_of_building[is_named]]), axis=1)
    counts = np.bincount(pairs[0], minlength=len(courtyards)).tolist()
    return [SplitCourtyard(number, courtyards.names[number], count) for number, count in enumerate(counts) if count > 1]
