"""Grids as somebody drew them, and what is found wrong with them."""

from dataclasses import dataclass, field

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.errors import Message
from gridmap.core.vocabulary import FindingKind, Severity


@dataclass(frozen=True, eq=False)
class DrawnGrids:
    """Grids drawn by hand, in metres; only their polygons are sure to be there.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon
        Valid polygons: what was crossed or doubled has been mended.
    repaired : ndarray of bool
        Which of them had to be mended.
    codes : ndarray of str or None
        Their codes, as far as they have one.
    community : ndarray of int
        Position of the community each says it belongs to; -1 where it says none or an unknown one.
    names : ndarray of str or None
        What people call them, as far as known; may be left out.
    """

    shapes: GeometryArray
    repaired: BoolArray
    codes: GeometryArray
    community: IntArray
    names: GeometryArray = field(default_factory=lambda: np.empty(0, dtype=object))

    def __len__(self) -> int:
        return len(self.shapes)

    def labels(self) -> list[str]:
        """A name for each grid: its code, or what people call it, or its number in the drawing."""
        return [self.label(grid) for grid in range(len(self))]

    def label(self, grid: int) -> str:
        """What to call one grid."""
        return self.codes[grid] or (self.names[grid] if len(self.names) else None) or f"#{grid + 1}"


@dataclass(frozen=True, eq=False)
class Finding:
    """One fault of a drawing.

    Parameters
    ----------
    kind : FindingKind
    severity : Severity
    geometry : Geometry, metres
        Where it is.
    grids : tuple of int
        Positions of the grids concerned.
    community : int
        Position of the community it lies in, or -1.
    households, buildings : int
        How many are concerned; buildings are counted where land is at fault.
    suggestion : Message
        What to do.
    """

    kind: FindingKind
    severity: Severity
    geometry: shapely.Geometry
    suggestion: Message
    grids: tuple[int, ...] = ()
    community: int = -1
    households: int = 0
    buildings: int = 0

    @property
    def area_m2(self) -> float:
        """Area concerned, square metres."""
        return float(shapely.area(self.geometry))

    @property
    def width_m(self) -> float:
        """Width of the widest place: the diameter of the largest circle that fits, metres; 0 for points and lines."""
        if self.area_m2 == 0:
            return 0.0
        tolerance = max(0.005, np.sqrt(self.area_m2) / 200)
        return float(2 * shapely.length(shapely.maximum_inscribed_circle(self.geometry, tolerance)))
