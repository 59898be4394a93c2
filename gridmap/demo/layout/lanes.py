"""Old lanes and hamlets: irregular houses with a few households each."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from gridmap.demo.layout.estates import LINE_OVERSHOOT_M, SLAB_LEVELS, build_slab_rows, find_row_gaps, number_buildings
from gridmap.demo.layout.plots import BlockContent, Box, DemoBuilding, DemoLine

HOUSEHOLDS_PER_HOUSE = (1, 1, 2, 2, 3, 4, 5)
STREET_SETBACK_M = 8.0
"""Distance between the middle of a street and the first house."""
SHOP_SHARE = 0.35
"""Share of the houses at a street that are shops."""
LANE_SPACING_M = 38.0
LANE_DEVIATION_M = 2.0
"""Maximum deviation of a lane from a straight line."""


def build_lanes(rng: np.random.Generator, block: Box) -> BlockContent:
    """Build adjacent houses along winding lanes, crossed by an alley; some lanes are dead ends."""
    strips = block.split_at(_lane_heights(block))
    alley = block.west + rng.uniform(0.3, 0.7) * block.width
    lines = [_build_lane(rng, strip) for strip in strips[1:]]
    houses = [
        house for n, strip in enumerate(strips) for house in _build_strip(rng, strip, alley, (n - 1, n, len(lines)))
    ]
    cross = DemoLine("lane", ((alley, block.south - LINE_OVERSHOOT_M), (alley, block.north + LINE_OVERSHOOT_M)))
    plots = [part for strip in strips for part in (strip._replace(east=alley), strip._replace(west=alley))]
    return BlockContent(houses, [*lines, cross], plots)


def build_mixed_block(rng: np.random.Generator, block: Box) -> BlockContent:
    """Build old lanes in the south of a block and slabs in the north."""
    border = block.south + 0.5 * block.depth
    old = build_lanes(rng, block._replace(north=border))
    new = block._replace(south=border)
    rows = number_buildings(list(build_slab_rows(rng, new.inset(12), int(rng.choice(SLAB_LEVELS)))))
    plots = new.split_at(find_row_gaps(rows))
    return BlockContent(
        [*old.buildings, *rows], [*old.lines, _build_lane(rng, new)], [*old.plots, *plots], estate="estates"
    )


def build_hamlet(rng: np.random.Generator, block: Box) -> BlockContent:
    """Build a few scattered farmhouses on both sides of a path through the fields."""
    height = block.south + rng.uniform(0.35, 0.65) * block.depth
    path = _build_lane(rng, block._replace(south=height))
    start = block.west + rng.uniform(0.1, 0.4) * block.width
    houses = list(
        _build_farmhouses(rng, Box(start, height, min(start + rng.uniform(60, 140), block.east - 25), height))
    )
    return BlockContent(houses, [path], block.split_at([height]))


def _build_farmhouses(rng: np.random.Generator, path_box: Box) -> Iterator[DemoBuilding]:
    for side in (-1, 1):
        west = path_box.west
        while west < path_box.east:
            width, depth, distance = rng.uniform(9, 14), rng.uniform(8, 11), rng.uniform(6, 18)
            south = path_box.south + (distance if side > 0 else -distance - depth)
            yield DemoBuilding(
                Box(west, south, west + width, south + depth),
                int(rng.integers(1, 3)),
                float(rng.integers(1, 4)),
                rotation=float(rng.uniform(-0.15, 0.15)),
                lane=0,
            )
            west += width + rng.uniform(4, 18)


class HouseFront(NamedTuple):
    """Front line of a row of houses: its y coordinate, its side, the maximum depth of houses, and its lane."""

    base_y: float
    faces_south: bool
    max_depth: float
    lane: int | None


def _lane_heights(block: Box) -> list[float]:
    count = max(1, round(block.depth / LANE_SPACING_M))
    return [block.south + block.depth * n / count for n in range(1, count)]


def _build_strip(
    rng: np.random.Generator, strip: Box, alley_x: float, lane_numbers: tuple[int, int, int]
) -> Iterator[DemoBuilding]:
    """Yield the houses on both sides of a strip between two lanes, or between a lane and the street."""
    below, above, count = lane_numbers
    for lane, faces_south in ((below, True), (above, False)):
        setback = STREET_SETBACK_M if lane in (-1, count) else LANE_DEVIATION_M + rng.uniform(1.5, 3.0)
        land = strip._replace(west=strip.west + STREET_SETBACK_M, east=strip.east - STREET_SETBACK_M)
        base_y = land.south + setback if faces_south else land.north - setback
        max_depth = max(6.0, land.depth / 2 - setback - 1.7)
        front = HouseFront(base_y, faces_south, max_depth, None if lane in (-1, count) else lane)
        yield from _build_house_row(rng, land, front, alley_x)


def _build_house_row(rng: np.random.Generator, land: Box, front: HouseFront, alley_x: float) -> Iterator[DemoBuilding]:
    """Yield adjacent houses of different width and depth, with some gaps, and an opening at the alley."""
    west = land.west
    while west + (width := rng.uniform(6, 15)) <= land.east:
        depth, back = rng.uniform(5.5, front.max_depth), rng.choice((0.0, 0.0, 0.0, rng.uniform(0.5, 1.5)))
        south = front.base_y + back if front.faces_south else front.base_y - back - depth
        if rng.random() > 0.07 and not west - 3.5 < alley_x < west + width + 3.5:
            households = int(rng.choice(HOUSEHOLDS_PER_HOUSE))
            is_shop = front.lane is None and rng.random() < SHOP_SHARE
            use, households = ("shop", 0) if is_shop else ("residential", households)
            box = Box(west, south, west + width, south + depth)
            yield DemoBuilding(box, households, _draw_levels(rng, households), use, lane=front.lane)
        west += width + (rng.uniform(1, 4) if rng.random() < 0.25 else 0.0)


def _draw_levels(rng: np.random.Generator, households: int) -> float:
    return float(rng.integers(1 if households < 4 else 2, 4))


def _build_lane(rng: np.random.Generator, strip: Box) -> DemoLine:
    """Build a lane along the south of a strip, from street to street or to a dead end."""
    is_through = rng.random() < 0.75
    end = strip.east + LINE_OVERSHOOT_M if is_through else strip.west + 0.85 * strip.width
    xs = np.linspace(strip.west - LINE_OVERSHOOT_M, end, 6)
    ys = strip.south + np.concatenate([[0.0], rng.uniform(-LANE_DEVIATION_M, LANE_DEVIATION_M, 4), [0.0]])
    return DemoLine("lane", tuple(zip(xs.tolist(), ys.tolist(), strict=True)))
