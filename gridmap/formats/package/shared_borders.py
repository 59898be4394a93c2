"""Matching of borders in the coordinates of their file: neighbours get the same vertices before they are reprojected.

A border along a parallel is straight in degrees and curved in metres. Where one neighbour has a vertex in the middle of
it and the other has none, the two would part by metres over a few kilometres.
"""

from collections.abc import Iterable
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray
from gridmap.formats.crs import is_known_crs
from gridmap.formats.package.layer_reader import ParsedLayer
from gridmap.formats.package.layer_schemas import POLYGONS

TOLERANCE_M, TOLERANCE_DEGREES = 0.005, 5e-8
"""A vertex this near an edge lies on it: degrees are often written with seven digits, half of the last one is 5 mm."""
MAX_MATCHES = 1_000_000
"""Pairs of edge and vertex beyond which nothing is matched: no drawing has so many, a hostile file may."""
EDGE_CHUNK_SIZE = 256


class _Edges(NamedTuple):
    """Edges of rings, each pair of ends once.

    Parameters
    ----------
    ends : ndarray of float, shape (n, 2, 2)
        The two ends of each edge, in a fixed order.
    edge : ndarray of int, one per stretch from a coordinate to the next one of its ring
        The edge of each stretch.
    start : ndarray of int
        Position of the first coordinate of each stretch.
    is_forward : ndarray of bool
        Whether each stretch runs from the first end of its edge to the second.
    loose : ndarray of float, shape (m, 2)
        Ends of the edges that occur once in a layer; only these can lie on another edge.
    """

    ends: FloatArray
    edge: IntArray
    start: IntArray
    is_forward: np.ndarray
    loose: FloatArray


def match_layers(layers: Iterable[ParsedLayer]) -> None:
    """Match the borders of all polygons of layers in one CRS, in the coordinates of their files.

    Land moves by at most 5 mm. Layers in different CRS are not matched with each other.

    Parameters
    ----------
    layers : iterable of ParsedLayer
        Before their reprojection; their polygons are replaced.
    """
    groups: dict[str, list[ParsedLayer]] = {}
    for layer in layers:
        if layer.source_crs is not None and is_known_crs(layer.source_crs):
            groups.setdefault(layer.source_crs.to_wkt(), []).append(layer)
    for group in groups.values():
        _match_group(group)


def _match_group(layers: list[ParsedLayer]) -> None:
    rows = [np.flatnonzero(layer.is_valid & np.isin(layer.frame.geom_type, list(POLYGONS))) for layer in layers]
    shapes = [layer.shapes[positions] for layer, positions in zip(layers, rows, strict=True)]
    crs = layers[0].source_crs
    if crs is None or not any(map(len, rows)):
        return
    counts = [len(positions) for positions in rows]
    layer_of_shape = np.repeat(np.arange(len(layers)), counts)
    matched = match_vertices(np.concatenate(shapes), snapping_tolerance(crs), layer_of_shape)
    pieces = np.split(matched, np.cumsum(counts)[:-1])
    for layer, positions, piece in zip(layers, rows, pieces, strict=True):
        replaced = layer.shapes
        replaced[positions] = piece
        layer.frame = layer.frame.set_geometry(gpd.GeoSeries(replaced, crs=layer.frame.crs))


def snapping_tolerance(crs: CRS) -> float:
    """Return the distance, in the units of a CRS, within which a vertex lies on an edge.

    Examples
    --------
    >>> snapping_tolerance(CRS(4547)), snapping_tolerance(CRS(4490))
    (0.005, 5e-08)
    """
    return TOLERANCE_DEGREES if crs.is_geographic else TOLERANCE_M / crs.axis_info[0].unit_conversion_factor


def match_vertices(shapes: GeometryArray, tolerance: float, layer_of_shape: IntArray | None = None) -> GeometryArray:
    """Give neighbouring polygons the same vertices: move nearly equal ones together, and insert those on an edge.

    Parameters
    ----------
    shapes : ndarray of Polygon or MultiPolygon
        In any unit.
    tolerance : float
        Vertices of two polygons this near each other are one, and a vertex this near an edge lies on it, in the same
        unit.
    layer_of_shape : ndarray of int, optional
        Layer of each shape; shapes of one layer share borders, those of several layers may lie on each other. By
        default all are in one layer.

    Returns
    -------
    ndarray of Polygon or MultiPolygon
        The same objects where nothing was changed. A polygon that would become invalid is left as it is.

    Examples
    --------
    >>> south = shapely.from_wkt("POLYGON ((0 0, 4 0, 4 1, 0 1, 0 0))")
    >>> north = shapely.from_wkt("POLYGON ((0 1, 2 1, 4 1, 4 2, 0 2, 0 1))")
    >>> [shape.wkt for shape in match_vertices(np.array([south, north]), 1e-9)][0]
    'POLYGON ((0 0, 4 0, 4 1, 2 1, 0 1, 0 0))'
    """
    kind, coordinates, offsets = shapely.to_ragged_array(shapes)
    layers = np.zeros(len(shapes), dtype=np.int64) if layer_of_shape is None else layer_of_shape
    shape_of_vertex = np.repeat(np.arange(len(shapes)), shapely.get_num_coordinates(shapes))
    edges = _list_edges(coordinates, offsets[0], layers[shape_of_vertex])
    snapped = _snap_vertices(coordinates, shape_of_vertex, edges.loose, tolerance)
    if snapped is not coordinates:
        edges = _list_edges(snapped, offsets[0], layers[shape_of_vertex])
    matches = _find_matches(edges, tolerance)
    if not len(matches[0]) and snapped is coordinates:
        return shapes
    positions, points = _list_insertions(edges, *matches)
    added = np.searchsorted(np.sort(positions), offsets[0])
    rebuilt = shapely.from_ragged_array(
        kind, np.insert(snapped, positions, points, axis=0), (offsets[0] + added, *offsets[1:])
    )
    is_moved = np.unique(shape_of_vertex[(snapped != coordinates).any(axis=1)])
    return _replace_changed(shapes, rebuilt, is_moved)


def _snap_vertices(
    coordinates: FloatArray, shape_of_vertex: IntArray, loose: FloatArray, tolerance: float
) -> FloatArray:
    """Move loose vertices onto those of another shape within the tolerance; the same array where there are none.

    Vertices of one shape stay apart: a short edge of a border that nobody shares is drawn on purpose. The vertex of the
    first shape remains, such as that of a community among grids.
    """
    tree = shapely.STRtree(shapely.points(loose))
    one, two = tree.query(shapely.points(loose), predicate="dwithin", distance=tolerance)
    one, two = one[one < two], two[one < two]
    if not 0 < len(one) <= MAX_MATCHES:
        return coordinates
    corners = np.unique(np.concatenate([one, two]))
    vertices = _find_vertices(coordinates, loose[corners])
    shapes_of = [set(shape_of_vertex[each].tolist()) for each in vertices]
    first, second = np.searchsorted(corners, one).tolist(), np.searchsorted(corners, two).tolist()
    snapped, anchors, moved = coordinates.copy(), set[int](), set[int]()
    for pair in zip(first, second, strict=True):
        kept, other = sorted(pair, key=lambda corner: (corner not in anchors, min(shapes_of[corner])))
        if shapes_of[kept].isdisjoint(shapes_of[other]) and other not in anchors and not moved.intersection(pair):
            snapped[vertices[other]] = coordinates[vertices[kept][0]]
            shapes_of[kept] |= shapes_of[other]
            anchors.add(kept)
            moved.add(other)
    return snapped if moved else coordinates


def _find_vertices(coordinates: FloatArray, corners: FloatArray) -> list[IntArray]:
    """Return for each corner the positions of the coordinates that are exactly there."""
    keys, wanted = coordinates[:, 0] + 1j * coordinates[:, 1], corners[:, 0] + 1j * corners[:, 1]
    order = np.argsort(keys, kind="stable")
    first, last = (np.searchsorted(keys, wanted, side=side, sorter=order) for side in ("left", "right"))
    return [order[start:end] for start, end in zip(first, last, strict=True)]


def _replace_changed(shapes: GeometryArray, rebuilt: GeometryArray, moved: IntArray) -> GeometryArray:
    is_changed = shapely.get_num_coordinates(rebuilt) > shapely.get_num_coordinates(shapes)
    is_changed[moved] = True
    changed = np.flatnonzero(is_changed)
    new = rebuilt[changed]
    is_single = shapely.get_type_id(shapes[changed]) == shapely.GeometryType.POLYGON
    is_wrapped = is_single & (shapely.get_type_id(new) == shapely.GeometryType.MULTIPOLYGON)
    new[is_wrapped] = shapely.get_geometry(new[is_wrapped], 0)
    is_sound = shapely.is_valid(new) | ~shapely.is_valid(shapes[changed])
    matched = shapes.copy()
    matched[changed[is_sound]] = new[is_sound]
    return matched


def _list_edges(coordinates: FloatArray, ring_offsets: IntArray, layer: IntArray) -> _Edges:
    start = np.delete(np.arange(len(coordinates)), ring_offsets[1:] - 1)
    corners, corner = np.unique(coordinates[:, 0] + 1j * coordinates[:, 1], return_inverse=True)
    ends = np.stack([corner[start], corner[start + 1]], axis=1)
    is_used = ends[:, 0] != ends[:, 1]
    start, ends = start[is_used], ends[is_used]
    low, high = ends.min(axis=1), ends.max(axis=1)
    codes, edge = np.unique(low * len(corners) + high, return_inverse=True)
    low, high = np.divmod(codes, len(corners))
    points = np.stack([corners.real, corners.imag], axis=1)
    in_layer, count = np.unique(edge + layer[start] * len(codes), return_counts=True)
    once = np.unique(in_layer[count == 1] % len(codes))
    loose = points[np.unique(np.concatenate([low[once], high[once]]))]
    return _Edges(np.stack([points[low], points[high]], axis=1), edge, start, ends[:, 0] < ends[:, 1], loose)


def _find_matches(edges: _Edges, tolerance: float) -> tuple[IntArray, FloatArray]:
    """Return edges and points on them, sorted by edge and along it."""
    nothing = np.empty(0, dtype=np.int64), np.empty((0, 2))
    tree, lines = shapely.STRtree(shapely.points(edges.loose)), shapely.linestrings(edges.ends)
    pairs: list[IntArray] = []
    for first in range(0, len(lines) if len(edges.loose) else 0, EDGE_CHUNK_SIZE):
        edge, point = tree.query(lines[first : first + EDGE_CHUNK_SIZE], predicate="dwithin", distance=tolerance)
        inner = _is_away_from_ends(edges.ends[edge + first], edges.loose[point], tolerance)
        pairs.append(np.stack([edge + first, point])[:, inner])
        if sum(pair.shape[1] for pair in pairs) > MAX_MATCHES:
            return nothing
    edge, point = np.concatenate(pairs, axis=1) if pairs else np.empty((2, 0), dtype=np.int64)
    along = np.hypot(*(edges.loose[point] - edges.ends[edge, 0]).T)
    order = np.lexsort((along, edge))
    return edge[order], edges.loose[point[order]]


def _is_away_from_ends(ends: FloatArray, points: FloatArray, tolerance: float) -> np.ndarray:
    return np.asarray((np.linalg.norm(ends - points[:, None], axis=2) > tolerance).all(axis=1))


def _list_insertions(edges: _Edges, edge: IntArray, points: FloatArray) -> tuple[IntArray, FloatArray]:
    """Return the positions in the coordinates before which points are inserted, and the points in their order."""
    count = np.bincount(edge, minlength=len(edges.ends))
    first = np.cumsum(count) - count
    repeats = count[edges.edge]
    stretch = np.repeat(np.arange(len(repeats)), repeats)
    step = np.arange(len(stretch)) - np.repeat(np.cumsum(repeats) - repeats, repeats)
    backward = repeats[stretch] - 1 - step
    chosen = first[edges.edge[stretch]] + np.where(edges.is_forward[stretch], step, backward)
    return edges.start[stretch] + 1, points[chosen]
