"""Placement of households: blocks are filled from the centre of each community outwards."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.demo.layout.buildings import fill_block
from gridmap.demo.layout.ground_plan import GroundPlan
from gridmap.demo.layout.plots import BlockContent, Box, DemoBuilding
from gridmap.demo.presets import BlockKind

PUBLIC_KINDS = (
    BlockKind.SCHOOL,
    BlockKind.MARKET,
    BlockKind.PARK,
    BlockKind.HOSPITAL,
    BlockKind.SCHOOL,
    BlockKind.PARK,
)
"""Kinds of public blocks, in the order in which a growing town gets them."""
UNINHABITED_KINDS = (BlockKind.PARK, BlockKind.WORKS, BlockKind.FIELDS)
PRIORITY_KINDS = (BlockKind.HAMLET, *PUBLIC_KINDS)
"""Kinds that are filled before the others, so that every town has them."""
MIN_ESTATE_HOUSEHOLDS = 60
"""Minimum number of remaining households for a block of slabs or towers."""
RESIDENTIAL_BLOCK_FACTOR = 1.3
"""Residential blocks over the number that the households need; blocks without households stay fields."""
AGE_DEVIATION = 0.25
"""Standard deviation of the age of a block from its distance to the centre, both from 0 to 1."""
RANDOM_KIND_SHARE = 0.25
"""Share of residential blocks whose kind does not depend on their distance to the centre."""


class TooFewBlocks(Exception):
    """A plan with too few blocks for its households."""


class Block(NamedTuple):
    """A block with its content, by column and row of the plan."""

    column: int
    row: int
    box: Box
    content: BlockContent


def place_population(
    rng: np.random.Generator, ground_plan: GroundPlan, households: int, room_factor: float = 1.0
) -> list[Block]:
    """Fill the blocks of a plan with an exact number of households.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    ground_plan : GroundPlan
        The plan.
    households : int
        The last building has the remainder, and the blocks after it stay fields.
    room_factor : float
        Factor on the number of residential blocks that follows from `TownPreset.households_per_block`.

    Returns
    -------
    list of Block
        All blocks, including those of the river and the railway, by column and row.

    Raises
    ------
    TooFewBlocks
        If all blocks are full before all households are placed.
    """
    positions = _block_positions(ground_plan)
    remoteness = _remoteness_ranks(rng, ground_plan, positions)
    block_count = room_factor * RESIDENTIAL_BLOCK_FACTOR * households / ground_plan.preset.households_per_block
    core_share = min(1.0, block_count / len(positions))
    kinds = _choose_kinds(rng, ground_plan, remoteness, core_share)
    order = np.lexsort((remoteness, np.array([kind not in PRIORITY_KINDS for kind in kinds])))
    blocks, remaining = _thin_blocks(ground_plan), households
    for number in order.tolist():
        (column, row), box = positions[number], _block_box(ground_plan, *positions[number])
        content = _fill_with_households(rng, kinds[number], box, remaining, ground_plan)
        remaining -= sum(building.households for building in content.buildings)
        blocks.append(Block(column, row, box, content))
    if remaining:
        raise TooFewBlocks
    return sorted(blocks, key=lambda block: block[:2])


def _block_positions(ground_plan: GroundPlan) -> list[tuple[int, int]]:
    columns, rows = ground_plan.communities.shape
    thin = ground_plan.columns.thin_block, ground_plan.rows.thin_block
    return [(c, r) for c in range(columns) for r in range(rows) if c != thin[0] and r != thin[1]]


def _thin_blocks(ground_plan: GroundPlan) -> list[Block]:
    """Return the blocks of the river and the railway."""
    positions = sorted(set(np.ndindex(*ground_plan.communities.shape)) - set(_block_positions(ground_plan)))
    boxes = {position: _block_box(ground_plan, *position) for position in positions}
    return [Block(column, row, box, BlockContent(plots=[box])) for (column, row), box in boxes.items()]


def _remoteness_ranks(
    rng: np.random.Generator, ground_plan: GroundPlan, positions: list[tuple[int, int]]
) -> FloatArray:
    """Return the rank of each block within its community by distance from the centre, from 0 to 1."""
    points = np.array(positions, dtype=np.float64)
    community = np.array([ground_plan.communities[position] for position in positions])
    means = pd.DataFrame(points).groupby(community).transform("mean").to_numpy()
    centres = means + rng.uniform(-0.5, 0.5, (len(set(community)), 2))[_inverse_indices(community)]
    distance = np.hypot(*(points - centres).T) + rng.uniform(0, 0.4, len(points))
    return np.asarray(pd.Series(distance).groupby(community).rank(method="first", pct=True))


def _inverse_indices(community_of_block: IntArray) -> IntArray:
    return np.unique(community_of_block, return_inverse=True)[1]


def _choose_kinds(
    rng: np.random.Generator, ground_plan: GroundPlan, remoteness: FloatArray, core_share: float
) -> list[BlockKind]:
    """Choose the kind of each block: public blocks in the whole core, old kinds near its centre, fields outside it."""
    core = np.flatnonzero(remoteness <= core_share + 1e-9)
    public_count = round(ground_plan.preset.public * len(core)) if len(core) > 3 else 0
    kinds = [_outer_kind(rng, ground_plan) for _ in remoteness]
    for number, position in enumerate(rng.permutation(core)):
        age = float(np.clip(remoteness[position] / core_share + rng.normal(0, AGE_DEVIATION), 0, 0.999))
        kinds[position] = (
            PUBLIC_KINDS[number % len(PUBLIC_KINDS)] if number < public_count else _kind_of_age(rng, ground_plan, age)
        )
    return kinds


def _outer_kind(rng: np.random.Generator, ground_plan: GroundPlan) -> BlockKind:
    preset, draw = ground_plan.preset, rng.random()
    if draw < preset.hamlets:
        return BlockKind.HAMLET
    return BlockKind.WORKS if draw < preset.hamlets + preset.works else BlockKind.FIELDS


def _kind_of_age(rng: np.random.Generator, ground_plan: GroundPlan, age: float) -> BlockKind:
    """Return the residential kind at a relative distance from the centre; a share of the blocks has a random kind."""
    shares = ground_plan.preset.residential_shares()
    age = rng.random() if rng.random() < RANDOM_KIND_SHARE else age
    return list(shares)[int(np.searchsorted(np.cumsum(list(shares.values()))[:-1], age))]


def _block_box(ground_plan: GroundPlan, column: int, row: int) -> Box:
    xs, ys = ground_plan.columns.limits, ground_plan.rows.limits
    return Box(float(xs[column]), float(ys[row]), float(xs[column + 1]), float(ys[row + 1]))


def _fill_with_households(
    rng: np.random.Generator, kind: BlockKind, box: Box, remaining: int, ground_plan: GroundPlan
) -> BlockContent:
    if kind not in UNINHABITED_KINDS:
        kind = BlockKind.FIELDS if not remaining else BlockKind.HAMLET if remaining < MIN_ESTATE_HOUSEHOLDS else kind
    content = fill_block(rng, kind, box, ground_plan.preset)
    buildings = list(_take_buildings(content.buildings, remaining))
    if len(buildings) < len(content.buildings) and content.buildings[0].lane is not None:
        content.lines = content.lines[: 1 + max(building.lane or 0 for building in buildings)]
    content.buildings = buildings
    return content


def _take_buildings(buildings: list[DemoBuilding], remaining: int) -> Iterator[DemoBuilding]:
    """Yield buildings until the remaining households are placed, and all buildings without households."""
    for building in buildings:
        if remaining > 0 or not building.households:
            yield building._replace(households=min(building.households, remaining))
            remaining -= min(building.households, remaining)
