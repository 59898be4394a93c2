"""Old lanes and hamlets: irregular houses, a few families to each."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gridmap.core.demo.estates import OVERSHOOT, STOREYS, numbered, row_middles, slab_rows
from gridmap.core.demo.plots import Box, Building, Filling, Line

FAMILIES = (1, 1, 2, 2, 3, 4, 5)
STREET_SIDE = 8.0
"""Metres between the middle of a street and the first house."""
SHOPS = 0.35
"""Houses at a street that are shops."""
BETWEEN_LANES = 38.0
STRAY = 2.0
"""Metres that a lane strays from straight."""


def lanes(rng: np.random.Generator, block: Box) -> Filling:
    """Houses wall to wall along winding lanes, yards behind them, an alley across; some lanes end blind."""
    strips = block.sliced(_heights(block))
    alley = block.west + rng.uniform(0.3, 0.7) * block.width
    lines = [_lane(rng, strip) for strip in strips[1:]]
    houses = [house for n, strip in enumerate(strips) for house in _strip(rng, strip, alley, (n - 1, n, len(lines)))]
    cross = Line("lane", ((alley, block.south - OVERSHOOT), (alley, block.north + OVERSHOOT)))
    plots = [part for strip in strips for part in (strip._replace(east=alley), strip._replace(west=alley))]
    return Filling(houses, [*lines, cross], plots)


def mixed(rng: np.random.Generator, block: Box) -> Filling:
    """Old lanes in the south, slabs in the north that took the place of others."""
    border = block.south + 0.5 * block.depth
    old = lanes(rng, block._replace(north=border))
    new = block._replace(south=border)
    rows = numbered(list(slab_rows(rng, new.inset(12), int(rng.choice(STOREYS)))))
    plots = new.sliced(row_middles(rows))
    return Filling([*old.buildings, *rows], [*old.lines, _lane(rng, new)], [*old.plots, *plots], estate="estates")


def hamlet(rng: np.random.Generator, block: Box) -> Filling:
    """Some scattered farmhouses on both sides of a path through the fields."""
    height = block.south + rng.uniform(0.35, 0.65) * block.depth
    path = _lane(rng, block._replace(south=height))
    start = block.west + rng.uniform(0.1, 0.4) * block.width
    houses = list(_farms(rng, Box(start, height, min(start + rng.uniform(60, 140), block.east - 25), height)))
    return Filling(houses, [path], block.sliced([height]))


def _farms(rng: np.random.Generator, path: Box) -> Iterator[Building]:
    for side in (-1, 1):
        west = path.west
        while west < path.east:
            width, depth, away = rng.uniform(9, 14), rng.uniform(8, 11), rng.uniform(6, 18)
            south = path.south + (away if side > 0 else -away - depth)
            yield Building(
                Box(west, south, west + width, south + depth),
                int(rng.integers(1, 3)),
                float(rng.integers(1, 4)),
                turn=float(rng.uniform(-0.15, 0.15)),
                lane=0,
            )
            west += width + rng.uniform(4, 18)


class Front(NamedTuple):
    """Where a row of houses begins, whether it faces south, how deep it may be, and its lane."""

    line: float
    up: bool
    deepest: float
    lane: int | None


def _heights(block: Box) -> list[float]:
    count = max(1, round(block.depth / BETWEEN_LANES))
    return [block.south + block.depth * n / count for n in range(1, count)]


def _strip(rng: np.random.Generator, strip: Box, alley: float, places: tuple[int, int, int]) -> Iterator[Building]:
    """Houses on both sides of a strip between two lanes; beyond the last lane they stand at the street."""
    below, above, count = places
    for lane, up in ((below, True), (above, False)):
        edge = STREET_SIDE if lane in (-1, count) else STRAY + rng.uniform(1.5, 3.0)
        room = strip._replace(west=strip.west + STREET_SIDE, east=strip.east - STREET_SIDE)
        line = room.south + edge if up else room.north - edge
        deepest = max(6.0, room.depth / 2 - edge - 1.7)
        yield from _row(rng, room, Front(line, up, deepest, None if lane in (-1, count) else lane), alley)


def _row(rng: np.random.Generator, room: Box, front: Front, alley: float) -> Iterator[Building]:
    """Houses of different width and depth, wall to wall, with a yard here and there, open at the alley."""
    west = room.west
    while west + (width := rng.uniform(6, 15)) <= room.east:
        depth, back = rng.uniform(5.5, front.deepest), rng.choice((0.0, 0.0, 0.0, rng.uniform(0.5, 1.5)))
        south = front.line + back if front.up else front.line - back - depth
        if rng.random() > 0.07 and not west - 3.5 < alley < west + width + 3.5:
            families = int(rng.choice(FAMILIES))
            shop = front.lane is None and rng.random() < SHOPS
            use, families = ("shop", 0) if shop else ("residential", families)
            box = Box(west, south, west + width, south + depth)
            yield Building(box, families, _storeys(rng, families), use, lane=front.lane)
        west += width + (rng.uniform(1, 4) if rng.random() < 0.25 else 0.0)


def _storeys(rng: np.random.Generator, families: int) -> float:
    return float(rng.integers(1 if families < 4 else 2, 4))


def _lane(rng: np.random.Generator, strip: Box) -> Line:
    """A lane along the south of a strip, from street to street or to a blind end."""
    through = rng.random() < 0.75
    end = strip.east + OVERSHOOT if through else strip.west + 0.85 * strip.width
    xs = np.linspace(strip.west - OVERSHOOT, end, 6)
    ys = strip.south + np.concatenate([[0.0], rng.uniform(-STRAY, STRAY, 4), [0.0]])
    return Line("lane", tuple(zip(xs.tolist(), ys.tolist(), strict=True)))
