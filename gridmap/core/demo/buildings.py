"""What stands in a block, by its kind."""

from collections.abc import Callable

import numpy as np

from gridmap.core.demo.estates import slabs, towers, yards
from gridmap.core.demo.lanes import hamlet, lanes, mixed
from gridmap.core.demo.plots import Box, Filling
from gridmap.core.demo.public import PUBLIC
from gridmap.core.demo.recipe import BlockKind, Recipe

FILLINGS: dict[BlockKind, Callable[[np.random.Generator, Box], Filling]] = {
    BlockKind.SLABS: slabs,
    BlockKind.YARDS: yards,
    BlockKind.LANES: lanes,
    BlockKind.MIXED: mixed,
    BlockKind.HAMLET: hamlet,
    **PUBLIC,
}


def fill(rng: np.random.Generator, kind: BlockKind, block: Box, recipe: Recipe) -> Filling:
    """Draw what fills a block.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    kind : BlockKind
        What the block is for.
    block : Box
        The block in plan coordinates, from street middle to street middle.
    recipe : Recipe
        Parameters of towers.

    Returns
    -------
    Filling
        Its plots cover the block.

    Examples
    --------
    >>> yards = fill(np.random.default_rng(0), BlockKind.YARDS, Box(0, 0, 250, 220), Recipe())
    >>> {line.kind for line in yards.lines}, yards.estate
    ({'wall'}, 'compounds')
    """
    if kind is BlockKind.TOWERS:
        return towers(rng, block, recipe)
    filling = FILLINGS[kind](rng, block) if kind in FILLINGS else Filling()
    filling.plots = filling.plots or [block]
    return filling
