"""Lines half-way between buildings.

Every enclosure is triangulated between samples of its outlines; wherever the corners of a triangle belong to different
buildings, its sides are halved. The halves join to lines that keep to the middle of every gap, however narrow. The
Voronoi diagram of the same samples does so only when they are much denser.
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
"""Lines are simplified by this much: it removes the teeth that sampling leaves."""


def bisector_lines(footprints: Footprints, enclosures: Enclosures) -> GeometryArray:
    """Lines that part the buildings of each enclosure.

    Parameters
    ----------
    footprints : Footprints
        Buildings, from `stand`.
    enclosures : Enclosures
        Land, from `enclose`.

    Returns
    -------
    ndarray of LineString, metres
        They end at streets and at outlines that are kept anyway, within rounding; they are not noded.

    References
    ----------
    Chazal, F., Lieutier, A. (2005). The lambda-medial axis. Graphical Models 67 (4). doi:10.1016/j.gmod.2005.01.002
    Fleischmann, M. et al. (2020). Morphological tessellation as a way of partitioning space.
    Computers, Environment and Urban Systems 80. doi:10.1016/j.compenvurbsys.2019.101441
    """
    xy, building, start = _sample_outlines(footprints, len(enclosures.shapes))
    label, crowded = footprints.label[building], footprints.needs_outline[building]
    lines = [np.empty(0, dtype=object)]
    free = _free_space(footprints, enclosures.shapes)
    for face in np.flatnonzero(np.diff(start)):
        here = slice(start[face], start[face + 1])
        if (label[here] != label[start[face]]).any():
            border = shapely.get_coordinates(shapely.segmentize(enclosures.shapes[face], BORDER_SPACING_M))
            lines.append(_bisect_samples(Samples.with_border(xy[here], label[here], crowded[here], border), free[face]))
    return np.concatenate(lines)


def _sample_outlines(footprints: Footprints, enclosure_count: int) -> tuple[FloatArray, IntArray, IntArray]:
    """Points on outlines with their buildings, sorted by enclosure, and where each enclosure starts."""
    outlines = shapely.segmentize(footprints.shapes, OUTLINE_SPACING_M)
    xy, building = shapely.get_coordinates(outlines, return_index=True)
    home = footprints.enclosure_of_label[footprints.label[building]]
    order = np.argsort(home, kind="stable")
    return xy[order], building[order], np.searchsorted(home[order], np.arange(enclosure_count + 1))


def _free_space(footprints: Footprints, enclosures: GeometryArray) -> GeometryArray:
    """Enclosures without the buildings whose outlines are kept: no line is wanted within those."""
    outlines = footprints.shapes[footprints.needs_outline]
    face, building = shapely.STRtree(outlines).query(enclosures, predicate="intersects")
    taken = np.full(len(enclosures), shapely.Polygon(), dtype=object)
    groups = np.split(outlines[building], np.flatnonzero(np.diff(face)) + 1)
    taken[np.unique(face)] = [shapely.union_all(group) for group in groups] if len(face) else []
    free = np.asarray(shapely.difference(enclosures, taken))
    shapely.prepare(free)
    return free


@dataclass(frozen=True, eq=False)
class Samples:
    """Points to triangulate: where they are, whose they are, and which may meet lines that are drawn anyway."""

    xy: FloatArray
    label: IntArray
    on_drawn_line: BoolArray

    @classmethod
    def with_border(cls, xy: FloatArray, label: IntArray, needs_outline: BoolArray, border: FloatArray) -> "Samples":
        """Samples of outlines with those of the border, which belong to whoever is nearest."""
        nearest = cKDTree(xy).query(border)[1]
        fenced = np.concatenate([needs_outline, np.ones(len(border), dtype=np.bool_)])
        return cls(np.concatenate([xy, border]), np.concatenate([label, label[nearest]]), fenced)


def _bisect_samples(samples: Samples, free_space: shapely.Geometry) -> GeometryArray:
    """Lines between the samples of different label, within the free land of an enclosure."""
    corners = Delaunay(samples.xy - samples.xy.mean(axis=0)).simplices
    after = np.roll(corners, -1, axis=1)
    differs = samples.label[corners] != samples.label[after]
    mixed = differs.any(axis=1)
    corners, after, differs = corners[mixed], after[mixed], differs[mixed]
    wanted = ~samples.on_drawn_line[corners].all(axis=1)
    centre = samples.xy[corners].mean(axis=1)
    wanted[~wanted] = shapely.contains_xy(free_space, centre[~wanted])
    middle = (samples.xy[corners] + samples.xy[after]) / 2
    pieces = shapely.linestrings(_bisector_segments(centre[wanted], differs[wanted], middle[wanted]))
    merged = shapely.line_merge(shapely.multilinestrings(pieces))
    return np.asarray(shapely.get_parts(shapely.simplify(merged, SIMPLIFY_TOLERANCE_M)))


def _bisector_segments(centre: FloatArray, differs: BoolArray, middle: FloatArray) -> FloatArray:
    """Ends of the pieces of line in triangles of two labels (side to side) and of three (centre to sides)."""
    two, three = differs.sum(axis=1) == 2, differs.sum(axis=1) == 3
    across = middle[two][differs[two]].reshape(-1, 2, 2)
    spokes = np.stack([np.repeat(centre[three], 3, axis=0), middle[three].reshape(-1, 2)], axis=1)
    return np.concatenate([across, spokes])
