"""Streets, the river and the railway on a ground plan."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely

from gridmap.core.demo.ground import STEP, Axis, Floats, Ground
from gridmap.core.demo.layers import Columns
from gridmap.core.demo.recipe import Recipe

BEYOND = 120.0
"""Metres that arterials, river and railway run on out of the town."""
BANK = 8.0
"""Metres between the middle of the street along the bank and the water at its widest."""


class Street(NamedTuple):
    """A street in plan coordinates."""

    name: str
    kind: str
    points: Floats


def draw_streets(rng: np.random.Generator, ground: Ground) -> Iterator[Street]:
    """All arterials and local streets, west to east, then south to north; one line has one name.

    Only some local streets cross the river or the railway, and some sections of them were never built.
    """
    words, recipe = ground.recipe.words, ground.recipe
    for column in range(len(ground.columns.limits)):
        for run in _runs(rng, ground.columns, ground.rows, column, recipe):
            yield _street(words.avenues.at(column), ground.columns, column, ground.column_line(column, *run))
    for row in range(len(ground.rows.limits)):
        for run in _runs(rng, ground.rows, ground.columns, row, recipe):
            yield _street(words.streets.at(row), ground.rows, row, ground.row_line(row, *run))


def draw_barriers(ground: Ground) -> Columns:
    """Columns of the layer for the river and the railway, as the town has them."""
    kinds, shapes = [], []
    (west, east), (south, north) = ground.columns.limits[[0, -1]], ground.rows.limits[[0, -1]]
    if (row := ground.rows.thin) >= 0:
        kinds.append("water")
        shapes.append(bend(ground, _river(west, east, *ground.rows.limits[row : row + 2])))
    if (column := ground.columns.thin) >= 0:
        middle = ground.columns.limits[column : column + 2].mean()
        kinds.append("rail")
        shapes.append(bend(ground, shapely.LineString([(middle, south - BEYOND), (middle, north + BEYOND)])))
    return {"kind": kinds, "geometry": shapes}


def _river(west: float, east: float, bottom: float, top: float) -> shapely.Polygon:
    """Water between two banks that come and go, so that its width varies by half."""
    xs = np.linspace(west - BEYOND, east + BEYOND, max(8, round((east - west) / STEP)))
    most = (top - bottom) / 4 - BANK / 2
    south = bottom + BANK + most * (0.5 + 0.3 * np.sin(xs / 130) + 0.2 * np.sin(xs / 47))
    north = top - BANK - most * (0.5 + 0.3 * np.sin(xs / 170 + 2) + 0.2 * np.sin(xs / 61))
    return shapely.Polygon([*zip(xs, south, strict=True), *zip(xs[::-1], north[::-1], strict=True)])


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


def _street(name: str, axis: Axis, line: int, points: Floats) -> Street:
    """A street; arterials within the town run on past its ends."""
    if not axis.is_main(line):
        return Street(name, "local", points)
    if line in (0, len(axis.group)):
        return Street(name, "arterial", points)
    on = points[[0, -1]] + np.sign(points[[0, -1]] - points[[-1, 0]]) * BEYOND
    return Street(name, "arterial", np.concatenate([on[:1], points, on[1:]]))
