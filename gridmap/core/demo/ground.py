"""The ground plan: lines of streets that make blocks, blocks that make communities, and the bend of it all.

A town is drawn straight, in *plan* coordinates, where blocks are upright rectangles; `Ground.bent` then carries every
point over to the map. Two shapes that share a vertex in plan share it on the map, to the last digit.
"""

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from gridmap.core.demo.recipe import Recipe

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

RIVER, RAIL = 90.0, 26.0
STEP = 30.0
SLACK = 1.1
"""Blocks over those that the households should need."""


@dataclass(frozen=True)
class Axis:
    """Blocks along one axis: their limits, the run of communities they belong to, and the thin one (-1: none).

    `limits` has one number more than `group`; the thin block carries the river or the railway.
    """

    limits: Floats
    group: Ints
    thin: int

    def is_main(self, line: int) -> bool:
        """Whether a line closes the town or parts communities, or the town in two halves if it has one community."""
        if line in (0, len(self.group)):
            return True
        halves = line == len(self.group) // 2 and bool(self.group[0] == self.group[-1])
        return halves or bool(self.group[line - 1] != self.group[line])

    def along(self, start: int, stop: int) -> Floats:
        """Places from one line to another, every line included, at most about `STEP` apart."""
        spans = zip(self.limits[start:stop], self.limits[start + 1 : stop + 1], strict=True)
        runs = [np.linspace(a, b, max(2, round((b - a) / STEP) + 1))[:-1] for a, b in spans]
        return np.concatenate([*runs, self.limits[stop : stop + 1]])


@dataclass(frozen=True)
class Ground:
    """The plan of a town; `nodes` (columns + 1, rows + 1, 2) says where crossings lie in metres."""

    recipe: Recipe
    columns: Axis
    rows: Axis
    nodes: Floats

    @cached_property
    def communities(self) -> Ints:
        """Community of each block, (columns, rows), numbered from the north-west as codes are."""
        wide = int(self.columns.group[-1]) + 1
        top = int(self.rows.group[-1])
        numbers = self.columns.group[:, None] + wide * (top - self.rows.group[None, :])
        return _with_exclave(numbers)

    def column_line(self, column: int, start: int, stop: int) -> Floats:
        """Plan coordinates of a line northwards, from row line to row line."""
        ys = self.rows.along(start, stop)
        return np.column_stack([np.full(len(ys), self.columns.limits[column]), ys])

    def row_line(self, row: int, start: int, stop: int) -> Floats:
        """Plan coordinates of a line eastwards, from column line to column line."""
        xs = self.columns.along(start, stop)
        return np.column_stack([xs, np.full(len(xs), self.rows.limits[row])])

    def block(self, column: int, row: int) -> Floats:
        """Ring around a block in plan coordinates, with the vertices of the streets about it."""
        south, north = (self.row_line(line, column, column + 1) for line in (row, row + 1))
        west, east = (self.column_line(line, row, row + 1) for line in (column, column + 1))
        return np.concatenate([south, east[1:], north[-2::-1], west[-2::-1]])

    def bent(self, plan: Floats) -> Floats:
        """Carry (n, 2) plan coordinates over to the map, in metres of EPSG:4547 rounded to a millimetre."""
        column, u = _within(self.columns.limits, plan[:, 0])
        row, v = _within(self.rows.limits, plan[:, 1])
        south = self.nodes[column, row] * (1 - u) + self.nodes[column + 1, row] * u
        north = self.nodes[column, row + 1] * (1 - u) + self.nodes[column + 1, row + 1] * u
        x, y = (south * (1 - v) + north * v).T
        bend = self.recipe.bend
        x = x + bend * np.sin(y / 900) + bend / 4 * np.sin(y / 330)
        y = y + bend * np.sin(x / 1100) + bend / 3 * np.sin(x / 370)
        return np.round(np.column_stack([x, y]) + self.recipe.origin, 3)


def lay_out(rng: np.random.Generator, households: int, recipe: Recipe, room: float = 1.0) -> Ground:
    """Draw a plan with room for so many households.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    households : int
        To be housed.
    recipe : Recipe
        Parameters of the town.
    room : float
        Times more blocks than `Recipe.crowd` asks for.

    Returns
    -------
    Ground
        Small towns have one community of just as many blocks as they need.

    Examples
    --------
    >>> lay_out(np.random.default_rng(0), 60_000, Recipe()).communities.max() > 10
    np.True_
    """
    blocks = room * households / recipe.crowd
    growth = max(1.0, households / recipe.households, blocks / _usual(recipe)) if recipe.communities else 1.0
    across, up = _fixed(rng, recipe, growth) if recipe.communities else _groups(rng, int(np.ceil(blocks)), recipe)
    columns = _axis(rng, across, recipe, RAIL if households >= recipe.rail_from else 0.0)
    rows = _axis(rng, up, recipe, RIVER if households >= recipe.river_from else 0.0)
    columns, rows = _to_size(columns, rows, recipe.area_km2 * 1e6 * growth)
    return Ground(recipe, columns, rows, _nodes(rng, columns, rows, recipe.shift))


def _usual(recipe: Recipe) -> float:
    """Blocks of a town whose number of communities is given."""
    return recipe.communities * float(np.mean(recipe.columns) * np.mean(recipe.rows))


def _fixed(rng: np.random.Generator, recipe: Recipe, growth: float) -> tuple[Ints, Ints]:
    """Communities side by side, longer where there are more households."""
    across = np.ceil(rng.integers(*recipe.columns, recipe.communities, endpoint=True) * growth)
    return across.astype(np.int64), rng.integers(*recipe.rows, 1, endpoint=True)


def _to_size(columns: Axis, rows: Axis, area: float) -> tuple[Axis, Axis]:
    """Both axes stretched alike until they enclose an area; 0 leaves them."""
    factor = float(np.sqrt(area / (columns.limits[-1] * rows.limits[-1]))) if area else 1.0
    return replace(columns, limits=columns.limits * factor), replace(rows, limits=rows.limits * factor)


def _groups(rng: np.random.Generator, blocks: int, recipe: Recipe) -> tuple[Ints, Ints]:
    """Blocks of each run of communities along both axes."""
    communities = max(1, round(blocks / float(np.mean(recipe.columns) * np.mean(recipe.rows))))
    if communities == 1:
        wide = int(np.ceil(np.sqrt(blocks)))
        return np.array([wide]), np.array([int(np.ceil(blocks / wide))])
    across = int(np.clip(round(np.sqrt(communities * recipe.proportion)), 1, communities))
    up = int(np.ceil(communities / across))
    widths: Ints = rng.integers(*recipe.columns, across, endpoint=True)
    high: Ints = rng.integers(*recipe.rows, up, endpoint=True)
    widths = _trimmed(widths, recipe.columns[0], blocks / high.sum())
    return widths, _trimmed(high, recipe.rows[0], blocks / widths.sum())


def _trimmed(groups: Ints, least: int, wanted: float) -> Ints:
    """Runs of blocks, the longest shortened while there are clearly more blocks than wanted."""
    groups = groups.copy()
    while groups.sum() > np.ceil(SLACK * wanted) and groups.max() > least:
        groups[np.argmax(groups)] -= 1
    return groups


def _axis(rng: np.random.Generator, groups: Ints, recipe: Recipe, thin: float) -> Axis:
    """Limits of the blocks of an axis, with a thin one in the middle, where the communities part if they do."""
    group = np.repeat(np.arange(len(groups)), groups)
    widths = rng.uniform(*recipe.block, len(group))
    place = -1
    if thin:
        place = int(np.cumsum(groups)[(len(groups) - 1) // 2]) if len(groups) > 1 else len(group) // 2
        group = np.insert(group, place, group[place - 1] if place else 0)
        widths = np.insert(widths, place, thin)
    return Axis(np.concatenate([[0.0], np.cumsum(widths)]), group, place)


def _nodes(rng: np.random.Generator, columns: Axis, rows: Axis, shift: float) -> Floats:
    nodes = np.stack(np.meshgrid(columns.limits, rows.limits, indexing="ij"), axis=-1)
    stray = rng.normal(0, shift, nodes.shape).clip(-2 * shift, 2 * shift)
    for axis, thin in enumerate((columns.thin, rows.thin)):
        if thin >= 0:  # both banks stray alike, or the river would be pinched off
            banks = np.moveaxis(stray, axis, 0)
            banks[thin + 1] = banks[thin]
    return np.asarray(nodes + stray)


def _within(limits: Floats, places: Floats) -> tuple[Ints, Floats]:
    """Number of the block that holds each place, and how far across it lies; beyond the ends goes on straight."""
    block = (np.searchsorted(limits, places, side="right") - 1).clip(0, len(limits) - 2)
    share = (places - limits[block]) / (limits[block + 1] - limits[block])
    return block, share[:, None]


def _with_exclave(numbers: Ints) -> Ints:
    """Give the middle of the first community of three by three blocks or more to a neighbour that does not touch it."""
    for number in np.unique(numbers) if numbers.max() >= 5 else []:
        columns, rows = np.nonzero(numbers == number)
        inner = (columns.min() < columns) & (columns < columns.max()) & (rows.min() < rows) & (rows < rows.max())
        if inner.any():
            exclave = numbers.copy()
            exclave[columns[inner][0], rows[inner][0]] = (number + 1) % (numbers.max() + 1)
            return exclave
    return numbers
