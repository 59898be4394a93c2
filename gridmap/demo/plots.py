"""What a block is filled with: boxes, buildings, lines and plots in plan coordinates."""

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
        """West to east."""
        return self.east - self.west

    @property
    def depth(self) -> float:
        """South to north."""
        return self.north - self.south

    def inset(self, margin: float) -> "Box":
        """The rectangle within, so many metres from each side."""
        return Box(self.west + margin, self.south + margin, self.east - margin, self.north - margin)

    def centred_at(self, x_share: float, y_share: float, width: float, depth: float) -> "Box":
        """A rectangle of such a size, its middle at such shares of the width and the depth."""
        x, y = self.west + x_share * self.width, self.south + y_share * self.depth
        return Box(x - width / 2, y - depth / 2, x + width / 2, y + depth / 2)

    def split(self, columns: int, rows: int) -> Iterator["Box"]:
        """Equal parts, row by row from the south-west."""
        xs = [self.west + self.width * column / columns for column in range(columns)] + [self.east]
        ys = [self.south + self.depth * row / rows for row in range(rows)] + [self.north]
        yield from (Box(xs[c], ys[r], xs[c + 1], ys[r + 1]) for r in range(rows) for c in range(columns))

    def split_at(self, heights: list[float]) -> list["Box"]:
        """Strips, from the south, between such heights."""
        ys = [self.south, *heights, self.north]
        return [Box(self.west, low, self.east, high) for low, high in pairwise(ys)]


class DemoBuilding(NamedTuple):
    """A building in plan coordinates, turned about its middle by so many radians.

    `number` counts the buildings of an estate or courtyard, `unit` the stairs of a building that are apart, `lane` the
    line of the filling that the house stands at.
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
    """What fills one block; `plots` are pieces of it that a planner takes together, all of them if there are none.

    `estate` says what kind of estate it is: ``estates`` or ``compounds``, as `Words` names them.
    """

    buildings: list[DemoBuilding] = field(default_factory=list)
    lines: list[DemoLine] = field(default_factory=list)
    plots: list[Box] = field(default_factory=list)
    estate: str | None = None
    dedicated: Box | None = None
