"""Streets, the river and the railway on a ground plan."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import shapely

from gridmap.core.array_types import FloatArray
from gridmap.demo.layers import ColumnMapping
from gridmap.demo.layout.ground_plan import VERTEX_SPACING_M, Axis, GroundPlan
from gridmap.demo.presets import TownPreset

OVERRUN_M = 120.0
"""Length by which arterials, the river and the railway extend beyond the town."""
BANK_MARGIN_M = 8.0
"""Minimum distance between the middle of the street along the bank and the water."""


class DemoStreet(NamedTuple):
    """A street in plan coordinates."""

    name: str
    kind: str
    points: FloatArray


def draw_streets(rng: np.random.Generator, ground_plan: GroundPlan) -> Iterator[DemoStreet]:
    """Yield all arterials and local streets, from west to east, then from south to north; a line has one name.

    Only some local streets cross the river or the railway, and some of their sections are not built.
    """
    preset, columns, rows = ground_plan.preset, ground_plan.columns, ground_plan.rows
    for column in range(len(columns.limits)):
        name = preset.name_lists.avenues.name_at(column)
        for section in _built_sections(rng, columns, rows, column, preset):
            yield _build_street(name, columns, column, ground_plan.column_line(column, *section))
    for row in range(len(rows.limits)):
        name = preset.name_lists.streets.name_at(row)
        for section in _built_sections(rng, rows, columns, row, preset):
            yield _build_street(name, rows, row, ground_plan.row_line(row, *section))


def draw_barriers(ground_plan: GroundPlan) -> ColumnMapping:
    """Return the columns of the barrier layer for the river and the railway, if the town has them."""
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
    """Return the river between two wavy banks; its width varies by about half."""
    xs = np.linspace(west - OVERRUN_M, east + OVERRUN_M, max(8, round((east - west) / VERTEX_SPACING_M)))
    amplitude = (north_limit - south_limit) / 4 - BANK_MARGIN_M / 2
    south = south_limit + BANK_MARGIN_M + amplitude * (0.5 + 0.3 * np.sin(xs / 130) + 0.2 * np.sin(xs / 47))
    north = north_limit - BANK_MARGIN_M - amplitude * (0.5 + 0.3 * np.sin(xs / 170 + 2) + 0.2 * np.sin(xs / 61))
    return shapely.Polygon([*zip(xs, south, strict=True), *zip(xs[::-1], north[::-1], strict=True)])


def bend_to_map(ground_plan: GroundPlan, shape: shapely.Geometry) -> shapely.Geometry:
    """Transform a shape to the map, with vertices added to long sides so that they bend with the plan."""
    return shapely.transform(shapely.segmentize(shape, VERTEX_SPACING_M), ground_plan.to_map)


def _built_sections(
    rng: np.random.Generator, axis: Axis, cross_axis: Axis, line_number: int, preset: TownPreset
) -> Iterator[tuple[int, int]]:
    """Yield the runs of built sections of a line, as first and last crossing."""
    sections = len(cross_axis.community_index)
    if axis.is_arterial(line_number):
        yield 0, sections
        return
    share = np.where(
        np.arange(sections) == cross_axis.thin_block, preset.crossing_share, 1 - preset.missing_street_share
    )
    built = rng.random(sections) < share
    edges = np.flatnonzero(np.diff(np.concatenate([[False], built, [False]])))
    yield from zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _build_street(name: str, axis: Axis, line_number: int, points: FloatArray) -> DemoStreet:
    """Build a street; arterials inside the town extend beyond its ends."""
    if not axis.is_arterial(line_number):
        return DemoStreet(name, "local", points)
    if line_number in (0, len(axis.community_index)):
        return DemoStreet(name, "arterial", points)
    ends = points[[0, -1]] + np.sign(points[[0, -1]] - points[[-1, 0]]) * OVERRUN_M
    return DemoStreet(name, "arterial", np.concatenate([ends[:1], points, ends[1:]]))
