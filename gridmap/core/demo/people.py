"""Who lives where: households are dealt out to blocks until everyone is housed."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from gridmap.core.demo.buildings import PUBLIC, Box, Building, Filling, fill
from gridmap.core.demo.ground import Ground
from gridmap.core.demo.recipe import BlockKind

TURNS = (BlockKind.PARK, BlockKind.SCHOOL, BlockKind.MARKET, BlockKind.PARK, BlockKind.SCHOOL, BlockKind.HOSPITAL)
"""Public blocks in the order a growing town gets them."""
HAMLET = 60
"""Fewer households than this are never given a block of slabs or towers."""


class NoRoom(Exception):
    """The plan has too few blocks for its households."""


class Block(NamedTuple):
    """A block with what stands in it, by column and row of the plan."""

    column: int
    row: int
    filling: Filling


def settle(rng: np.random.Generator, ground: Ground, households: int) -> list[Block]:
    """Fill the blocks of a plan, in random order, so that exactly so many households live there.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    ground : Ground
        The plan.
    households : int
        To be housed; the last building takes what is left, and blocks after it stay vacant.

    Returns
    -------
    list of Block
        Every block but those of the river and the railway, by column and row.

    Raises
    ------
    NoRoom
        If the blocks are full before everyone is housed.
    """
    places = _places(ground)
    order = _by_turns(rng, [int(ground.communities[place]) for place in places])
    public = round(ground.recipe.public * len(places)) if len(places) > 3 else 0
    kinds = _kinds(rng, ground, public, len(places))
    blocks, left = [], households
    for number, kind in zip(order, kinds, strict=True):
        column, row = places[number]
        filling = _filled(rng, kind, _box(ground, column, row), left)
        left -= sum(building.households for building in filling.buildings)
        blocks.append(Block(column, row, filling))
    if left:
        raise NoRoom
    return sorted(blocks, key=lambda block: block[:2])


def _places(ground: Ground) -> list[tuple[int, int]]:
    columns, rows = ground.communities.shape
    thin = ground.columns.thin, ground.rows.thin
    return [(c, r) for c in range(columns) for r in range(rows) if c != thin[0] and r != thin[1]]


def _by_turns(rng: np.random.Generator, owners: list[int]) -> NDArray[np.int64]:
    """Random order in which the communities take turns, so that none is left empty."""
    owner = np.array(owners)
    shuffled = rng.permutation(len(owner))
    turn = pd.Series(owner[shuffled]).groupby(owner[shuffled]).rank(method="first", pct=True)
    return np.asarray(shuffled[np.argsort(turn.to_numpy(), kind="stable")])


def _kinds(rng: np.random.Generator, ground: Ground, public: int, blocks: int) -> Iterator[BlockKind]:
    living = ground.recipe.living()
    drawn = rng.choice(len(living), blocks - public, p=list(living.values()))
    yield from (TURNS[number % len(TURNS)] for number in range(public))
    yield from (list(living)[number] for number in drawn)


def _box(ground: Ground, column: int, row: int) -> Box:
    xs, ys = ground.columns.limits, ground.rows.limits
    return Box(float(xs[column]), float(ys[row]), float(xs[column + 1]), float(ys[row + 1]))


def _filled(rng: np.random.Generator, kind: BlockKind, box: Box, left: int) -> Filling:
    if kind in PUBLIC:
        return fill(rng, kind, box)
    if not left:
        return fill(rng, BlockKind.VACANT, box)
    filling = fill(rng, BlockKind.LANES if left < HAMLET else kind, box)
    filling.buildings = list(_until_full(filling.buildings, left))
    return filling


def _until_full(buildings: list[Building], left: int) -> Iterator[Building]:
    """The buildings, until as many households live there as are left."""
    for building in buildings:
        if left <= 0:
            return
        yield building._replace(households=min(building.households, left))
        left -= building.households
