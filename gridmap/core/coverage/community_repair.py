"""Mending of narrow gaps and overlaps between communities, which drawing and exchange of data leave behind."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray
from gridmap.core.coverage.geometry import remove_slivers
from gridmap.core.land.make_valid import MAX_CROSSINGS, count_all_crossings
from gridmap.core.vocabulary import FindingKind

DEFAULT_WIDTH_M = 1.0
"""Width up to which faults are mended: about how exactly a border is traced from imagery, and below any street."""
MIN_PIECE_M2 = 0.01
"""Smaller pieces are rounding, as in a repair of outlines."""
MIN_FAULT_M2 = 1.0
"""Digitising noise: smaller overlaps of two communities and smaller gaps are left to the land, which closes them."""
MIN_BORDER_M = 0.1
"""Shortest border with a gap that makes a community its neighbour."""
WIDTH_PRECISION_M = 0.0005
WIDTH_STEPS = 8
"""Halvings of the width: of 1 m, the last one is 4 mm."""
MITRE_LIMIT = 1_000.0
"""Corners stay as sharp as they are down to 0.1°, so that the tip of a wide bay does not look like a narrow gap."""


@dataclass(frozen=True, eq=False)
class MendedFault:
    """Land of a narrow gap or overlap, and the community that it belongs to now.

    Parameters
    ----------
    kind : FindingKind
        Gap or overlap.
    shape : Polygon, metres
    width_m : float
        Maximum width.
    owner : int
        Position of the community that the land belongs to.
    other : int
        Position of the community that it also belonged to, or of the second neighbour of a gap.
    """

    kind: FindingKind
    shape: shapely.Polygon
    width_m: float
    owner: int
    other: int


def mend_narrow_faults(
    shapes: GeometryArray, max_width_m: float = DEFAULT_WIDTH_M
) -> tuple[GeometryArray, list[MendedFault]]:
    """Give narrow overlaps to the smaller community, and narrow gaps to the neighbour with the longest border.

    Wider faults stay as they are, and so do those of at most 1 m². A gap that is open at an end is mended too, but not
    the tip of a wider bay.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon, metres
        Valid shapes near the origin, where coordinates have digits to spare.
    max_width_m : float
        Width up to which faults are mended, included; 0 for none.

    Returns
    -------
    shapes : ndarray of Polygon or MultiPolygon
        The same objects where nothing was mended. Shapes whose borders cross too often to compare are left alone.
    mended : list of MendedFault

    Examples
    --------
    >>> shapes, mended = mend_narrow_faults(np.array([shapely.box(0, 0, 20.5, 20), shapely.box(20, 0, 30, 20)]))
    >>> [(str(fault.kind), fault.shape.area, fault.owner) for fault in mended], shapes[0].bounds
    ([('overlap', 10.0, 1)], (0.0, 0.0, 20.0, 20.0))
    """
    reach = 2 * max_width_m
    if max_width_m <= 0 or len(shapes) < 2 or count_all_crossings(shapes) >= MAX_CROSSINGS:
        return shapes, []
    is_suspect = ~shapely.is_empty(shapely.coverage_invalid_edges(shapes, gap_width=reach))
    if not is_suspect.any():
        return shapes, []
    mended_shapes = shapes.copy()
    overlaps = list(_mend_overlaps(mended_shapes, is_suspect, max_width_m))
    return mended_shapes, overlaps + list(_mend_gaps(mended_shapes, max_width_m))


def _mend_overlaps(shapes: GeometryArray, is_suspect: BoolArray, max_width_m: float) -> Iterator[MendedFault]:
    """Take narrow overlaps off the larger community of each pair; the array is changed."""
    suspects = np.flatnonzero(is_suspect)
    first, second = suspects[shapely.STRtree(shapes[suspects]).query(shapes[suspects], predicate="intersects")]
    area = shapely.area(shapes)
    for i, j in sorted(zip(first[first < second].tolist(), second[first < second].tolist(), strict=True)):
        pieces, widths = _narrow_pieces(shapely.intersection(shapes[i], shapes[j]), max_width_m)
        owner, other = (i, j) if area[i] < area[j] else (j, i)
        is_fault = shapely.area(pieces).sum() > MIN_FAULT_M2
        rest = _without_crumbs(shapely.difference(shapes[other], shapely.union_all(pieces))) if is_fault else None
        if rest is not None:
            shapes[other] = rest
            yield from _list_mended(FindingKind.OVERLAP, pieces, widths, owner, other)


def _mend_gaps(shapes: GeometryArray, max_width_m: float) -> Iterator[MendedFault]:
    """Give narrow gaps to the neighbour with the longest border; the array is changed."""
    tree = shapely.STRtree(shapes)
    for piece, width in zip(*_find_gaps(shapes, max_width_m), strict=True):
        rim = shapely.buffer(shapely.boundary(piece), MIN_BORDER_M / 10, cap_style="flat")
        near = np.sort(tree.query(rim, predicate="intersects"))
        border = shapely.area(shapely.intersection(shapes[near], rim)) / (MIN_BORDER_M / 10)
        neighbours = near[np.argsort(-border, kind="stable")][: np.count_nonzero(border > MIN_BORDER_M)].tolist()
        if len(neighbours) > 1:
            shapes[neighbours[0]] = shapely.union(shapes[neighbours[0]], piece)
            yield MendedFault(FindingKind.GAP, piece, width, neighbours[0], neighbours[1])


def _find_gaps(shapes: GeometryArray, max_width_m: float) -> tuple[GeometryArray, FloatArray]:
    """Return narrow gaps with their widths: holes of the land, and strips between shapes that are open at an end."""
    union = shapely.union_all(shapes)
    filled = shapely.union_all(shapely.polygons(shapely.get_exterior_ring(shapely.get_parts(union))))
    holes, hole_widths = _narrow_pieces(shapely.difference(filled, union), max_width_m)
    land = shapely.union_all([union, *holes])
    grown = shapely.buffer(land, max_width_m, join_style="mitre")
    closed = shapely.buffer(grown, -max_width_m, join_style="mitre", mitre_limit=MITRE_LIMIT)
    strips = shapely.multipolygons(remove_slivers(shapely.difference(closed, land)))
    open_gaps, open_widths = _narrow_pieces(strips, max_width_m)
    gaps, widths = np.r_[holes, open_gaps], np.r_[hole_widths, open_widths]
    is_fault = shapely.area(gaps) > MIN_FAULT_M2
    return gaps[is_fault], widths[is_fault]


def _narrow_pieces(surface: shapely.Geometry, max_width_m: float) -> tuple[GeometryArray, FloatArray]:
    """Return the parts of a surface up to a width, with their widths."""
    pieces = shapely.get_parts(shapely.get_parts(surface))
    pieces = pieces[shapely.area(pieces) >= MIN_PIECE_M2]
    pieces = pieces[shapely.is_empty(shapely.buffer(pieces, -max_width_m / 2 - WIDTH_PRECISION_M, join_style="mitre"))]
    return np.asarray(pieces, dtype=object), _measure_widths(pieces, max_width_m)


def _measure_widths(pieces: GeometryArray, max_width_m: float) -> FloatArray:
    """Return the maximum width of each piece, by halving: half of it is the distance at which nothing is left."""
    width = np.full(len(pieces), max_width_m)
    for step in max_width_m / 2.0 ** np.arange(1, WIDTH_STEPS + 1):
        is_narrower = shapely.is_empty(shapely.buffer(pieces, -(width - step) / 2, join_style="mitre"))
        width = np.where(is_narrower, width - step, width)
    return np.asarray(width, dtype=np.float64)


def _without_crumbs(shape: shapely.Geometry) -> shapely.Geometry | None:
    """Return a surface without parts that are rounding; None where nothing is left."""
    parts = shapely.get_parts(shape)
    large = parts[shapely.area(parts) >= MIN_PIECE_M2]
    if not len(large):
        return None
    return large[0] if len(large) == 1 else shapely.multipolygons(large)


def _list_mended(
    kind: FindingKind, pieces: GeometryArray, widths: FloatArray, owner: int, other: int
) -> Iterator[MendedFault]:
    for piece, width in zip(pieces, widths.tolist(), strict=True):
        yield MendedFault(kind, piece, width, owner, other)
