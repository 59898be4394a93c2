"""Content of blocks in plan coordinates: boxes, buildings, lines and plots."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import NamedTuple


class Box(NamedTuple):
    """An upright rectangle in plan coordinates."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width(self) -> float:
        """Size from west to east, metres."""
        return self.east - self.west

    @property
    def depth(self) -> float:
        """Size from south to north, metres."""
        return self.north - self.south

    def inset(self, margin: float) -> "Box":
        """Return the rectangle inside, at a distance from each side."""
        return Box(self.west + margin, self.south + margin, self.east - margin, self.north - margin)

    def centred_at(self, x_share: float, y_share: float, width: float, depth: float) -> "Box":
        """Return a rectangle of a given size, centred at shares of the width and the depth."""
        x, y = self.west + x_share * self.width, self.south + y_share * self.depth
        return Box(x - width / 2, y - depth / 2, x + width / 2, y + depth / 2)

    def split(self, columns: int, rows: int) -> Iterator["Box"]:
        """Yield equal parts, row by row from the south-west."""
        xs = [self.west + self.width * column / columns for column in range(columns)] + [self.east]
        ys = [self.south + self.depth * row / rows for row in range(rows)] + [self.north]
        yield from (Box(xs[c], ys[r], xs[c + 1], ys[r + 1]) for r in range(rows) for c in range(columns))

    def split_at(self, heights: list[float]) -> list["Box"]:
        """Return the strips between y coordinates, from the south."""
        ys = [self.south, *heights, self.north]
        return [Box(self.west, low, self.east, high) for low, high in pairwise(ys)]


class DemoBuilding(NamedTuple):
    """A building in plan coordinates.

    Parameters
    ----------
    box : Box
    households : int
    levels : float
    use : str
    courtyard : int, optional
        Position of the courtyard in the block.
    rotation : float
        Radians about the middle of the box.
    number : int, optional
        Number within the estate or courtyard.
    unit : int, optional
        Number of the unit, where each unit is a building.
    lane : int, optional
        Position in `BlockContent.lines` of the lane at which the building stands.
    """

    box: Box
    households: int
    levels: float
    use: str = "residential"
    courtyard: int | None = None
    rotation: float = 0.0
    number: int | None = None
    unit: int | None = None
    lane: int | None = None


class DemoLine(NamedTuple):
    """A ``lane`` or ``wall`` in plan coordinates."""

    kind: str
    points: tuple[tuple[float, float], ...]


@dataclass
class BlockContent:
    """Content of one block.

    Parameters
    ----------
    buildings : list of DemoBuilding
    lines : list of DemoLine
    plots : list of Box
        Parts of the block that a grid contains as a whole; the whole block if there are none.
    estate : str, optional
        Kind of the estate: ``estates`` or ``courtyard_estates``, the fields of `NameLists`.
    dedicated : Box, optional
        Dedicated land.
    """

    buildings: list[DemoBuilding] = field(default_factory=list)
    lines: list[DemoLine] = field(default_factory=list)
    plots: list[Box] = field(default_factory=list)
    estate: str | None = None
    dedicated: Box | None = None
