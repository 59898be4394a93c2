"""Ground plan of a town: streets between blocks, communities of blocks, and the transformation to the map.

A town is drawn in *plan* coordinates, in which blocks are upright rectangles. `GroundPlan.to_map` transforms points to
the map. Two shapes that share a vertex in the plan share it on the map, to the last digit.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.demo.presets import TownPreset

RIVER_WIDTH_M, RAIL_WIDTH_M = 90.0, 26.0
VERTEX_SPACING_M = 30.0
MAX_BLOCK_FACTOR = 1.1
"""Maximum number of blocks, over the number that the households need."""


@dataclass(frozen=True)
class Axis:
    """Blocks along one axis.

    Parameters
    ----------
    limits : ndarray of float, shape (n + 1,), metres
        Limits between blocks, in plan coordinates.
    community_index : ndarray of int, shape (n,)
        Position along the axis of the community of each block.
    thin_block : int
        Position of the block of the river or the railway; -1 for none.
    """

    limits: FloatArray
    community_index: IntArray
    thin_block: int

    def is_arterial(self, line: int) -> bool:
        """Return whether a line bounds the town or separates communities, or halves a town of one community."""
        if line in (0, len(self.community_index)):
            return True
        halves = line == len(self.community_index) // 2 and bool(self.community_index[0] == self.community_index[-1])
        return halves or bool(self.community_index[line - 1] != self.community_index[line])

    def vertices_between(self, start: int, stop: int) -> FloatArray:
        """Return coordinates from one line to another, including each line, about `VERTEX_SPACING_M` apart."""
        spans = zip(self.limits[start:stop], self.limits[start + 1 : stop + 1], strict=True)
        runs = [np.linspace(a, b, max(2, round((b - a) / VERTEX_SPACING_M) + 1))[:-1] for a, b in spans]
        return np.concatenate([*runs, self.limits[stop : stop + 1]])


@dataclass(frozen=True)
class GroundPlan:
    """Plan of a town; `nodes` (columns + 1, rows + 1, 2) are the positions of the crossings in metres."""

    preset: TownPreset
    columns: Axis
    rows: Axis
    nodes: FloatArray

    @cached_property
    def communities(self) -> IntArray:
        """Community of each block, (columns, rows), numbered from the north-west like the codes."""
        wide = int(self.columns.community_index[-1]) + 1
        top = int(self.rows.community_index[-1])
        numbers = self.columns.community_index[:, None] + wide * (top - self.rows.community_index[None, :])
        return _with_exclave(numbers)

    def column_line(self, column: int, start: int, stop: int) -> FloatArray:
        """Return plan coordinates along a column line, northwards between two row lines."""
        ys = self.rows.vertices_between(start, stop)
        return np.column_stack([np.full(len(ys), self.columns.limits[column]), ys])

    def row_line(self, row: int, start: int, stop: int) -> FloatArray:
        """Return plan coordinates along a row line, eastwards between two column lines."""
        xs = self.columns.vertices_between(start, stop)
        return np.column_stack([xs, np.full(len(xs), self.rows.limits[row])])

    def block_ring(self, column: int, row: int) -> FloatArray:
        """Return the ring around a block in plan coordinates, with the vertices of the streets around it."""
        south, north = (self.row_line(line, column, column + 1) for line in (row, row + 1))
        west, east = (self.column_line(line, row, row + 1) for line in (column, column + 1))
        return np.concatenate([south, east[1:], north[-2::-1], west[-2::-1]])

    def to_map(self, points: FloatArray) -> FloatArray:
        """Transform (n, 2) plan coordinates to the map, in metres of EPSG:4547 rounded to a millimetre."""
        column, u = _locate_on_axis(self.columns.limits, points[:, 0])
        row, v = _locate_on_axis(self.rows.limits, points[:, 1])
        south = self.nodes[column, row] * (1 - u) + self.nodes[column + 1, row] * u
        north = self.nodes[column, row + 1] * (1 - u) + self.nodes[column + 1, row + 1] * u
        x, y = (south * (1 - v) + north * v).T
        bend_m = self.preset.bend_m
        x = x + bend_m * np.sin(y / 900) + bend_m / 4 * np.sin(y / 330)
        y = y + bend_m * np.sin(x / 1100) + bend_m / 3 * np.sin(x / 370)
        return np.round(np.column_stack([x, y]) + self.preset.origin, 3)


def draw_ground_plan(
    rng: np.random.Generator, households: int, preset: TownPreset, room_factor: float = 1.0
) -> GroundPlan:
    """Draw a plan with room for a number of households.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    households : int
        Households of the town.
    preset : TownPreset
        Parameters of the town.
    room_factor : float
        Factor on the number of blocks that follows from `TownPreset.households_per_block`.

    Returns
    -------
    GroundPlan
        A small town has one community with the required number of blocks.

    Examples
    --------
    >>> draw_ground_plan(np.random.default_rng(0), 60_000, TownPreset()).communities.max() > 10
    np.True_
    """
    blocks = room_factor * households / preset.households_per_block
    growth = (
        max(1.0, households / preset.households, blocks / _usual_block_count(preset)) if preset.communities else 1.0
    )
    across, up = (
        _fixed_community_sizes(rng, preset, growth)
        if preset.communities
        else _community_sizes(rng, int(np.ceil(blocks)), preset)
    )
    columns = _build_axis(rng, across, preset, RAIL_WIDTH_M if households >= preset.min_households_for_railway else 0.0)
    rows = _build_axis(rng, up, preset, RIVER_WIDTH_M if households >= preset.min_households_for_river else 0.0)
    columns, rows = _scale_to_area(columns, rows, preset.area_km2 * 1e6 * growth)
    return GroundPlan(preset, columns, rows, _draw_nodes(rng, columns, rows, preset.crossing_deviation_m))


def _usual_block_count(preset: TownPreset) -> float:
    """Return the usual number of blocks of a town with a fixed number of communities."""
    return preset.communities * float(np.mean(preset.columns) * np.mean(preset.rows))


def _fixed_community_sizes(rng: np.random.Generator, preset: TownPreset, growth: float) -> tuple[IntArray, IntArray]:
    """Return the sizes of communities side by side, which grow with the number of households."""
    across = np.ceil(rng.integers(*preset.columns, preset.communities, endpoint=True) * growth)
    return across.astype(np.int64), rng.integers(*preset.rows, 1, endpoint=True)


def _scale_to_area(columns: Axis, rows: Axis, area_m2: float) -> tuple[Axis, Axis]:
    """Scale both axes to enclose an area; 0 leaves them unchanged."""
    factor = float(np.sqrt(area_m2 / (columns.limits[-1] * rows.limits[-1]))) if area_m2 else 1.0
    return replace(columns, limits=columns.limits * factor), replace(rows, limits=rows.limits * factor)


def _community_sizes(rng: np.random.Generator, blocks: int, preset: TownPreset) -> tuple[IntArray, IntArray]:
    """Return the numbers of blocks of the communities along both axes."""
    communities = max(1, round(blocks / float(np.mean(preset.columns) * np.mean(preset.rows))))
    if communities == 1:
        columns = int(np.ceil(np.sqrt(blocks)))
        return np.array([columns]), np.array([int(np.ceil(blocks / columns))])
    across = int(np.clip(round(np.sqrt(communities * preset.proportion)), 1, communities))
    up = int(np.ceil(communities / across))
    widths: IntArray = rng.integers(*preset.columns, across, endpoint=True)
    heights: IntArray = rng.integers(*preset.rows, up, endpoint=True)
    widths = _trim_sizes(widths, preset.columns[0], blocks / heights.sum())
    return widths, _trim_sizes(heights, preset.rows[0], blocks / widths.sum())


def _trim_sizes(sizes: IntArray, minimum: int, target: float) -> IntArray:
    """Shorten the largest sizes while their sum clearly exceeds a target."""
    sizes = sizes.copy()
    while sizes.sum() > np.ceil(MAX_BLOCK_FACTOR * target) and sizes.max() > minimum:
        sizes[np.argmax(sizes)] -= 1
    return sizes


def _build_axis(rng: np.random.Generator, sizes: IntArray, preset: TownPreset, thin_width: float) -> Axis:
    """Build an axis, with a thin block in the middle, between communities if there are several."""
    community_index = np.repeat(np.arange(len(sizes)), sizes)
    widths = rng.uniform(*preset.street_spacing_m, len(community_index))
    thin_block = -1
    if thin_width:
        thin_block = int(np.cumsum(sizes)[(len(sizes) - 1) // 2]) if len(sizes) > 1 else len(community_index) // 2
        community_index = np.insert(community_index, thin_block, community_index[thin_block - 1] if thin_block else 0)
        widths = np.insert(widths, thin_block, thin_width)
    return Axis(np.concatenate([[0.0], np.cumsum(widths)]), community_index, thin_block)


def _draw_nodes(rng: np.random.Generator, columns: Axis, rows: Axis, deviation_m: float) -> FloatArray:
    nodes = np.stack(np.meshgrid(columns.limits, rows.limits, indexing="ij"), axis=-1)
    offsets = rng.normal(0, deviation_m, nodes.shape).clip(-2 * deviation_m, 2 * deviation_m)
    for axis, thin in enumerate((columns.thin_block, rows.thin_block)):
        if thin >= 0:  # equal offsets on both banks, or the river could be cut off
            banks = np.moveaxis(offsets, axis, 0)
            banks[thin + 1] = banks[thin]
    return np.asarray(nodes + offsets)


def _locate_on_axis(limits: FloatArray, positions: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the block that contains each position, and the relative position in it; positions outside extrapolate."""
    block = (np.searchsorted(limits, positions, side="right") - 1).clip(0, len(limits) - 2)
    share = (positions - limits[block]) / (limits[block + 1] - limits[block])
    return block, share[:, None]


def _with_exclave(numbers: IntArray) -> IntArray:
    """Make an exclave: give the middle of the first community of at least 3 by 3 blocks to another community."""
    for number in np.unique(numbers) if numbers.max() >= 5 else []:
        columns, rows = np.nonzero(numbers == number)
        inner = (columns.min() < columns) & (columns < columns.max()) & (rows.min() < rows) & (rows < rows.max())
        if inner.any():
            exclave = numbers.copy()
            exclave[columns[inner][0], rows[inner][0]] = (number + 1) % (numbers.max() + 1)
            return exclave
    return numbers
