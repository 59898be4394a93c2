"""Streets, the river and the railway on a ground plan."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely

from gridmap.demo.ground_plan import VERTEX_SPACING_M, Axis, FloatArray, GroundPlan
from gridmap.demo.layers import ColumnMapping
from gridmap.demo.presets import TownPreset

OVERRUN_M = 120.0
"""Metres that arterials, river and railway run on out of the town."""
BANK_MARGIN_M = 8.0
"""Metres between the middle of the street along the bank and the water at its widest."""


class DemoStreet(NamedTuple):
    """A street in plan coordinates."""

    name: str
    kind: str
    points: FloatArray


def draw_streets(rng: np.random.Generator, ground_plan: GroundPlan) -> Iterator[DemoStreet]:
    """All arterials and local streets, west to east, then south to north; one line has one name.

    Only some local streets cross the river or the railway, and some sections of them were never built.
    """
    words, recipe = ground_plan.preset.name_lists, ground_plan.preset
    for column in range(len(ground_plan.columns.limits)):
        for run in _built_sections(rng, ground_plan.columns, ground_plan.rows, column, recipe):
            yield _build_street(
                words.avenues.name_at(column), ground_plan.columns, column, ground_plan.column_line(column, *run)
            )
    for row in range(len(ground_plan.rows.limits)):
        for run in _built_sections(rng, ground_plan.rows, ground_plan.columns, row, recipe):
            yield _build_street(words.streets.name_at(row), ground_plan.rows, row, ground_plan.row_line(row, *run))


def draw_barriers(ground_plan: GroundPlan) -> ColumnMapping:
    """Columns of the layer for the river and the railway, as the town has them."""
    kinds, shapes = [], []
    (west, east), (south, north) = ground_plan.columns.limits[[0, -1]], ground_plan.rows.limits[[0, -1]]
    if (row := ground_plan.rows.thin_block) >= 0:
        kinds.append("water")
        shapes.append(bend_to_map(ground_plan, _river_polygon(west, east, *ground_plan.rows.limits[row : row + 2])))
    if (column := ground_plan.columns.thin_block) >= 0:
        middle = ground_plan.columns.limits[column : column + 2].mean()
        kinds.append("rail")
        shapes.append(
            bend_to_map(ground_plan, shapely.LineString([(middle, south - OVERRUN_M), (middle, north + OVERRUN_M)]))
        )
    return {"kind": kinds, "geometry": shapes}


def _river_polygon(west: float, east: float, south_limit: float, north_limit: float) -> shapely.Polygon:
    """Water between two banks that come and go, so that its width varies by half."""
    xs = np.linspace(west - OVERRUN_M, east + OVERRUN_M, max(8, round((east - west) / VERTEX_SPACING_M)))
    most = (north_limit - south_limit) / 4 - BANK_MARGIN_M / 2
    south = south_limit + BANK_MARGIN_M + most * (0.5 + 0.3 * np.sin(xs / 130) + 0.2 * np.sin(xs / 47))
    north = north_limit - BANK_MARGIN_M - most * (0.5 + 0.3 * np.sin(xs / 170 + 2) + 0.2 * np.sin(xs / 61))
    return shapely.Polygon([*zip(xs, south, strict=True), *zip(xs[::-1], north[::-1], strict=True)])


def bend_to_map(ground_plan: GroundPlan, shape: shapely.Geometry) -> shapely.Geometry:
    """Carry a shape over to the map, its long sides bent with the ground."""
    return shapely.transform(shapely.segmentize(shape, VERTEX_SPACING_M), ground_plan.to_map)


def _built_sections(
    rng: np.random.Generator, axis: Axis, cross_axis: Axis, line_number: int, preset: TownPreset
) -> Iterator[tuple[int, int]]:
    """Pieces of a line without a break, from crossing to crossing."""
    sections = len(cross_axis.community_index)
    if axis.is_arterial(line_number):
        yield 0, sections
        return
    share = np.where(np.arange(sections) == cross_axis.thin_block, preset.bridges, 1 - preset.dropped)
    built = rng.random(sections) < share
    edges = np.flatnonzero(np.diff(np.concatenate([[False], built, [False]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _build_street(name: str, axis: Axis, line_number: int, points: FloatArray) -> DemoStreet:
    """A street; arterials within the town run on past its ends."""
    if not axis.is_arterial(line_number):
        return DemoStreet(name, "local", points)
    if line_number in (0, len(axis.community_index)):
        return DemoStreet(name, "arterial", points)
    on = points[[0, -1]] + np.sign(points[[0, -1]] - points[[-1, 0]]) * OVERRUN_M
    return DemoStreet(name, "arterial", np.concatenate([on[:1], points, on[1:]]))
