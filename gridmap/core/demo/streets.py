"""Streets, the river and the railway on a ground plan."""

from collections.abc import Iterator

import numpy as np
import shapely

from gridmap.core.demo.ground import STEP, Axis, Floats, Ground
from gridmap.core.demo.layers import Columns
from gridmap.core.demo.recipe import Recipe

BEYOND = 120.0
"""Metres that arterials, river and railway run on out of the town."""
BANK = 8.0
"""Metres between the middle of the street along the bank and the water."""
Street = tuple[str, Floats]


def draw_streets(rng: np.random.Generator, ground: Ground) -> Iterator[Street]:
    """Kinds and plan coordinates of all arterials and local streets, west to east, then south to north.

    Only some local streets cross the river or the railway, and some sections of them were never built.
    """
    for column in range(len(ground.columns.limits)):
        for run in _runs(rng, ground.columns, ground.rows, column, ground.recipe):
            yield _street(ground.columns, column, 1, ground.column_line(column, *run))
    for row in range(len(ground.rows.limits)):
        for run in _runs(rng, ground.rows, ground.columns, row, ground.recipe):
            yield _street(ground.rows, row, 0, ground.row_line(row, *run))


def draw_barriers(ground: Ground) -> Columns:
    """Columns of the layer for the river and the railway, as the town has them."""
    kinds, shapes = [], []
    (west, east), (south, north) = ground.columns.limits[[0, -1]], ground.rows.limits[[0, -1]]
    if (row := ground.rows.thin) >= 0:
        bottom, top = ground.rows.limits[row] + BANK, ground.rows.limits[row + 1] - BANK
        kinds.append("water")
        shapes.append(bend(ground, shapely.box(west - BEYOND, bottom, east + BEYOND, top)))
    if (column := ground.columns.thin) >= 0:
        middle = ground.columns.limits[column : column + 2].mean()
        kinds.append("rail")
        shapes.append(bend(ground, shapely.LineString([(middle, south - BEYOND), (middle, north + BEYOND)])))
    return {"kind": kinds, "geometry": shapes}


def bend(ground: Ground, shape: shapely.Geometry) -> shapely.Geometry:
    """Carry a shape over to the map, its long sides bent with the ground."""
    return shapely.transform(shapely.segmentize(shape, STEP), ground.bent)


def _runs(rng: np.random.Generator, axis: Axis, across: Axis, line: int, recipe: Recipe) -> Iterator[tuple[int, int]]:
    """Pieces of a line without a break, from crossing to crossing."""
    sections = len(across.group)
    if axis.is_main(line):
        yield 0, sections
        return
    share = np.where(np.arange(sections) == across.thin, recipe.bridges, 1 - recipe.dropped)
    built = rng.random(sections) < share
    edges = np.flatnonzero(np.diff(np.concatenate([[False], built, [False]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _street(axis: Axis, line: int, way: int, points: Floats) -> Street:
    """A street; arterials within the town run on past its ends."""
    if not axis.is_main(line):
        return "local", points
    if line in (0, len(axis.group)):
        return "arterial", points
    ends = points[[0, -1]].copy()
    ends[:, way] += [-BEYOND, BEYOND]
    return "arterial", np.concatenate([ends[:1], points, ends[1:]])
