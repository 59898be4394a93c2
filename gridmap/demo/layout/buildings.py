"""Content of a block, by its kind."""

from collections.abc import Callable

import numpy as np

from gridmap.demo.layout.estates import build_courtyards, build_slab_estate, build_towers
from gridmap.demo.layout.lanes import build_hamlet, build_lanes, build_mixed_block
from gridmap.demo.layout.plots import BlockContent, Box
from gridmap.demo.layout.public_land import PUBLIC_BLOCK_FILLERS
from gridmap.demo.presets import BlockKind, TownPreset

BLOCK_FILLERS: dict[BlockKind, Callable[[np.random.Generator, Box], BlockContent]] = {
    BlockKind.SLABS: build_slab_estate,
    BlockKind.COURTYARDS: build_courtyards,
    BlockKind.LANES: build_lanes,
    BlockKind.MIXED: build_mixed_block,
    BlockKind.HAMLET: build_hamlet,
    **PUBLIC_BLOCK_FILLERS,
}


def fill_block(rng: np.random.Generator, kind: BlockKind, block: Box, preset: TownPreset) -> BlockContent:
    """Draw the content of a block.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    kind : BlockKind
        Kind of the block.
    block : Box
        The block in plan coordinates, between the middles of its streets.
    preset : TownPreset
        Parameters of towers.

    Returns
    -------
    BlockContent
        Its plots cover the block.

    Examples
    --------
    >>> content = fill_block(np.random.default_rng(0), BlockKind.COURTYARDS, Box(0, 0, 250, 220), TownPreset())
    >>> {line.kind for line in content.lines}, content.estate
    ({'wall'}, 'courtyard_estates')
    """
    if kind is BlockKind.TOWERS:
        return build_towers(rng, block, preset)
    content = BLOCK_FILLERS[kind](rng, block) if kind in BLOCK_FILLERS else BlockContent()
    content.plots = content.plots or [block]
    return content
