"""Lines half-way between buildings.

Every enclosure is triangulated between samples of the outlines in it. Where the corners of a triangle belong to
different buildings, the middles of its sides are joined. The resulting lines keep to the middle of every gap, however
narrow. The Voronoi diagram of the same samples does so only with much denser samples.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.spatial import Delaunay, cKDTree

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.labels import renumber_nodes
from gridmap.core.land.bisector_chains import Triangles, follow_bisectors
from gridmap.core.land.enclosures import Enclosures
from gridmap.core.land.footprints import CLEARANCE_M, Footprints

OUTLINE_SPACING_M = 2 * CLEARANCE_M
"""Distance of samples along outlines: small against the width of a slab block."""
BORDER_SPACING_M = 6.0
"""Distance of samples along streets, where only the direction of a line matters."""
SIMPLIFY_TOLERANCE_M = 0.25
"""Tolerance for simplifying lines: it removes the zigzag that comes from sampling."""
BATCH_SAMPLES = 200_000


def bisector_lines(footprints: Footprints, enclosures: Enclosures) -> GeometryArray:
    """Return lines that separate the buildings of each enclosure.

    Parameters
    ----------
    footprints : Footprints
        Buildings, from `place_footprints`.
    enclosures : Enclosures
        Land, from `build_enclosures`.

    Returns
    -------
    ndarray of LineString, metres
        Within rounding, they end at streets and at outlines that become lines themselves; they are not noded.

    References
    ----------
    Chazal, F., Lieutier, A. (2005). The lambda-medial axis. Graphical Models 67 (4). doi:10.1016/j.gmod.2005.01.002
    Fleischmann, M. et al. (2020). Morphological tessellation as a way of partitioning space.
    Computers, Environment and Urban Systems 80. doi:10.1016/j.compenvurbsys.2019.101441

    Examples
    --------
    >>> from gridmap.core.land.barriers import collect_barriers
    >>> from gridmap.core.land.enclosures import build_enclosures
    >>> from gridmap.core.land.footprints import place_footprints
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(500)
    >>> enclosures = build_enclosures(town, collect_barriers(town))
    >>> lines = bisector_lines(place_footprints(town, enclosures), enclosures)
    >>> bool(shapely.is_valid(lines).all())
    True
    """
    samples = _sample_enclosures(footprints, enclosures)
    free_space = _FreeSpace.of(footprints, enclosures)
    lines = [_bisect_samples(samples, free_space, first, last) for first, last in _batches(samples.start)]
    return np.concatenate([np.empty(0, dtype=object), *lines])


@dataclass(frozen=True, eq=False)
class _Samples:
    """Points to triangulate, by enclosure.

    Parameters
    ----------
    xy : ndarray of float, shape (n, 2), metres
        Position of each sample.
    label : ndarray of int
        Label of the building it belongs to; on the border of an enclosure, of the nearest one in it.
    on_drawn_line : ndarray of bool
        Whether it lies on a line that is drawn in any case.
    enclosure : ndarray of int
        The enclosures with several labels.
    start : ndarray of int, one per such enclosure and one more
        Position of the first sample of each.
    """

    xy: FloatArray
    label: IntArray
    on_drawn_line: BoolArray
    enclosure: IntArray
    start: IntArray


def _sample_enclosures(footprints: Footprints, enclosures: Enclosures) -> _Samples:
    """Return the samples of all enclosures with several labels: of the outlines, then of the border."""
    count = np.bincount(footprints.enclosure_of_label, minlength=len(enclosures.shapes))
    chosen = np.flatnonzero(count > 1)
    number = renumber_nodes(chosen, len(enclosures.shapes))
    buildings = np.flatnonzero(number[footprints.enclosure_of_label[footprints.label]] >= 0)
    xy, building = _sample(footprints.shapes[buildings], OUTLINE_SPACING_M)
    label, needs_outline = footprints.label[buildings[building]], footprints.needs_outline[buildings[building]]
    border, enclosure_of_border = _sample(enclosures.shapes[chosen], BORDER_SPACING_M)
    enclosure = number[footprints.enclosure_of_label[label]]
    label = np.append(label, label[_nearest_within(xy, enclosure, border, enclosure_of_border)])
    enclosure = np.append(enclosure, enclosure_of_border)
    on_line = np.append(needs_outline, np.ones(len(border), dtype=np.bool_))
    order = np.argsort(enclosure, kind="stable")
    start = np.searchsorted(enclosure[order], np.arange(len(chosen) + 1))
    return _Samples(np.concatenate([xy, border])[order], label[order], on_line[order], chosen, start)


def _sample(shapes: GeometryArray, spacing_m: float) -> tuple[FloatArray, IntArray]:
    """Return points along the outlines of shapes, and the shape of each."""
    xy, shape = shapely.get_coordinates(shapely.segmentize(shapes, spacing_m), return_index=True)
    return xy, shape


def _nearest_within(xy: FloatArray, enclosure: IntArray, points: FloatArray, home: IntArray) -> IntArray:
    """Return the nearest sample of the same enclosure for each point; points come by enclosure."""
    order = np.argsort(enclosure, kind="stable")
    numbers = np.arange(home.max(initial=-1) + 2)
    own, first = np.searchsorted(enclosure[order], numbers), np.searchsorted(home, numbers)
    nearest = np.empty(len(points), dtype=np.int64)
    for number in numbers[:-1]:
        samples, places = order[own[number] : own[number + 1]], slice(first[number], first[number + 1])
        nearest[places] = samples[cKDTree(xy[samples]).query(points[places])[1]]
    return nearest


def _batches(start: IntArray) -> Iterator[tuple[int, int]]:
    """Yield ranges of enclosures with about `BATCH_SAMPLES` samples, which bounds the memory for triangles."""
    first = 0
    while first < len(start) - 1:
        last = max(int(np.searchsorted(start, start[first] + BATCH_SAMPLES)), first + 1)
        yield first, min(last, len(start) - 1)
        first = last


@dataclass(frozen=True, eq=False)
class _FreeSpace:
    """Enclosures without the buildings whose outlines become lines: no bisector is needed inside those."""

    enclosures: GeometryArray
    outlined: shapely.STRtree

    @classmethod
    def of(cls, footprints: Footprints, enclosures: Enclosures) -> "_FreeSpace":
        shapely.prepare(enclosures.shapes)
        return cls(enclosures.shapes, shapely.STRtree(footprints.shapes[footprints.needs_outline]))

    def contains(self, xy: FloatArray, enclosure: IntArray) -> BoolArray:
        """Return whether each point is in the free space of its enclosure."""
        is_free = np.asarray(shapely.contains_xy(self.enclosures[enclosure], xy))
        is_free[self.outlined.query(shapely.points(xy), predicate="intersects")[0]] = False
        return is_free


def _bisect_samples(samples: _Samples, free_space: _FreeSpace, first: int, last: int) -> GeometryArray:
    """Return lines between the samples of different labels, within the free space of each of some enclosures."""
    corners, across, enclosure = _triangulate(samples, first, last)
    differs = samples.label[corners] != samples.label[np.roll(corners, -1, axis=1)]
    arms = differs.sum(axis=1, dtype=np.int8)
    on_line = np.flatnonzero((arms > 0) & samples.on_drawn_line[corners].all(axis=1))
    centre = samples.xy[corners[on_line]].mean(axis=1)
    arms[on_line[~free_space.contains(centre, enclosure[on_line])]] = 0
    chains = follow_bisectors(Triangles(samples.xy, corners, across, differs, arms))
    line = np.repeat(np.arange(len(chains.triangle)), np.diff(chains.first))
    lines = shapely.linestrings(chains.xy, indices=line)
    return _simplify_lines(np.asarray(lines), enclosure[chains.triangle])


def _triangulate(samples: _Samples, first: int, last: int) -> tuple[NDArray[np.int32], NDArray[np.int32], IntArray]:
    """Return the corners of triangles, the triangles across their sides, and their enclosures."""
    corners, across, count = [], [], 0
    for number in range(first, last):
        xy = samples.xy[samples.start[number] : samples.start[number + 1]]
        found = Delaunay(xy - xy.mean(axis=0))
        corners.append(found.simplices + np.int32(samples.start[number]))
        neighbours = np.roll(found.neighbors, 1, axis=1)  # opposite of a corner is the side after the next
        across.append(np.where(neighbours < 0, -1, neighbours + np.int32(count)))
        count += len(found.simplices)
    enclosure = np.repeat(samples.enclosure[first:last], [len(each) for each in corners])
    return np.concatenate(corners), np.concatenate(across), enclosure


def _simplify_lines(lines: GeometryArray, enclosure: IntArray) -> GeometryArray:
    """Return simplified lines; those of an enclosure are simplified together, so that none crosses another."""
    if not len(lines):
        return lines
    order = np.argsort(enclosure, kind="stable")
    group = np.unique(enclosure[order], return_inverse=True)[1].ravel()
    together = shapely.multilinestrings(lines[order], indices=group)
    return np.asarray(shapely.get_parts(shapely.simplify(together, SIMPLIFY_TOLERANCE_M)))
