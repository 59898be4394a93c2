"""Who lives where: blocks are filled from the heart of each community outwards until everyone is housed."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.demo.buildings import fill_block
from gridmap.demo.ground_plan import GroundPlan
from gridmap.demo.plots import BlockContent, Box, DemoBuilding
from gridmap.demo.presets import BlockKind

PUBLIC_KINDS = (
    BlockKind.SCHOOL,
    BlockKind.MARKET,
    BlockKind.PARK,
    BlockKind.HOSPITAL,
    BlockKind.SCHOOL,
    BlockKind.PARK,
)
"""Public blocks in the order a growing town gets them."""
UNINHABITED_KINDS = (BlockKind.PARK, BlockKind.WORKS, BlockKind.FIELDS)
FILLED_FIRST = (BlockKind.HAMLET, *PUBLIC_KINDS)
"""Blocks that are filled before the others, so that no town goes without them."""
MIN_ESTATE_HOUSEHOLDS = 60
"""Fewer households than this are never given a block of slabs or towers."""
RESIDENTIAL_SURPLUS = 1.3
"""More blocks for living than the households should need; what is left over stays fields."""
AGE_DEVIATION = 0.25
"""How far the age of a block strays from its distance to the heart, both from 0 to 1."""


class TooFewBlocks(Exception):
    """The plan has too few blocks for its households."""


class Block(NamedTuple):
    """A block with what stands in it, by column and row of the plan."""

    column: int
    row: int
    box: Box
    content: BlockContent


def place_population(
    rng: np.random.Generator, ground_plan: GroundPlan, households: int, room_factor: float = 1.0
) -> list[Block]:
    """Fill the blocks of a plan so that exactly so many households live there.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    ground_plan : GroundPlan
        The plan.
    households : int
        To be housed; the last building takes what is left, and blocks after it stay fields.
    room_factor : float
        Times more blocks for living than `Recipe.crowd` asks for.

    Returns
    -------
    list of Block
        Every block, those of the river and the railway too, by column and row.

    Raises
    ------
    TooFewBlocks
        If the blocks are full before everyone is housed.
    """
    places = _block_positions(ground_plan)
    remote = _remoteness_ranks(rng, ground_plan, places)
    kinds = _choose_kinds(
        rng,
        ground_plan,
        remote,
        min(1.0, room_factor * RESIDENTIAL_SURPLUS * households / ground_plan.preset.crowd / len(places)),
    )
    order = np.lexsort((remote, np.array([kind not in FILLED_FIRST for kind in kinds])))
    blocks, left = _thin_blocks(ground_plan), households
    for number in order.tolist():
        (column, row), box = places[number], _block_box(ground_plan, *places[number])
        filling = _fill_with_households(rng, kinds[number], box, left, ground_plan)
        left -= sum(building.households for building in filling.buildings)
        blocks.append(Block(column, row, box, filling))
    if left:
        raise TooFewBlocks
    return sorted(blocks, key=lambda block: block[:2])


def _block_positions(ground_plan: GroundPlan) -> list[tuple[int, int]]:
    columns, rows = ground_plan.communities.shape
    thin = ground_plan.columns.thin_block, ground_plan.rows.thin_block
    return [(c, r) for c in range(columns) for r in range(rows) if c != thin[0] and r != thin[1]]


def _thin_blocks(ground_plan: GroundPlan) -> list[Block]:
    """The blocks of the river and the railway."""
    every = sorted(set(np.ndindex(*ground_plan.communities.shape)) - set(_block_positions(ground_plan)))
    boxes = {place: _block_box(ground_plan, *place) for place in every}
    return [Block(column, row, box, BlockContent(plots=[box])) for (column, row), box in boxes.items()]


def _remoteness_ranks(
    rng: np.random.Generator, ground_plan: GroundPlan, positions: list[tuple[int, int]]
) -> FloatArray:
    """How far each block is from the heart of its community, as a rank from 0 to 1 within it."""
    at, owner = np.array(positions, dtype=np.float64), np.array([ground_plan.communities[place] for place in positions])
    frame = pd.DataFrame(at).groupby(owner)
    hearts = frame.transform("mean").to_numpy() + rng.uniform(-0.5, 0.5, (len(set(owner)), 2))[_inverse_indices(owner)]
    away = np.hypot(*(at - hearts).T) + rng.uniform(0, 0.4, len(at))
    return np.asarray(pd.Series(away).groupby(owner).rank(method="first", pct=True))


def _inverse_indices(community_of_block: IntArray) -> IntArray:
    return np.unique(community_of_block, return_inverse=True)[1]


def _choose_kinds(
    rng: np.random.Generator, ground_plan: GroundPlan, remoteness: FloatArray, core_share: float
) -> list[BlockKind]:
    """Kind of each block: public ones scattered over the core, old houses near its heart, fields beyond it."""
    inside = np.flatnonzero(remoteness <= core_share + 1e-9)
    public = round(ground_plan.preset.public * len(inside)) if len(inside) > 3 else 0
    kinds = [_outer_kind(rng, ground_plan) for _ in remoteness]
    for number, place in enumerate(rng.permutation(inside)):
        age = float(np.clip(remoteness[place] / core_share + rng.normal(0, AGE_DEVIATION), 0, 0.999))
        kinds[place] = (
            PUBLIC_KINDS[number % len(PUBLIC_KINDS)] if number < public else _kind_of_age(rng, ground_plan, age)
        )
    return kinds


def _outer_kind(rng: np.random.Generator, ground_plan: GroundPlan) -> BlockKind:
    recipe, draw = ground_plan.preset, rng.random()
    if draw < recipe.hamlets:
        return BlockKind.HAMLET
    return BlockKind.WORKS if draw < recipe.hamlets + recipe.works else BlockKind.FIELDS


def _kind_of_age(rng: np.random.Generator, ground_plan: GroundPlan, age: float) -> BlockKind:
    """The kind that stands so far out; one block in four is of any kind."""
    shares = ground_plan.preset.residential_shares()
    age = rng.random() if rng.random() < AGE_DEVIATION else age
    return list(shares)[int(np.searchsorted(np.cumsum(list(shares.values()))[:-1], age))]


def _block_box(ground_plan: GroundPlan, column: int, row: int) -> Box:
    xs, ys = ground_plan.columns.limits, ground_plan.rows.limits
    return Box(float(xs[column]), float(ys[row]), float(xs[column + 1]), float(ys[row + 1]))


def _fill_with_households(
    rng: np.random.Generator, kind: BlockKind, box: Box, remaining: int, ground_plan: GroundPlan
) -> BlockContent:
    if kind not in UNINHABITED_KINDS:
        kind = BlockKind.FIELDS if not remaining else BlockKind.HAMLET if remaining < MIN_ESTATE_HOUSEHOLDS else kind
    filling = fill_block(rng, kind, box, ground_plan.preset)
    standing = list(_take_buildings(filling.buildings, remaining))
    if len(standing) < len(filling.buildings) and filling.buildings[0].lane is not None:
        filling.lines = filling.lines[: 1 + max(building.lane or 0 for building in standing)]
    filling.buildings = standing
    return filling


def _take_buildings(buildings: list[DemoBuilding], remaining: int) -> Iterator[DemoBuilding]:
    """The buildings, until as many households live there as are left; those where nobody lives stand anyway."""
    for building in buildings:
        if remaining > 0 or not building.households:
            yield building._replace(households=min(building.households, remaining))
            remaining -= min(building.households, remaining)
