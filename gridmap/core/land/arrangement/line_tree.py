"""Search tree over the segments of lines: long lines have boxes that nearly every point is in."""

import numpy as np
import shapely

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray


class LineTree:
    """Search tree over the segments of lines.

    Parameters
    ----------
    lines : ndarray of LineString, MultiLineString, Polygon or MultiPolygon, metres
        Of polygons the borders count.

    Examples
    --------
    >>> tree = LineTree(np.array([shapely.LineString([(0, 0), (4, 0), (4, 4)]), shapely.box(8, 0, 9, 9)]))
    >>> tree.find_near(np.array([[2.0, 1.0], [4.0, 1.0], [8.0, 5.0]]), 0.5)
    (array([1, 2]), array([0, 1]))
    """

    def __init__(self, lines: GeometryArray) -> None:
        rings = np.where(shapely.get_dimensions(lines) == 2, shapely.boundary(lines), lines)
        parts, line_of_part = shapely.get_parts(rings, return_index=True)
        xy, part = shapely.get_coordinates(parts, return_index=True)
        is_joined = part[1:] == part[:-1]
        ends = np.stack([xy[:-1], xy[1:]], axis=1)[is_joined]
        self.line: IntArray = line_of_part[part[:-1][is_joined]]
        self._tree = shapely.STRtree(shapely.linestrings(ends) if len(ends) else [])

    def find_near(self, points: FloatArray, distance_m: float) -> tuple[IntArray, IntArray]:
        """Return the positions of points and lines that are at most a distance apart.

        Parameters
        ----------
        points : ndarray of float, shape (n, 2)
        distance_m : float

        Returns
        -------
        points, lines : ndarray of int
            A pair occurs once for each segment of the line that is near.
        """
        point, segment = self._tree.query(shapely.points(points), predicate="dwithin", distance=distance_m)
        return point, self.line[segment]
