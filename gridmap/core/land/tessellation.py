"""Lines half-way between buildings.

Every enclosure is triangulated between samples of the outlines in it. Where the corners of a triangle belong to
different buildings, the middles of its sides are joined. The resulting lines keep to the middle of every gap, however
narrow. The Voronoi diagram of the same samples does so only with much denser samples.
"""

from dataclasses import dataclass

import numpy as np
import shapely
from scipy.spatial import Delaunay, cKDTree

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.land.enclosures import Enclosures
from gridmap.core.land.footprints import CLEARANCE_M, Footprints

OUTLINE_SPACING_M = 2 * CLEARANCE_M
"""Distance of samples along outlines: small against the width of a slab block."""
BORDER_SPACING_M = 6.0
"""Distance of samples along streets, where only the direction of a line matters."""
SIMPLIFY_TOLERANCE_M = 0.25
"""Tolerance for simplifying lines: it removes the zigzag that comes from sampling."""


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
    xy, building, start = _sample_outlines(footprints, len(enclosures.shapes))
    label, needs_outline = footprints.label[building], footprints.needs_outline[building]
    lines = [np.empty(0, dtype=object)]
    free_space = _free_space(footprints, enclosures.shapes)
    for face in np.flatnonzero(np.diff(start)):
        inside = slice(start[face], start[face + 1])
        if (label[inside] != label[start[face]]).any():
            border = shapely.get_coordinates(shapely.segmentize(enclosures.shapes[face], BORDER_SPACING_M))
            samples = Samples.with_border(xy[inside], label[inside], needs_outline[inside], border)
            lines.append(_bisect_samples(samples, free_space[face]))
    return np.concatenate(lines)


def _sample_outlines(footprints: Footprints, enclosure_count: int) -> tuple[FloatArray, IntArray, IntArray]:
    """Return points on outlines with their buildings, sorted by enclosure, and the start of each enclosure."""
    outlines = shapely.segmentize(footprints.shapes, OUTLINE_SPACING_M)
    xy, building = shapely.get_coordinates(outlines, return_index=True)
    enclosure = footprints.enclosure_of_label[footprints.label[building]]
    order = np.argsort(enclosure, kind="stable")
    return xy[order], building[order], np.searchsorted(enclosure[order], np.arange(enclosure_count + 1))


def _free_space(footprints: Footprints, enclosures: GeometryArray) -> GeometryArray:
    """Return the enclosures without the buildings whose outlines become lines: no bisector is needed inside those."""
    outlines = footprints.shapes[footprints.needs_outline]
    face, building = shapely.STRtree(outlines).query(enclosures, predicate="intersects")
    built_up = np.full(len(enclosures), shapely.Polygon(), dtype=object)
    groups = np.split(outlines[building], np.flatnonzero(np.diff(face)) + 1)
    built_up[np.unique(face)] = [shapely.union_all(group) for group in groups] if len(face) else []
    free_space = np.asarray(shapely.difference(enclosures, built_up))
    shapely.prepare(free_space)
    return free_space


@dataclass(frozen=True, eq=False)
class Samples:
    """Points to triangulate.

    Parameters
    ----------
    xy : ndarray of float, shape (n, 2), metres
        Position of each sample.
    label : ndarray of int
        Label of the building it belongs to.
    on_drawn_line : ndarray of bool
        Whether it lies on a line that is drawn in any case.
    """

    xy: FloatArray
    label: IntArray
    on_drawn_line: BoolArray

    @classmethod
    def with_border(cls, xy: FloatArray, label: IntArray, needs_outline: BoolArray, border: FloatArray) -> "Samples":
        """Return the samples of outlines and of the border; a border sample has the label of the nearest outline."""
        nearest = cKDTree(xy).query(border)[1]
        on_drawn_line = np.concatenate([needs_outline, np.ones(len(border), dtype=np.bool_)])
        return cls(np.concatenate([xy, border]), np.concatenate([label, label[nearest]]), on_drawn_line)


def _bisect_samples(samples: Samples, free_space: shapely.Geometry) -> GeometryArray:
    """Return lines between the samples of different labels, within the free space of an enclosure."""
    corners = Delaunay(samples.xy - samples.xy.mean(axis=0)).simplices
    after = np.roll(corners, -1, axis=1)
    differs = samples.label[corners] != samples.label[after]
    is_mixed = differs.any(axis=1)
    corners, after, differs = corners[is_mixed], after[is_mixed], differs[is_mixed]
    used = ~samples.on_drawn_line[corners].all(axis=1)
    centre = samples.xy[corners].mean(axis=1)
    used[~used] = shapely.contains_xy(free_space, centre[~used])
    middle = (samples.xy[corners] + samples.xy[after]) / 2
    segments = shapely.linestrings(_bisector_segments(centre[used], differs[used], middle[used]))
    merged = shapely.line_merge(shapely.multilinestrings(segments))
    return np.asarray(shapely.get_parts(shapely.simplify(merged, SIMPLIFY_TOLERANCE_M)))


def _bisector_segments(centre: FloatArray, differs: BoolArray, middle: FloatArray) -> FloatArray:
    """Return the ends of segments: side to side in triangles with two labels, centre to sides in those with three."""
    two, three = differs.sum(axis=1) == 2, differs.sum(axis=1) == 3
    across = middle[two][differs[two]].reshape(-1, 2, 2)
    spokes = np.stack([np.repeat(centre[three], 3, axis=0), middle[three].reshape(-1, 2)], axis=1)
    return np.concatenate([across, spokes])
