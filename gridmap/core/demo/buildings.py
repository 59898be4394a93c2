"""What stands in a block: slab estates, walled courtyards, towers, old lanes, public buildings."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from gridmap.core.demo.recipe import BlockKind

STREET_SIDE = 14.0
"""Metres between the middle of a street and the first building."""
SLAB_DEPTH = 12.0
OVERSHOOT = 0.2
"""Metres that walls and lanes run past the middle of a street, so that bending leaves no gap."""
FAMILIES_A_LANE_HOUSE = (1, 1, 2, 2, 3, 4, 5)
STOREYS = (5, 6, 6, 6, 7, 11)
PUBLIC = {
    BlockKind.PARK: (1, 0.1),
    BlockKind.SCHOOL: (3, 0.5),
    BlockKind.MARKET: (1, 0.6),
    BlockKind.HOSPITAL: (2, 0.5),
    BlockKind.VACANT: (0, 0.0),
}
"""Buildings of a block without households, and the share of its width and depth that they take."""
DEDICATED = (BlockKind.PARK, BlockKind.SCHOOL)


class Box(NamedTuple):
    """An upright rectangle in plan coordinates."""

    west: float
    south: float
    east: float
    north: float

    def inset(self, margin: float) -> "Box":
        """The rectangle within, so many metres from each side."""
        return Box(self.west + margin, self.south + margin, self.east - margin, self.north - margin)

    def middle(self, share: float) -> "Box":
        """The rectangle in the middle that takes such a share of the width and the depth."""
        aside, above = (1 - share) / 2 * (self.east - self.west), (1 - share) / 2 * (self.north - self.south)
        return Box(self.west + aside, self.south + above, self.east - aside, self.north - above)

    def cut(self, columns: int, rows: int) -> Iterator["Box"]:
        """Equal parts, row by row from the south-west."""
        xs, ys = np.linspace(self.west, self.east, columns + 1), np.linspace(self.south, self.north, rows + 1)
        for row in range(rows):
            for column in range(columns):
                yield Box(xs[column], ys[row], xs[column + 1], ys[row + 1])


class Building(NamedTuple):
    """A building in plan coordinates, turned about its middle by so many radians."""

    box: Box
    households: int
    levels: float
    use: str = "residential"
    yard: int | None = None
    turn: float = 0.0


class Line(NamedTuple):
    """A ``lane`` or ``wall`` in plan coordinates."""

    kind: str
    points: tuple[tuple[float, float], ...]


@dataclass
class Filling:
    """What fills one block."""

    buildings: list[Building] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    in_estate: bool = False
    dedicated: Box | None = None


def fill(rng: np.random.Generator, kind: BlockKind, block: Box) -> Filling:
    """Draw what fills a block.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    kind : BlockKind
        What the block is for.
    block : Box
        The block in plan coordinates, from street middle to street middle.

    Returns
    -------
    Filling
        Buildings keep `STREET_SIDE` metres from the streets, but old houses half of that.

    Examples
    --------
    >>> yards = fill(np.random.default_rng(0), BlockKind.YARDS, Box(0, 0, 250, 220))
    >>> {line.kind for line in yards.lines}, yards.in_estate
    ({'wall'}, True)
    """
    return FILLINGS[kind](rng, block) if kind in FILLINGS else _public(kind, block)


def _slabs(rng: np.random.Generator, block: Box) -> Filling:
    shops = _shops(rng, block) if rng.random() < 0.5 else []
    return Filling([*_slab_rows(rng, block.inset(STREET_SIDE + 2)), *shops], in_estate=True)


def _slab_rows(rng: np.random.Generator, land: Box, yard: int | None = None) -> Iterator[Building]:
    """Rows of slabs of one height, far enough apart for the winter sun."""
    levels = int(rng.choice(STOREYS))
    south = land.south
    while south + SLAB_DEPTH <= land.north:
        west = land.west
        while west + (width := rng.uniform(38, 68)) <= land.east:
            if rng.random() > 0.08:
                stairs = max(2, round(width / 14))
                box = Box(west, south, west + width, south + SLAB_DEPTH)
                yield Building(box, levels * 2 * stairs, levels, yard=yard)
            west += width + rng.uniform(10, 20)
        south += SLAB_DEPTH + 20 + 1.5 * levels


def _shops(rng: np.random.Generator, block: Box) -> list[Building]:
    """A row of shops that touch, along the street in the south."""
    west, south = block.west + 20, block.south + 6
    count = int(rng.integers(3, 9))
    return [Building(Box(west + 9 * n, south, west + 9 * (n + 1), south + 8), 0, 1, "shop") for n in range(count)]


def _yards(rng: np.random.Generator, block: Box) -> Filling:
    """Courtyards back to back, walls between them from street to street."""
    columns, rows = 2, int(rng.integers(2, 4))
    parts = list(block.cut(columns, rows))
    buildings = [b for number, part in enumerate(parts) for b in _slab_rows(rng, part.inset(9), number)]
    walls = [
        *(_wall(x, block.south, x, block.north) for x in sorted({part.west for part in parts})[1:]),
        *(_wall(block.west, y, block.east, y) for y in sorted({part.south for part in parts})[1:]),
    ]
    return Filling(buildings, walls, in_estate=True)


def _wall(west: float, south: float, east: float, north: float) -> Line:
    right, up = (OVERSHOOT, 0.0) if south == north else (0.0, OVERSHOOT)
    return Line("wall", ((west - right, south - up), (east + right, north + up)))


def _towers(rng: np.random.Generator, block: Box) -> Filling:
    sites = list(block.inset(STREET_SIDE).cut(3, 2))[: int(rng.integers(4, 7))]
    return Filling([_tower(rng, site) for site in sites], in_estate=True)


def _tower(rng: np.random.Generator, site: Box) -> Building:
    width, depth = rng.uniform(26, 36), rng.uniform(20, 28)
    west = (site.west + site.east - width) / 2 + rng.uniform(-6, 6)
    south = (site.south + site.north - depth) / 2 + rng.uniform(-6, 6)
    households = int(rng.integers(100, 301))
    box = Box(west, south, west + width, south + depth)
    return Building(box, households, float(np.ceil(households / 8)), turn=float(rng.uniform(-0.3, 0.3)))


def _lanes(rng: np.random.Generator, block: Box) -> Filling:
    """Rows of old houses wall to wall, back to back between lanes; some lanes end blind."""
    rows = max(1, int((block.north - block.south) // 48))
    strips = list(block.cut(1, rows))
    houses = [house for strip in strips for house in _houses(rng, strip)]
    return Filling(houses, [_lane(rng, strip) for strip in strips[1:]])


def _houses(rng: np.random.Generator, strip: Box) -> Iterator[Building]:
    for south in (strip.south + 5, strip.north - 17):
        west = strip.west + STREET_SIDE / 2
        while west + (width := rng.uniform(9, 13)) <= strip.east - STREET_SIDE / 2:
            if rng.random() > 0.06:
                box = Box(west, south, west + width, south + 12)
                yield Building(box, int(rng.choice(FAMILIES_A_LANE_HOUSE)), float(rng.integers(1, 4)))
            west += width


def _lane(rng: np.random.Generator, strip: Box) -> Line:
    end = strip.east + OVERSHOOT if rng.random() < 0.75 else strip.west + 0.8 * (strip.east - strip.west)
    middle = ((strip.west + end) / 2, strip.south + rng.uniform(-2, 2))
    return Line("lane", ((strip.west - OVERSHOOT, strip.south), middle, (end, strip.south)))


def _mixed(rng: np.random.Generator, block: Box) -> Filling:
    """Old lanes in the south, slabs in the north, a lane between them."""
    south, north = block.cut(1, 2)
    lanes = _lanes(rng, south)
    return Filling([*lanes.buildings, *_slab_rows(rng, north.inset(STREET_SIDE))], [*lanes.lines, _lane(rng, north)])


def _public(kind: BlockKind, block: Box) -> Filling:
    """Large buildings without households, one above another; parks and schools are land of their own."""
    count, share = PUBLIC[kind]
    sites = block.inset(STREET_SIDE).cut(1, count) if count else ()
    buildings = [Building(site.middle(share), 0, 3, kind.value) for site in sites]
    return Filling(buildings, dedicated=block.inset(8) if kind in DEDICATED else None)


FILLINGS: dict[BlockKind, Callable[[np.random.Generator, Box], Filling]] = {
    BlockKind.SLABS: _slabs,
    BlockKind.YARDS: _yards,
    BlockKind.TOWERS: _towers,
    BlockKind.LANES: _lanes,
    BlockKind.MIXED: _mixed,
}
