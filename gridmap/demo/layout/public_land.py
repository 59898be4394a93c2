"""Public and industrial land: parks, schools, markets, hospitals and works."""

from collections.abc import Callable, Sequence

import numpy as np

from gridmap.demo.layout.estates import (
    ESTATE_WALL_OFFSET_M,
    SLAB_LEVELS,
    build_slab_rows,
    find_row_gaps,
    number_buildings,
)
from gridmap.demo.layout.plots import BlockContent, Box, DemoBuilding
from gridmap.demo.presets import BlockKind

HallLayout = tuple[float, float, float, float]
STREET_MARGIN_M = 8.0
"""Distance between the middle of a street and dedicated land."""
PUBLIC_BUILDING_LEVELS = {BlockKind.SCHOOL: 4, BlockKind.HOSPITAL: 8, BlockKind.MARKET: 1}


def build_park(rng: np.random.Generator, block: Box) -> BlockContent:
    """Build a park with a pavilion and a tea house."""
    land = block.inset(STREET_MARGIN_M)
    houses = [
        land.centred_at(rng.uniform(0.2, 0.4), rng.uniform(0.2, 0.8), 12, 12),
        land.centred_at(0.7, rng.uniform(0.3, 0.7), 22, 11),
    ]
    return BlockContent([DemoBuilding(house, 0, 1, "park") for house in houses], dedicated=land)


def build_school(rng: np.random.Generator, block: Box) -> BlockContent:
    """Build a school with two teaching buildings, a hall and an open playground, and slabs in the rest of the block."""
    return _build_with_slabs(
        rng, block, BlockKind.SCHOOL, [(0.5, 0.86, 0.7, 13), (0.5, 0.66, 0.7, 13), (0.14, 0.4, 0.2, 30)]
    )


def build_hospital(rng: np.random.Generator, block: Box) -> BlockContent:
    """Build a hospital: the outpatient building at the street, wards behind it."""
    return _build_with_slabs(
        rng, block, BlockKind.HOSPITAL, [(0.5, 0.2, 0.6, 26), (0.5, 0.5, 0.7, 18), (0.5, 0.8, 0.7, 18)]
    )


def build_market(rng: np.random.Generator, block: Box) -> BlockContent:
    """Build two market halls."""
    return _build_with_slabs(rng, block, BlockKind.MARKET, [(0.5, 0.3, 0.75, 55), (0.5, 0.72, 0.75, 45)])


def build_works(rng: np.random.Generator, block: Box) -> BlockContent:
    """Build factory sheds."""
    sites = block.inset(20).split(2, 3)
    sheds = [site.centred_at(0.5, 0.5, site.width * rng.uniform(0.5, 0.85), min(site.depth - 12, 40)) for site in sites]
    return BlockContent([DemoBuilding(shed, 0, 1, "works") for shed in sheds if rng.random() < 0.8])


def _build_with_slabs(
    rng: np.random.Generator, block: Box, kind: BlockKind, halls: Sequence[HallLayout]
) -> BlockContent:
    """Build public buildings in the west of a block and slabs in the east."""
    border = block.west + rng.uniform(0.45, 0.55) * block.width
    land = block._replace(east=border).inset(STREET_MARGIN_M)
    estate = block._replace(west=border)
    slab_rows = build_slab_rows(rng, estate.inset(ESTATE_WALL_OFFSET_M), int(rng.choice(SLAB_LEVELS)))
    slabs = number_buildings(list(slab_rows))
    boxes = [land.centred_at(x, y, width * land.width, depth) for x, y, width, depth in halls]
    buildings = [DemoBuilding(box, 0, PUBLIC_BUILDING_LEVELS[kind], kind.value) for box in boxes]
    plots = [block._replace(east=border), *estate.split_at(find_row_gaps(slabs))]
    return BlockContent([*buildings, *slabs], [], plots, estate="estates", dedicated=land)


PUBLIC_BLOCK_FILLERS: dict[BlockKind, Callable[[np.random.Generator, Box], BlockContent]] = {
    BlockKind.PARK: build_park,
    BlockKind.SCHOOL: build_school,
    BlockKind.MARKET: build_market,
    BlockKind.HOSPITAL: build_hospital,
    BlockKind.WORKS: build_works,
}
