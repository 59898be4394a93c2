"""Enclosures: the land closed in by streets, barriers, dedicated land and the boundaries of communities."""

from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, GeometryArray, IntArray
from gridmap.core.land.arrangement.noding import node_lines, polygonize_lines
from gridmap.core.land.barriers import Barriers
from gridmap.core.land.point_location import locate_faces
from gridmap.core.land.town import Town

STRIP_WIDTH_M = 15.0
"""Greatest width of a strip between dedicated land and a street: verge, pavement and half of an arterial street."""
CORNER_TOLERANCE_M = 2.0
"""A vertex of dedicated land is a corner where the outline without it would run farther away than this."""


@dataclass(frozen=True, eq=False)
class Enclosures:
    """Faces between barriers.

    Parameters
    ----------
    lines : ndarray of LineString, metres
        The noded lines that close the faces.
    shapes : ndarray of Polygon
        The faces that lie in a community.
    community, dedicated : ndarray of int, one per face
        Position of the community of each face, and of the dedicated land it lies on (-1: none).
    water : ndarray of bool
        Whether a face is water.
    zone : ndarray of int
        Position of the drawn grid that alone holds each face; -1 for none, -2 for several.
    """

    lines: GeometryArray
    shapes: GeometryArray
    community: IntArray
    dedicated: IntArray
    water: BoolArray
    zone: IntArray


def build_enclosures(town: Town, barriers: Barriers, drawn: GeometryArray | None = None) -> Enclosures:
    """Build the enclosures of a town.

    Parameters
    ----------
    town : Town
        Layers in metres.
    barriers : Barriers
        Its lines, from `collect_barriers`.
    drawn : ndarray of Polygon or MultiPolygon, optional
        Drawn grids, whose borders close enclosures, too.

    Returns
    -------
    Enclosures
        Faces without overlap; faces outside every community are left out.

    Examples
    --------
    >>> from gridmap.core.land.barriers import collect_barriers
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(500)
    >>> enclosures = build_enclosures(town, collect_barriers(town))
    >>> bool(np.isclose(shapely.area(enclosures.shapes).sum(), town.communities.area.sum()))
    True
    """
    communities, dedicated = town.communities.geometry.to_numpy(), town.dedicated.geometry.to_numpy()
    grids = np.empty(0, dtype=object) if drawn is None else drawn
    outlines = [shapely.boundary(communities), shapely.boundary(dedicated), _borders_within(communities, grids)]
    noded = node_lines(np.concatenate([barriers.lines, *outlines, _cut_strips(town, barriers.lines)]))
    lines, shapes = noded.shapes, polygonize_lines(noded)
    community = locate_faces(shapes, communities)
    shapes, community = shapes[community >= 0], community[community >= 0]
    is_water = locate_faces(shapes, barriers.water) >= 0
    return Enclosures(lines, shapes, community, locate_faces(shapes, dedicated), is_water, _find_zones(shapes, grids))


def _cut_strips(town: Town, streets: GeometryArray) -> GeometryArray:
    """Return lines from the corners of dedicated land to the streets and barriers near them.

    They divide a strip between a school and the streets around it into one piece along each street. Undivided, it
    would surround the school as land of a single grid.
    """
    lands = town.dedicated.geometry.to_numpy()
    corners = shapely.points(shapely.get_coordinates(shapely.simplify(lands, CORNER_TOLERANCE_M)))
    corner, street = shapely.STRtree(streets).query(corners, predicate="dwithin", distance=STRIP_WIDTH_M)
    cuts = shapely.shortest_line(corners[corner], streets[street])
    cuts = cuts[shapely.length(cuts) > 0]
    ends = shapely.get_coordinates(cuts).reshape(-1, 2, 2)
    between = shapely.linestrings(0.99 * ends + 0.01 * ends[:, ::-1])
    obstacles = np.concatenate([streets, lands, town.buildings.geometry.to_numpy()])
    blocked = shapely.STRtree(between).query(obstacles, predicate="intersects")[1]
    return np.delete(cuts, blocked)


def _borders_within(communities: GeometryArray, grids: GeometryArray) -> GeometryArray:
    """Return the borders of grids within communities; outside they would close tiny faces that belong to nobody."""
    if not len(grids):
        return grids
    land = shapely.union_all(communities)
    shapely.prepare(land)
    parts = shapely.get_parts(shapely.get_parts(shapely.intersection(shapely.boundary(grids), land)))
    return np.asarray(parts[shapely.get_dimensions(parts) == 1])


def _find_zones(faces: GeometryArray, grids: GeometryArray) -> IntArray:
    """Return the grid that alone holds each face; -1 for none, -2 for several."""
    face, grid = shapely.STRtree(grids).query(shapely.point_on_surface(faces), predicate="intersects")
    count = np.bincount(face, minlength=len(faces))
    zone = np.full(len(faces), -1, dtype=np.int64)
    zone[face] = grid
    return np.where(count > 1, -2, zone)
