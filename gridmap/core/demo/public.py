"""Land without households: parks, schools, markets, hospitals, works."""

from collections.abc import Callable, Sequence

import numpy as np

from gridmap.core.demo.estates import ESTATE_WALL, STOREYS, numbered, row_middles, slab_rows
from gridmap.core.demo.plots import Box, Building, Filling
from gridmap.core.demo.recipe import BlockKind

Hall = tuple[float, float, float, float]
MARGIN = 8.0
"""Metres between the middle of a street and dedicated land."""
LEVELS = {BlockKind.SCHOOL: 4, BlockKind.HOSPITAL: 8, BlockKind.MARKET: 1}


def park(rng: np.random.Generator, block: Box) -> Filling:
    """A park with a pavilion and a tea house."""
    land = block.inset(MARGIN)
    houses = [
        land.at(rng.uniform(0.2, 0.4), rng.uniform(0.2, 0.8), 12, 12),
        land.at(0.7, rng.uniform(0.3, 0.7), 22, 11),
    ]
    return Filling([Building(house, 0, 1, "park") for house in houses], dedicated=land)


def school(rng: np.random.Generator, block: Box) -> Filling:
    """Two teaching blocks and a hall in the north, the playground in the south; slabs beside it where there is room."""
    return _beside(rng, block, BlockKind.SCHOOL, [(0.5, 0.86, 0.7, 13), (0.5, 0.66, 0.7, 13), (0.14, 0.4, 0.2, 30)])


def hospital(rng: np.random.Generator, block: Box) -> Filling:
    """Outpatients at the street, wards behind."""
    return _beside(rng, block, BlockKind.HOSPITAL, [(0.5, 0.2, 0.6, 26), (0.5, 0.5, 0.7, 18), (0.5, 0.8, 0.7, 18)])


def market(rng: np.random.Generator, block: Box) -> Filling:
    """Two market halls."""
    return _beside(rng, block, BlockKind.MARKET, [(0.5, 0.3, 0.75, 55), (0.5, 0.72, 0.75, 45)])


def works(rng: np.random.Generator, block: Box) -> Filling:
    """Factory sheds."""
    sites = block.inset(20).cut(2, 3)
    sheds = [site.at(0.5, 0.5, site.width * rng.uniform(0.5, 0.85), min(site.depth - 12, 40)) for site in sites]
    return Filling([Building(shed, 0, 1, "works") for shed in sheds if rng.random() < 0.8])


def _beside(rng: np.random.Generator, block: Box, kind: BlockKind, halls: Sequence[Hall]) -> Filling:
    """Public buildings in the west of a block, slabs in the east."""
    border = block.west + rng.uniform(0.45, 0.55) * block.width
    land = block._replace(east=border).inset(MARGIN)
    rest = block._replace(west=border)
    rows = numbered(list(slab_rows(rng, rest.inset(ESTATE_WALL), int(rng.choice(STOREYS)))))
    boxes = [land.at(x, y, width * land.width, depth) for x, y, width, depth in halls]
    buildings = [Building(box, 0, LEVELS[kind], kind.value) for box in boxes]
    plots = [block._replace(east=border), *rest.sliced(row_middles(rows))]
    return Filling([*buildings, *rows], [], plots, estate="estates", dedicated=land)


PUBLIC: dict[BlockKind, Callable[[np.random.Generator, Box], Filling]] = {
    BlockKind.PARK: park,
    BlockKind.SCHOOL: school,
    BlockKind.MARKET: market,
    BlockKind.HOSPITAL: hospital,
    BlockKind.WORKS: works,
}
