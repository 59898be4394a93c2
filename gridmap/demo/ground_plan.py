"""The ground plan: lines of streets that make blocks, blocks that make communities, and the bend of it all.

A town is drawn straight, in *plan* coordinates, where blocks are upright rectangles; `GroundPlan.to_map` then carries every
point over to the map. Two shapes that share a vertex in plan share it on the map, to the last digit.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gridmap.demo.presets import TownPreset

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

RIVER_WIDTH_M, RAIL_WIDTH_M = 90.0, 26.0
VERTEX_SPACING_M = 30.0
MAX_BLOCK_SURPLUS = 1.1
"""Blocks over those that the households should need."""


@dataclass(frozen=True)
class Axis:
    """Blocks along one axis: their limits, the run of communities they belong to, and the thin one (-1: none).

    `limits` has one number more than `community_index`; the thin block carries the river or the railway.
    """

    limits: FloatArray
    community_index: IntArray
    thin_block: int

    def is_arterial(self, line: int) -> bool:
        """Whether a line closes the town or parts communities, or the town in two halves if it has one community."""
        if line in (0, len(self.community_index)):
            return True
        halves = line == len(self.community_index) // 2 and bool(self.community_index[0] == self.community_index[-1])
        return halves or bool(self.community_index[line - 1] != self.community_index[line])

    def vertices_between(self, start: int, stop: int) -> FloatArray:
        """Places from one line to another, every line included, at most about `VERTEX_SPACING_M` apart."""
        spans = zip(self.limits[start:stop], self.limits[start + 1 : stop + 1], strict=True)
        runs = [np.linspace(a, b, max(2, round((b - a) / VERTEX_SPACING_M) + 1))[:-1] for a, b in spans]
        return np.concatenate([*runs, self.limits[stop : stop + 1]])


@dataclass(frozen=True)
class GroundPlan:
    """The plan of a town; `nodes` (columns + 1, rows + 1, 2) says where crossings lie in metres."""

    preset: TownPreset
    columns: Axis
    rows: Axis
    nodes: FloatArray

    @cached_property
    def communities(self) -> IntArray:
        """Community of each block, (columns, rows), numbered from the north-west as codes are."""
        wide = int(self.columns.community_index[-1]) + 1
        top = int(self.rows.community_index[-1])
        numbers = self.columns.community_index[:, None] + wide * (top - self.rows.community_index[None, :])
        return _with_exclave(numbers)

    def column_line(self, column: int, start: int, stop: int) -> FloatArray:
        """Plan coordinates of a line northwards, from row line to row line."""
        ys = self.rows.vertices_between(start, stop)
        return np.column_stack([np.full(len(ys), self.columns.limits[column]), ys])

    def row_line(self, row: int, start: int, stop: int) -> FloatArray:
        """Plan coordinates of a line eastwards, from column line to column line."""
        xs = self.columns.vertices_between(start, stop)
        return np.column_stack([xs, np.full(len(xs), self.rows.limits[row])])

    def block_ring(self, column: int, row: int) -> FloatArray:
        """Ring around a block in plan coordinates, with the vertices of the streets about it."""
        south, north = (self.row_line(line, column, column + 1) for line in (row, row + 1))
        west, east = (self.column_line(line, row, row + 1) for line in (column, column + 1))
        return np.concatenate([south, east[1:], north[-2::-1], west[-2::-1]])

    def to_map(self, points: FloatArray) -> FloatArray:
        """Carry (n, 2) plan coordinates over to the map, in metres of EPSG:4547 rounded to a millimetre."""
        column, u = _locate_on_axis(self.columns.limits, points[:, 0])
        row, v = _locate_on_axis(self.rows.limits, points[:, 1])
        south = self.nodes[column, row] * (1 - u) + self.nodes[column + 1, row] * u
        north = self.nodes[column, row + 1] * (1 - u) + self.nodes[column + 1, row + 1] * u
        x, y = (south * (1 - v) + north * v).T
        bend = self.preset.bend
        x = x + bend * np.sin(y / 900) + bend / 4 * np.sin(y / 330)
        y = y + bend * np.sin(x / 1100) + bend / 3 * np.sin(x / 370)
        return np.round(np.column_stack([x, y]) + self.preset.origin, 3)


def draw_ground_plan(
    rng: np.random.Generator, households: int, preset: TownPreset, room_factor: float = 1.0
) -> GroundPlan:
    """Draw a plan with room for so many households.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    households : int
        To be housed.
    preset : TownPreset
        Parameters of the town.
    room_factor : float
        Times more blocks than `TownPreset.crowd` asks for.

    Returns
    -------
    GroundPlan
        Small towns have one community of just as many blocks as they need.

    Examples
    --------
    >>> draw_ground_plan(np.random.default_rng(0), 60_000, TownPreset()).communities.max() > 10
    np.True_
    """
    blocks = room_factor * households / preset.crowd
    growth = (
        max(1.0, households / preset.households, blocks / _usual_block_count(preset)) if preset.communities else 1.0
    )
    across, up = (
        _fixed_community_sizes(rng, preset, growth)
        if preset.communities
        else _community_sizes(rng, int(np.ceil(blocks)), preset)
    )
    columns = _build_axis(rng, across, preset, RAIL_WIDTH_M if households >= preset.rail_from else 0.0)
    rows = _build_axis(rng, up, preset, RIVER_WIDTH_M if households >= preset.river_from else 0.0)
    columns, rows = _scale_to_area(columns, rows, preset.area_km2 * 1e6 * growth)
    return GroundPlan(preset, columns, rows, _draw_nodes(rng, columns, rows, preset.shift))


def _usual_block_count(preset: TownPreset) -> float:
    """Blocks of a town whose number of communities is given."""
    return preset.communities * float(np.mean(preset.columns) * np.mean(preset.rows))


def _fixed_community_sizes(rng: np.random.Generator, preset: TownPreset, growth: float) -> tuple[IntArray, IntArray]:
    """Communities side by side, longer where there are more households."""
    across = np.ceil(rng.integers(*preset.columns, preset.communities, endpoint=True) * growth)
    return across.astype(np.int64), rng.integers(*preset.rows, 1, endpoint=True)


def _scale_to_area(columns: Axis, rows: Axis, area_m2: float) -> tuple[Axis, Axis]:
    """Both axes stretched alike until they enclose an area; 0 leaves them."""
    factor = float(np.sqrt(area_m2 / (columns.limits[-1] * rows.limits[-1]))) if area_m2 else 1.0
    return replace(columns, limits=columns.limits * factor), replace(rows, limits=rows.limits * factor)


def _community_sizes(rng: np.random.Generator, blocks: int, preset: TownPreset) -> tuple[IntArray, IntArray]:
    """Blocks of each run of communities along both axes."""
    communities = max(1, round(blocks / float(np.mean(preset.columns) * np.mean(preset.rows))))
    if communities == 1:
        wide = int(np.ceil(np.sqrt(blocks)))
        return np.array([wide]), np.array([int(np.ceil(blocks / wide))])
    across = int(np.clip(round(np.sqrt(communities * preset.proportion)), 1, communities))
    up = int(np.ceil(communities / across))
    widths: IntArray = rng.integers(*preset.columns, across, endpoint=True)
    high: IntArray = rng.integers(*preset.rows, up, endpoint=True)
    widths = _trim_sizes(widths, preset.columns[0], blocks / high.sum())
    return widths, _trim_sizes(high, preset.rows[0], blocks / widths.sum())


def _trim_sizes(sizes: IntArray, minimum: int, target: float) -> IntArray:
    """Runs of blocks, the longest shortened while there are clearly more blocks than wanted."""
    sizes = sizes.copy()
    while sizes.sum() > np.ceil(MAX_BLOCK_SURPLUS * target) and sizes.max() > minimum:
        sizes[np.argmax(sizes)] -= 1
    return sizes


def _build_axis(rng: np.random.Generator, sizes: IntArray, preset: TownPreset, thin_width: float) -> Axis:
    """Limits of the blocks of an axis, with a thin one in the middle, where the communities part if they do."""
    group = np.repeat(np.arange(len(sizes)), sizes)
    widths = rng.uniform(*preset.block, len(group))
    place = -1
    if thin_width:
        place = int(np.cumsum(sizes)[(len(sizes) - 1) // 2]) if len(sizes) > 1 else len(group) // 2
        group = np.insert(group, place, group[place - 1] if place else 0)
        widths = np.insert(widths, place, thin_width)
    return Axis(np.concatenate([[0.0], np.cumsum(widths)]), group, place)


def _draw_nodes(rng: np.random.Generator, columns: Axis, rows: Axis, shift: float) -> FloatArray:
    nodes = np.stack(np.meshgrid(columns.limits, rows.limits, indexing="ij"), axis=-1)
    stray = rng.normal(0, shift, nodes.shape).clip(-2 * shift, 2 * shift)
    for axis, thin in enumerate((columns.thin_block, rows.thin_block)):
        if thin >= 0:  # both banks stray alike, or the river would be pinched off
            banks = np.moveaxis(stray, axis, 0)
            banks[thin + 1] = banks[thin]
    return np.asarray(nodes + stray)


def _locate_on_axis(limits: FloatArray, positions: FloatArray) -> tuple[IntArray, FloatArray]:
    """Number of the block that holds each place, and how far across it lies; beyond the ends goes on straight."""
    block = (np.searchsorted(limits, positions, side="right") - 1).clip(0, len(limits) - 2)
    share = (positions - limits[block]) / (limits[block + 1] - limits[block])
    return block, share[:, None]


def _with_exclave(numbers: IntArray) -> IntArray:
    """Give the middle of the first community of three by three blocks or more to a neighbour that does not touch it."""
    for number in np.unique(numbers) if numbers.max() >= 5 else []:
        columns, rows = np.nonzero(numbers == number)
        inner = (columns.min() < columns) & (columns < columns.max()) & (rows.min() < rows) & (rows < rows.max())
        if inner.any():
            exclave = numbers.copy()
            exclave[columns[inner][0], rows[inner][0]] = (number + 1) % (numbers.max() + 1)
            return exclave
    return numbers
