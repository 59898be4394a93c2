"""Schematic places 位置示意 of buildings: within the outline of their estate, in the order of their numbers."""

import re
from collections.abc import Sequence

import numpy as np
import shapely
from shapely.affinity import rotate

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.text_comparison import fold_text

LENGTH_M, DEPTH_M = 40.0, 14.0
"""Largest size of a schematic building: that of a slab with three units."""
MIN_DEPTH_M = 1.0
"""Smallest depth: more buildings than fit at this size are refused."""
PITCH = 1.6
"""Distance of the middles of neighbouring buildings, in buildings: what is between them is yard."""
SHRINK = 0.93
ASPECTS = (LENGTH_M / DEPTH_M, 1.6, 1.0)
"""Length by depth, tried in turn: a slab, a house, a tower. Narrow outlines take squares only."""
DIGITS = re.compile(r"(\d+)")
NO_ROOM = N_("the outline has no room for {count} buildings: draw it larger, or divide the list")


def order_of_numbers(numbers: Sequence[str]) -> list[int]:
    """Return the positions of numbers of buildings in the order in which people count: 2号楼 before 10号楼.

    Examples
    --------
    >>> names = ["10号楼", "2号楼", "1号楼", "Ａ1"]
    >>> [names[position] for position in order_of_numbers(names)]
    ['1号楼', '2号楼', '10号楼', 'Ａ1']
    """
    return sorted(range(len(numbers)), key=lambda position: (_natural_key(numbers[position]), position))


def lay_out_buildings(outline: shapely.Polygon, count: int, taken: Sequence[shapely.Geometry] = ()) -> GeometryArray:
    """Return footprints of buildings within an outline: in rows along its long axis, none on another one.

    The same outline and number always give the same footprints.

    Parameters
    ----------
    outline : Polygon, metres
    count : int
        Buildings to place.
    taken : sequence of Geometry, metres
        Buildings that stay where they are, such as those that a planner has moved.

    Returns
    -------
    ndarray of Polygon, metres
        One for each building, in rows from the north-western end of the outline.

    Raises
    ------
    InvalidInput
        If the outline has no room for them.

    Examples
    --------
    >>> shapes = lay_out_buildings(shapely.box(0, 0, 200, 100), 6)
    >>> bool(shapely.covers(shapely.box(0, 0, 200, 100), shapes).all()), len(shapes)
    (True, 6)
    """
    if not count:
        return np.empty(0, dtype=object)
    angle = _long_axis_degrees(outline)
    centre = outline.centroid
    turned = rotate(outline, -angle, origin=centre)
    obstacles = shapely.union_all([rotate(each, -angle, origin=centre) for each in taken]) if taken else None
    found = _find_rows(turned, count, obstacles)
    if found is None:
        raise InvalidInput([InputFault(Message(NO_ROOM, {"count": count}))])
    footprints = np.empty(count, dtype=object)
    footprints[:] = [rotate(each, angle, origin=centre) for each in found]
    return footprints


def _natural_key(number: str) -> tuple[tuple[int, int, str], ...]:
    parts = [part for part in DIGITS.split(fold_text(number)) if part]
    return tuple((0, int(part[:18]), "") if part.isdigit() else (1, 0, part) for part in parts)


def _long_axis_degrees(outline: shapely.Polygon) -> float:
    """Return the direction of the longer side of the smallest rectangle around an outline, from −90° to 90°."""
    corners = shapely.get_coordinates(shapely.oriented_envelope(outline))
    if len(corners) < 4:
        return 0.0
    sides = np.diff(corners[:3], axis=0)
    east, north = sides[int(np.argmax(np.hypot(*sides.T)))]
    degrees = float(np.degrees(np.arctan2(north, east)))
    return (degrees + 90.0) % 180.0 - 90.0


def _find_rows(outline: shapely.Polygon, count: int, obstacles: shapely.Geometry | None) -> GeometryArray | None:
    """Return the requested number of footprints, as far apart as they fit; shapes of buildings are tried in turn.

    The first shape whose buildings have their full size wins, else the one with the largest buildings.
    """
    shapely.prepare(outline)
    west, south, east, north = outline.bounds
    largest = max(east - west, north - south)
    best: tuple[float, GeometryArray] | None = None
    for aspect in ASPECTS:
        pitch = largest  # from row to row; from building to building it is as many times more as a building is long
        while pitch >= MIN_DEPTH_M * PITCH:
            depth = min(pitch / PITCH, DEPTH_M, LENGTH_M / aspect)
            footprints = _fill(outline, (pitch * aspect, pitch), (depth * aspect, depth), obstacles)
            if len(footprints) >= count:
                size = depth * depth * aspect
                best = best if best and best[0] >= size else (size, _spread(footprints, count))
                break
            pitch *= SHRINK
    return best[1] if best else None


def _fill(
    outline: shapely.Polygon, pitch: tuple[float, float], size: tuple[float, float], obstacles: shapely.Geometry | None
) -> GeometryArray:
    """Return all footprints of a size that stand within an outline, row by row from its upper left corner."""
    west, south, east, north = outline.bounds
    (length, depth), margin = size, size[1] * (PITCH - 1) / 2
    xs = _centres(west, east, pitch[0], length + 2 * margin)
    ys = _centres(south, north, pitch[1], depth + 2 * margin)[::-1]
    x, y = (each.ravel() for each in np.meshgrid(xs, ys))
    boxes = shapely.box(x - length / 2, y - depth / 2, x + length / 2, y + depth / 2)
    inside: BoolArray = shapely.contains_properly(outline, boxes)
    if obstacles is not None:
        inside &= ~shapely.dwithin(boxes, obstacles, 2 * margin)
    return np.asarray(boxes[inside], dtype=object)


def _centres(low: float, high: float, pitch: float, size: float) -> FloatArray:
    """Return the middles of as many buildings as have room between two sides, spread over the whole of it."""
    count = int(max((high - low - size) // pitch + 1, 1))
    step = (high - low) / count
    return np.asarray(low + step * (np.arange(count) + 0.5), dtype=np.float64)


def _spread(footprints: GeometryArray, count: int) -> GeometryArray:
    """Return some of the footprints, evenly spread over all of them and in their order."""
    chosen = ((np.arange(count) + 0.5) * len(footprints) / count).astype(np.int64)
    return footprints[chosen]
