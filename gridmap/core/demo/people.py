"""Who lives where: blocks are filled from the heart of each community outwards until everyone is housed."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import pandas as pd

from gridmap.core.arrays import Floats, Ints
from gridmap.core.demo.buildings import fill
from gridmap.core.demo.ground import Ground
from gridmap.core.demo.plots import Box, Building, Filling
from gridmap.core.demo.recipe import BlockKind

TURNS = (BlockKind.SCHOOL, BlockKind.MARKET, BlockKind.PARK, BlockKind.HOSPITAL, BlockKind.SCHOOL, BlockKind.PARK)
"""Public blocks in the order a growing town gets them."""
EMPTY = (BlockKind.PARK, BlockKind.WORKS, BlockKind.FIELDS)
FIRST = (BlockKind.HAMLET, *TURNS)
"""Blocks that are filled before the others, so that no town goes without them."""
VILLAGE = 60
"""Fewer households than this are never given a block of slabs or towers."""
SLACK = 1.3
"""More blocks for living than the households should need; what is left over stays fields."""
STRAY = 0.25
"""How far the age of a block strays from its distance to the heart, both from 0 to 1."""


class NoRoom(Exception):
    """The plan has too few blocks for its households."""


class Block(NamedTuple):
    """A block with what stands in it, by column and row of the plan."""

    column: int
    row: int
    box: Box
    filling: Filling


def settle(rng: np.random.Generator, ground: Ground, households: int, room: float = 1.0) -> list[Block]:
    """Fill the blocks of a plan so that exactly so many households live there.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    ground : Ground
        The plan.
    households : int
        To be housed; the last building takes what is left, and blocks after it stay fields.
    room : float
        Times more blocks for living than `Recipe.crowd` asks for.

    Returns
    -------
    list of Block
        Every block, those of the river and the railway too, by column and row.

    Raises
    ------
    NoRoom
        If the blocks are full before everyone is housed.
    """
    places = _places(ground)
    remote = _remoteness(rng, ground, places)
    kinds = _kinds(rng, ground, remote, min(1.0, room * SLACK * households / ground.recipe.crowd / len(places)))
    order = np.lexsort((remote, np.array([kind not in FIRST for kind in kinds])))
    blocks, left = _thin(ground), households
    for number in order.tolist():
        (column, row), box = places[number], _box(ground, *places[number])
        filling = _filled(rng, kinds[number], box, left, ground)
        left -= sum(building.households for building in filling.buildings)
        blocks.append(Block(column, row, box, filling))
    if left:
        raise NoRoom
    return sorted(blocks, key=lambda block: block[:2])


def _places(ground: Ground) -> list[tuple[int, int]]:
    columns, rows = ground.communities.shape
    thin = ground.columns.thin, ground.rows.thin
    return [(c, r) for c in range(columns) for r in range(rows) if c != thin[0] and r != thin[1]]


def _thin(ground: Ground) -> list[Block]:
    """The blocks of the river and the railway."""
    every = sorted(set(np.ndindex(*ground.communities.shape)) - set(_places(ground)))
    boxes = {place: _box(ground, *place) for place in every}
    return [Block(column, row, box, Filling(plots=[box])) for (column, row), box in boxes.items()]


def _remoteness(rng: np.random.Generator, ground: Ground, places: list[tuple[int, int]]) -> Floats:
    """How far each block is from the heart of its community, as a rank from 0 to 1 within it."""
    at, owner = np.array(places, dtype=np.float64), np.array([ground.communities[place] for place in places])
    frame = pd.DataFrame(at).groupby(owner)
    hearts = frame.transform("mean").to_numpy() + rng.uniform(-0.5, 0.5, (len(set(owner)), 2))[_positions(owner)]
    away = np.hypot(*(at - hearts).T) + rng.uniform(0, 0.4, len(at))
    return np.asarray(pd.Series(away).groupby(owner).rank(method="first", pct=True))


def _positions(owner: Ints) -> Ints:
    return np.unique(owner, return_inverse=True)[1]


def _kinds(rng: np.random.Generator, ground: Ground, remote: Floats, core: float) -> list[BlockKind]:
    """Kind of each block: public ones scattered over the core, old houses near its heart, fields beyond it."""
    inside = np.flatnonzero(remote <= core + 1e-9)
    public = round(ground.recipe.public * len(inside)) if len(inside) > 3 else 0
    kinds = [_beyond(rng, ground) for _ in remote]
    for number, place in enumerate(rng.permutation(inside)):
        age = float(np.clip(remote[place] / core + rng.normal(0, STRAY), 0, 0.999))
        kinds[place] = TURNS[number % len(TURNS)] if number < public else _of_age(rng, ground, age)
    return kinds


def _beyond(rng: np.random.Generator, ground: Ground) -> BlockKind:
    recipe, draw = ground.recipe, rng.random()
    if draw < recipe.hamlets:
        return BlockKind.HAMLET
    return BlockKind.WORKS if draw < recipe.hamlets + recipe.works else BlockKind.FIELDS


def _of_age(rng: np.random.Generator, ground: Ground, age: float) -> BlockKind:
    """The kind that stands so far out; one block in four is of any kind."""
    shares = ground.recipe.living()
    age = rng.random() if rng.random() < STRAY else age
    return list(shares)[int(np.searchsorted(np.cumsum(list(shares.values()))[:-1], age))]


def _box(ground: Ground, column: int, row: int) -> Box:
    xs, ys = ground.columns.limits, ground.rows.limits
    return Box(float(xs[column]), float(ys[row]), float(xs[column + 1]), float(ys[row + 1]))


def _filled(rng: np.random.Generator, kind: BlockKind, box: Box, left: int, ground: Ground) -> Filling:
    if kind not in EMPTY:
        kind = BlockKind.FIELDS if not left else BlockKind.HAMLET if left < VILLAGE else kind
    filling = fill(rng, kind, box, ground.recipe)
    standing = list(_until_full(filling.buildings, left))
    if len(standing) < len(filling.buildings) and filling.buildings[0].lane is not None:
        filling.lines = filling.lines[: 1 + max(building.lane or 0 for building in standing)]
    filling.buildings = standing
    return filling


def _until_full(buildings: list[Building], left: int) -> Iterator[Building]:
    """The buildings, until as many households live there as are left; those where nobody lives stand anyway."""
    for building in buildings:
        if left > 0 or not building.households:
            yield building._replace(households=min(building.households, left))
            left -= min(building.households, left)
