"""Grids drawn by hand, and the findings about them."""

from dataclasses import dataclass, field

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.errors import Message
from gridmap.core.vocabulary import FindingKind, Severity

LAND_KINDS = (
    FindingKind.GAP,
    FindingKind.OVERLAP,
    FindingKind.SPILL,
    FindingKind.FOREIGN_COMMUNITY,
    FindingKind.MULTIPART,
)
"""Faults of land that no grid has, or that one has too much; several of them may share land and people."""


@dataclass(frozen=True, eq=False)
class DrawnGrids:
    """Grids drawn by hand, in metres; all values except the polygons may be missing.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon
        Valid polygons, repaired where necessary.
    repaired : ndarray of bool
        Whether each polygon was repaired.
    codes : ndarray of str or None
        Code of each grid, or None.
    community : ndarray of int
        Position of the community that each grid names; -1 where it names none or an unknown one.
    names : ndarray of str or None
        Name of each grid, or None; the array may be empty.
    row_numbers : tuple of int
        Number of each grid's first row in its file, where several rows are one grid; otherwise empty.
    """

    shapes: GeometryArray
    repaired: BoolArray
    codes: GeometryArray
    community: IntArray
    names: GeometryArray = field(default_factory=lambda: np.empty(0, dtype=object))
    row_numbers: tuple[int, ...] = ()

    def __len__(self) -> int:
        return len(self.shapes)

    def labels(self) -> list[str]:
        """Return a label for each grid: its code, else its name, else its number in the drawing."""
        return [self.label(grid) for grid in range(len(self))]

    def label(self, grid: int) -> str:
        """Return the label of one grid."""
        return self.codes[grid] or (self.names[grid] if len(self.names) else None) or f"#{self.row_number(grid)}"

    def row_number(self, grid: int) -> int:
        """Return the number of a grid's first row in its file, counted from 1."""
        return self.row_numbers[grid] if self.row_numbers else grid + 1


@dataclass(frozen=True, eq=False)
class Finding:
    """One fault of drawn grids or communities.

    Parameters
    ----------
    kind : FindingKind
    severity : Severity
    geometry : Geometry, metres
        Location of the fault.
    grids : tuple of int
        Positions of the grids concerned.
    community : int
        Position of the community of the fault, or -1.
    households, buildings : int
        Numbers of households and buildings affected; buildings only for faults of land.
    suggestion : Message
        Advice.
    building_positions : tuple of int
        Positions of the buildings of a fault of land, to count them once in several faults.
    """

    kind: FindingKind
    severity: Severity
    geometry: shapely.Geometry
    suggestion: Message
    grids: tuple[int, ...] = ()
    community: int = -1
    households: int = 0
    buildings: int = 0
    building_positions: tuple[int, ...] = ()

    @property
    def area_m2(self) -> float:
        """Area of the fault, square metres."""
        return float(shapely.area(self.geometry))

    @property
    def width_m(self) -> float:
        """Maximum width, metres: the diameter of the largest inscribed circle; 0 for points and lines."""
        if self.area_m2 == 0:
            return 0.0
        tolerance = max(0.005, np.sqrt(self.area_m2) / 200)
        return float(2 * shapely.length(shapely.maximum_inscribed_circle(self.geometry, tolerance)))
