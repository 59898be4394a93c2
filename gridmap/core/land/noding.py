"""Noding of lines on a fixed grid, and the faces that noded lines close."""

import numpy as np
import shapely

from gridmap.core.array_types import GeometryArray

COORDINATE_PRECISION_M = 1e-3
"""Coordinates are rounded to the millimetre: far below any survey, far above floating-point noise."""


def node_lines(lines: GeometryArray) -> GeometryArray:
    """Cut lines wherever they meet, on the millimetre grid.

    Parameters
    ----------
    lines : ndarray of LineString or MultiLineString, metres

    Returns
    -------
    ndarray of LineString

    Examples
    --------
    >>> cross = shapely.from_wkt(["LINESTRING (0 0, 2 2)", "LINESTRING (0 2, 2 0)"])
    >>> len(node_lines(cross))
    4
    """
    return np.asarray(shapely.get_parts(shapely.union_all(lines, grid_size=COORDINATE_PRECISION_M)))


def polygonize_lines(lines: GeometryArray) -> GeometryArray:
    """Return the polygons that noded lines close; dangling lines close none.

    Parameters
    ----------
    lines : ndarray of LineString

    Returns
    -------
    ndarray of Polygon

    Examples
    --------
    >>> sides = shapely.from_wkt(["LINESTRING (0 0, 1 0, 1 1)", "LINESTRING (1 1, 0 0)", "LINESTRING (1 1, 2 2)"])
    >>> shapely.area(polygonize_lines(sides)).tolist()
    [0.5]
    """
    return np.asarray(shapely.get_parts(shapely.polygonize(lines)))
