"""Estates: slab buildings facing south, walled courtyards with one gate each, towers with several units."""

from collections.abc import Iterator
from itertools import pairwise

import numpy as np
import shapely

from gridmap.demo.layout.plots import BlockContent, Box, DemoBuilding, DemoLine
from gridmap.demo.presets import TownPreset

LINE_OVERSHOOT_M = 0.2
"""Metres that walls and lanes extend beyond the middle of a street, so that bending leaves no gap."""
SLAB_DEPTH_M, UNIT_WIDTH_M = 12.0, 14.0
LEVEL_HEIGHT_M = 2.9
SLAB_SPACING_RATIOS = (1.05, 1.2)
"""Spacing of slabs over their height, so that the winter sun reaches the ground floor in central China."""
SLAB_LEVELS = (5, 6, 6, 6, 6, 7, 11)
"""Seven levels is the maximum without a lift, six is usual, and eleven the minimum with a lift."""
OCCUPANCY_RATES = (0.82, 1.0)
"""Share of occupied dwellings, minimum and maximum."""
ESTATE_ROAD_WIDTH_M = 10.0
"""Distance between the two halves of an estate, for its road."""
GATE_WIDTH_M = 7.0
COURTYARD_WALL_OFFSET_M, ESTATE_WALL_OFFSET_M = 8.0, 15.0
"""Distance from the middle of the street; estates leave room for a row of shops."""


def build_slab_estate(rng: np.random.Generator, block: Box) -> BlockContent:
    """Build a walled estate: slabs on both sides of its road, one gate, and in most cases shops beside it."""
    middle = block.west + rng.uniform(0.44, 0.56) * block.width
    levels = int(rng.choice(SLAB_LEVELS))
    land = block.inset(ESTATE_WALL_OFFSET_M + 3)
    sides = land._replace(east=middle - ESTATE_ROAD_WIDTH_M / 2), land._replace(west=middle + ESTATE_ROAD_WIDTH_M / 2)
    buildings = [slab for side in sides for slab in build_slab_rows(rng, side, levels)]
    shops = build_shop_row(rng, block, middle) if rng.random() < 0.6 else []
    wall = block.inset(ESTATE_WALL_OFFSET_M)
    lines = [*build_walls(wall, [(middle, wall.south)]), _estate_road(middle, block, wall.north - 12)]
    row_gaps = find_row_gaps(buildings)
    west, east = block._replace(east=middle), block._replace(west=middle)
    plots = [*west.split_at(row_gaps), *east.split_at(row_gaps)]
    return BlockContent([*number_buildings(buildings), *shops], lines, plots, estate="estates")


def build_courtyards(rng: np.random.Generator, block: Box) -> BlockContent:
    """Build adjacent courtyards with one gate each, separated by walls from street to street."""
    rows = max(1, round(block.depth / 100))
    parts = list(block.split(2, rows))
    buildings = [b for number, part in enumerate(parts) for b in number_buildings(_build_courtyard(rng, part, number))]
    wall = block.inset(COURTYARD_WALL_OFFSET_M)
    gates = [(part.west if part.west > block.west else wall.west, (part.south + part.north) / 2) for part in parts]
    gates = [(wall.west if x == wall.west else wall.east, y) for x, y in gates]
    inner_walls = [_straight_wall(parts[1].west, block.south, parts[1].west, block.north)]
    inner_walls += [_straight_wall(block.west, part.south, block.east, part.south) for part in parts[2::2]]
    return BlockContent(buildings, [*build_walls(wall, gates), *inner_walls], parts, estate="courtyard_estates")


def build_towers(rng: np.random.Generator, block: Box, preset: TownPreset) -> BlockContent:
    """Build a walled estate of towers, each on its own site, with one gate."""
    land = block.inset(ESTATE_WALL_OFFSET_M)
    columns, rows = (
        max(1, round(side / site)) for side, site in zip((land.width, land.depth), preset.tower_site_m, strict=True)
    )
    sites = list(land.split(columns, rows))
    plots = list(block.split(columns, rows))
    levels = int(rng.integers(preset.tower_levels[0], preset.tower_levels[1] + 1))
    drawn = [
        _build_tower(rng, site, levels, preset) for site in sites if preset.units_are_buildings or rng.random() < 0.7
    ]
    towers = [
        list(_split_into_units(tower)) if preset.units_are_buildings else [_as_one_building(tower)] for tower in drawn
    ]
    buildings = [unit._replace(number=number) for number, units in enumerate(towers, 1) for unit in units]
    gate = land.west + land.width / columns * (columns // 2) if columns > 1 else land.west + 4
    plots = (
        [part for plot, units in zip(plots, towers, strict=True) for part in _split_plot(plot, units)]
        if preset.units_are_buildings
        else plots
    )
    return BlockContent(buildings, build_walls(land, [(gate, land.south)]), plots, estate="estates")


def build_slab_rows(
    rng: np.random.Generator, land: Box, levels: int, courtyard: int | None = None
) -> Iterator[DemoBuilding]:
    """Yield rows of slabs of one height that face south, spaced for the winter sun."""
    south = land.south
    pitch = SLAB_DEPTH_M + rng.uniform(*SLAB_SPACING_RATIOS) * LEVEL_HEIGHT_M * levels
    while south + SLAB_DEPTH_M <= land.north:
        yield from _build_slab_row(rng, land, south, levels, courtyard)
        south += pitch


def _build_slab_row(
    rng: np.random.Generator, land: Box, south: float, levels: int, courtyard: int | None
) -> Iterator[DemoBuilding]:
    """Yield slabs of two to five units with two dwellings per landing."""
    west = land.west
    while (room := int((land.east - west) // UNIT_WIDTH_M)) >= 2:
        units = min(room, int(rng.integers(2, 6)))
        width = units * UNIT_WIDTH_M
        if rng.random() > 0.04:
            households = round(levels * 2 * units * rng.uniform(*OCCUPANCY_RATES))
            yield DemoBuilding(
                Box(west, south, west + width, south + SLAB_DEPTH_M), households, levels, courtyard=courtyard
            )
        west += width + rng.uniform(7, 13)


def _build_courtyard(rng: np.random.Generator, site: Box, number: int) -> list[DemoBuilding]:
    return list(build_slab_rows(rng, site.inset(COURTYARD_WALL_OFFSET_M + 4), int(rng.choice((4, 5, 6, 6, 7))), number))


def _build_tower(rng: np.random.Generator, site: Box, levels: int, preset: TownPreset) -> DemoBuilding:
    """Build a tower in the middle of its site: two to four units wide, with four dwellings per landing of a unit."""
    units = int(rng.integers(2 + preset.units_are_buildings, max(4, min(5, 1 + int((site.width - 8) // UNIT_WIDTH_M)))))
    box = site.centred_at(0.5, 0.5 + rng.uniform(-0.05, 0.05), units * UNIT_WIDTH_M, rng.uniform(14, 18))
    levels = int(np.clip(levels + rng.integers(-2, 3), *preset.tower_levels))
    households = round(levels * 4 * units * rng.uniform(*OCCUPANCY_RATES))
    return DemoBuilding(box, households, levels, rotation=float(rng.uniform(-0.08, 0.08)), unit=units)


def _split_plot(plot: Box, units: list[DemoBuilding]) -> Iterator[Box]:
    """Divide a plot between the units of its tower."""
    xs = [plot.west, *(unit.box.west for unit in units[1:]), plot.east]
    return (plot._replace(west=west, east=east) for west, east in pairwise(xs))


def _as_one_building(tower: DemoBuilding) -> DemoBuilding:
    return tower._replace(unit=None)


def _split_into_units(tower: DemoBuilding) -> Iterator[DemoBuilding]:
    """Yield the units of a tower as adjacent buildings."""
    count = tower.unit or 1
    for number, box in enumerate(tower.box.split(count, 1)):
        households = (tower.households + number) // count
        yield tower._replace(box=box, households=households, rotation=0.0, unit=number + 1)


def number_buildings(buildings: list[DemoBuilding]) -> list[DemoBuilding]:
    """Number the buildings of an estate, from the south-west."""
    return [building._replace(number=number) for number, building in enumerate(buildings, 1)]


def find_row_gaps(buildings: list[DemoBuilding]) -> list[float]:
    """Return the y coordinates halfway between rows of buildings."""
    rows = sorted({(b.box.south, b.box.north) for b in buildings})
    return [(low[1] + high[0]) / 2 for low, high in pairwise(rows) if high[0] > low[1]]


def build_shop_row(rng: np.random.Generator, block: Box, gate_x: float) -> list[DemoBuilding]:
    """Build adjacent shops along the street in the south, on both sides of the gate."""
    west, south = block.west + 20, block.south + 6.5
    shops = [Box(west + 9 * n, south, west + 9 * (n + 1), south + 7.5) for n in range(int(rng.integers(4, 20)))]
    return [
        DemoBuilding(shop, 0, 1, "shop")
        for shop in shops
        if not _is_at_gate(shop, gate_x) and shop.east < block.east - 20
    ]


def _is_at_gate(shop: Box, gate_x: float) -> bool:
    return shop.west - 6 < gate_x < shop.east + 6


def build_walls(outline: Box, gates: list[tuple[float, float]]) -> list[DemoLine]:
    """Build the wall around an outline, with openings for its gates."""
    openings = shapely.union_all(
        [
            shapely.box(x - GATE_WIDTH_M / 2, y - GATE_WIDTH_M / 2, x + GATE_WIDTH_M / 2, y + GATE_WIDTH_M / 2)
            for x, y in gates
        ]
    )
    pieces = shapely.line_merge(shapely.difference(shapely.box(*outline).boundary, openings))
    return [DemoLine("wall", tuple(piece.coords)) for piece in shapely.get_parts(pieces)]


def _estate_road(x: float, block: Box, north: float) -> DemoLine:
    return DemoLine("lane", ((x, block.south - LINE_OVERSHOOT_M), (x, north)))


def _straight_wall(west: float, south: float, east: float, north: float) -> DemoLine:
    right, up = (LINE_OVERSHOOT_M, 0.0) if south == north else (0.0, LINE_OVERSHOOT_M)
    return DemoLine("wall", ((west - right, south - up), (east + right, north + up)))
