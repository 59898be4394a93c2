"""Estates: slab blocks that face south, walled courtyards with one gate, towers with stairs."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import shapely

from gridmap.core.demo.plots import Box, Building, Filling, Line
from gridmap.core.demo.recipe import Recipe

OVERSHOOT = 0.2
"""Metres that walls and lanes run past the middle of a street, so that bending leaves no gap."""
SLAB_DEPTH, STAIR_WIDTH = 12.0, 14.0
LEVEL = 2.9
SUN = (1.05, 1.2)
"""Distance of slabs north to south over their height: the winter sun reaches the ground floor in central China."""
STOREYS = (5, 6, 6, 6, 6, 7, 11)
"""Seven storeys is the most without a lift, six the usual; eleven the lowest house with one."""
LIVED_IN = (0.82, 1.0)
"""Dwellings with somebody in them."""
ROAD = 10.0
"""Metres between the two halves of an estate, for its road."""
GATE = 7.0
YARD_WALL, ESTATE_WALL = 8.0, 15.0
"""Metres from the middle of the street; estates leave room for a row of shops."""


def slabs(rng: np.random.Generator, block: Box) -> Filling:
    """An estate of slabs on both sides of its road, walled, with one gate and perhaps shops beside it."""
    middle = block.west + rng.uniform(0.44, 0.56) * block.width
    storeys = int(rng.choice(STOREYS))
    land = block.inset(ESTATE_WALL + 3)
    sides = land._replace(east=middle - ROAD / 2), land._replace(west=middle + ROAD / 2)
    buildings = [slab for side in sides for slab in slab_rows(rng, side, storeys)]
    shops = shop_row(rng, block, middle) if rng.random() < 0.6 else []
    wall = block.inset(ESTATE_WALL)
    lines = [*walled(wall, [(middle, wall.south)]), _road(middle, block, wall.north - 12)]
    heights = row_middles(buildings)
    west, east = block._replace(east=middle), block._replace(west=middle)
    plots = [*west.sliced(heights), *east.sliced(heights)]
    return Filling([*numbered(buildings), *shops], lines, plots, estate="estates")


def yards(rng: np.random.Generator, block: Box) -> Filling:
    """Courtyards back to back, walls between them from street to street, each with one gate."""
    rows = max(1, round(block.depth / 100))
    parts = list(block.cut(2, rows))
    buildings = [b for number, part in enumerate(parts) for b in numbered(_yard(rng, part, number))]
    wall = block.inset(YARD_WALL)
    gates = [(part.west if part.west > block.west else wall.west, (part.south + part.north) / 2) for part in parts]
    gates = [(wall.west if x == wall.west else wall.east, y) for x, y in gates]
    between = [_wall(parts[1].west, block.south, parts[1].west, block.north)]
    between += [_wall(block.west, part.south, block.east, part.south) for part in parts[2::2]]
    return Filling(buildings, [*walled(wall, gates), *between], parts, estate="compounds")


def towers(rng: np.random.Generator, block: Box, recipe: Recipe) -> Filling:
    """Towers on sites of their own, walled together, with one gate."""
    land = block.inset(ESTATE_WALL)
    columns, rows = (
        max(1, round(side / site)) for side, site in zip((land.width, land.depth), recipe.site, strict=True)
    )
    sites = list(land.cut(columns, rows))
    plots = list(block.cut(columns, rows))
    levels = int(rng.integers(recipe.levels[0], recipe.levels[1] + 1))
    found = [_tower(rng, site, levels, recipe) for site in sites if recipe.stairs or rng.random() < 0.7]
    split = [list(_apart(stairs)) if recipe.stairs else [_whole(stairs)] for stairs in found]
    buildings = [stair._replace(number=number) for number, tower in enumerate(split, 1) for stair in tower]
    gate = land.west + land.width / columns * (columns // 2) if columns > 1 else land.west + 4
    plots = (
        [part for plot, tower in zip(plots, split, strict=True) for part in _beside(plot, tower)]
        if recipe.stairs
        else plots
    )
    return Filling(buildings, walled(land, [(gate, land.south)]), plots, estate="estates")


def slab_rows(rng: np.random.Generator, land: Box, storeys: int, yard: int | None = None) -> Iterator[Building]:
    """Rows of slabs of one height, their long sides to the south, far enough apart for the winter sun."""
    south = land.south
    pitch = SLAB_DEPTH + rng.uniform(*SUN) * LEVEL * storeys
    while south + SLAB_DEPTH <= land.north:
        yield from _slab_row(rng, land, south, storeys, yard)
        south += pitch


def _slab_row(rng: np.random.Generator, land: Box, south: float, storeys: int, yard: int | None) -> Iterator[Building]:
    """Slabs of two to five stairs with two dwellings on each landing."""
    west = land.west
    while (room := int((land.east - west) // STAIR_WIDTH)) >= 2:
        stairs = min(room, int(rng.integers(2, 6)))
        width = stairs * STAIR_WIDTH
        if rng.random() > 0.04:
            lived_in = round(storeys * 2 * stairs * rng.uniform(*LIVED_IN))
            yield Building(Box(west, south, west + width, south + SLAB_DEPTH), lived_in, storeys, yard=yard)
        west += width + rng.uniform(7, 13)


def _yard(rng: np.random.Generator, part: Box, number: int) -> list[Building]:
    return list(slab_rows(rng, part.inset(YARD_WALL + 4), int(rng.choice((4, 5, 6, 6, 7))), number))


def _tower(rng: np.random.Generator, site: Box, levels: int, recipe: Recipe) -> Building:
    """A tower in the middle of its site: two to four stairs wide, four dwellings on each landing of each."""
    stairs = int(rng.integers(2 + recipe.stairs, max(4, min(5, 1 + int((site.width - 8) // STAIR_WIDTH)))))
    box = site.at(0.5, 0.5 + rng.uniform(-0.05, 0.05), stairs * STAIR_WIDTH, rng.uniform(14, 18))
    levels = int(np.clip(levels + rng.integers(-2, 3), *recipe.levels))
    lived_in = round(levels * 4 * stairs * rng.uniform(*LIVED_IN))
    return Building(box, lived_in, levels, turn=float(rng.uniform(-0.08, 0.08)), stair=stairs)


def _beside(plot: Box, stairs: list[Building]) -> Iterator[Box]:
    """A plot cut where one stair ends and the next begins."""
    xs = [plot.west, *(stair.box.west for stair in stairs[1:]), plot.east]
    return (plot._replace(west=west, east=east) for west, east in pairwise(xs))


def _whole(tower: Building) -> Building:
    return tower._replace(stair=None)


def _apart(tower: Building) -> Iterator[Building]:
    """The stairs of a tower as buildings that touch."""
    count = tower.stair or 1
    for number, box in enumerate(tower.box.cut(count, 1)):
        share = (tower.households + number) // count
        yield tower._replace(box=box, households=share, turn=0.0, stair=number + 1)


def numbered(buildings: list[Building]) -> list[Building]:
    """Buildings numbered from the south-west, as the numbers on their walls are."""
    return [building._replace(number=number) for number, building in enumerate(buildings, 1)]


def row_middles(buildings: list[Building]) -> list[float]:
    """Heights halfway between rows of buildings."""
    rows = sorted({(b.box.south, b.box.north) for b in buildings})
    return [(low[1] + high[0]) / 2 for low, high in pairwise(rows) if high[0] > low[1]]


def shop_row(rng: np.random.Generator, block: Box, gate: float) -> list[Building]:
    """Shops that touch, along the street in the south, on both sides of the gate."""
    west, south = block.west + 20, block.south + 6.5
    shops = [Box(west + 9 * n, south, west + 9 * (n + 1), south + 7.5) for n in range(int(rng.integers(4, 20)))]
    return [Building(shop, 0, 1, "shop") for shop in shops if not _near(shop, gate) and shop.east < block.east - 20]


def _near(shop: Box, gate: float) -> bool:
    return shop.west - 6 < gate < shop.east + 6


def walled(wall: Box, gates: list[tuple[float, float]]) -> list[Line]:
    """A wall all around but for its gates."""
    openings = shapely.union_all(
        [shapely.box(x - GATE / 2, y - GATE / 2, x + GATE / 2, y + GATE / 2) for x, y in gates]
    )
    pieces = shapely.line_merge(shapely.difference(shapely.box(*wall).boundary, openings))
    return [Line("wall", tuple(piece.coords)) for piece in shapely.get_parts(pieces)]


def _road(x: float, block: Box, north: float) -> Line:
    return Line("lane", ((x, block.south - OVERSHOOT), (x, north)))


def _wall(west: float, south: float, east: float, north: float) -> Line:
    right, up = (OVERSHOOT, 0.0) if south == north else (0.0, OVERSHOOT)
    return Line("wall", ((west - right, south - up), (east + right, north + up)))
