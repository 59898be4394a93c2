"""Extent of a grid as a sentence, as notices have it: 东至…，南至…，西至…，北至…."""

from collections.abc import Sequence

import numpy as np

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.land.town import Town
from gridmap.core.plans.border_edges import SIDES, BorderEdges, find_border_edges
from gridmap.core.plans.landmarks import (
    EdgeSurroundings,
    EdgeTexts,
    Landmark,
    find_landmark_lines,
    followed_landmarks,
)
from gridmap.core.plans.plan import GridPlan

MIN_SECOND_SHARE = 0.25
"""A second landmark is named where it has this share of a side."""
EXTENT = N_("East: {east}; south: {south}; west: {west}; north: {north}")
TWO = N_("{first}, then {second}")


def describe_extents(
    town: Town,
    plan: GridPlan,
    shapes: GeometryArray,
    grid_of_building: IntArray,
    codes: Sequence[str] | GeometryArray,
) -> list[Message]:
    """Describe where each grid ends in the east, south, west and north.

    A side is named by what most of it follows: a street, water, a railway or a wall, dedicated land, another community,
    an estate. Where it follows none of these, the two buildings are named that it runs between.

    Parameters
    ----------
    town : Town
    plan : GridPlan
    shapes : ndarray of Polygon or MultiPolygon, metres
        Polygon of each grid, from `gridmap.core.plans.measures.grid_polygons`.
    grid_of_building : ndarray of int
        Grid of each building.
    codes : sequence of str
        Code of each grid.

    Returns
    -------
    list of Message, one per grid

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.core.partition.partition import PartitionSettings, partition_town
    >>> from gridmap.core.plans.measures import grid_polygons
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(800)
    >>> land = build_land(town)
    >>> plan = partition_town(town, land, PartitionSettings())
    >>> grid_of_building = plan.grid_of_cell[land.cell_of_building]
    >>> extents = describe_extents(town, plan, grid_polygons(plan, land), grid_of_building, ["a", "b"])
    >>> [*extents[0].values]
    ['east', 'south', 'west', 'north']
    """
    edges = find_border_edges(shapes)
    lines = find_landmark_lines(town)
    landmark = followed_landmarks(edges, lines)
    around = EdgeSurroundings.of(town, edges, landmark < 0, grid_of_building)
    texts = EdgeTexts(town, plan, codes, lines.landmarks, around)
    return [_describe_grid(texts, rows, landmark) for rows in _rows_of_grids(edges, len(shapes))]


def _rows_of_grids(edges: BorderEdges, count: int) -> Sequence[IntArray]:
    order = np.argsort(edges.grid, kind="stable")
    return np.split(order, np.searchsorted(edges.grid[order], np.arange(1, count)))


def _describe_grid(texts: EdgeTexts, rows: IntArray, landmark: IntArray) -> Message:
    return Message(EXTENT, {name: _describe_side(texts, rows, side, landmark) for side, name in enumerate(SIDES)})


def _describe_side(texts: EdgeTexts, rows: IntArray, side: int, landmark: IntArray) -> Landmark:
    """Return the one or two landmarks that most of a side follows."""
    facing = rows[texts.edges.side[rows] == side]
    if not len(facing):
        facing = _farthest(texts.edges, rows, side)
    groups: dict[str, list[int]] = {}
    for row in facing.tolist():
        groups.setdefault(texts.group(row, int(landmark[row])), []).append(row)
    lengths = {group: float(texts.length[own].sum()) for group, own in groups.items()}
    longest = sorted(groups, key=lambda group: -lengths[group])[:2]
    named = [texts.landmark(groups[group], landmark) for group in longest]
    if len(named) == 2 and lengths[longest[1]] >= MIN_SECOND_SHARE * sum(lengths.values()):
        return Message(TWO, {"first": named[0], "second": named[1]})
    return named[0]


def _farthest(edges: BorderEdges, rows: IntArray, side: int) -> IntArray:
    """Return the edge that lies farthest on a side to which no edge faces."""
    east, north = edges.ends[rows].mean(axis=1).T
    return rows[[int(np.argmax((east, -north, -east, north)[side]))]]
