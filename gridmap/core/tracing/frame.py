"""Local metres of a traced subdistrict: true to a thousandth within 10 km, enough to check and to arrange shapes."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import shapely

from gridmap.core.array_types import FloatArray, GeometryArray
from gridmap.core.tracing.placement import to_degrees, to_mercator


@dataclass(frozen=True)
class LocalFrame:
    """Metres around a place: Web Mercator, divided by its scale at a latitude.

    Parameters
    ----------
    latitude : float
        Degrees, of the middle of the shapes.
    """

    latitude: float

    @classmethod
    def around(cls, shapes: GeometryArray) -> "LocalFrame":
        """Return the frame of some shapes in degrees; on the equator if there are none.

        >>> LocalFrame.around(np.array([shapely.Point(114, 30), shapely.Point(115, 31)])).latitude
        30.5
        """
        if not len(shapes):
            return cls(0.0)
        _, south, _, north = shapely.total_bounds(shapes)
        return cls(float(south + north) / 2)

    @property
    def scale(self) -> float:
        """Metres on the ground of a metre of Web Mercator."""
        return float(np.cos(np.radians(self.latitude)))

    def to_metres(self, shapes: GeometryArray) -> GeometryArray:
        """Return shapes in degrees in metres of the frame."""
        return self._transform(shapes, lambda lonlat: to_mercator(lonlat) * self.scale)

    def to_degrees(self, shapes: GeometryArray) -> GeometryArray:
        """Return shapes in metres of the frame in degrees.

        >>> frame = LocalFrame(30.0)
        >>> there = frame.to_metres(np.array([shapely.Point(114, 30)], dtype=object))
        >>> bool(shapely.equals_exact(frame.to_degrees(there)[0], shapely.Point(114, 30), 1e-9))
        True
        """
        return self._transform(shapes, lambda metres: to_degrees(metres / self.scale))

    @staticmethod
    def _transform(shapes: GeometryArray, change: Callable[[FloatArray], FloatArray]) -> GeometryArray:
        return np.asarray(shapely.transform(np.asarray(shapes, dtype=object), change), dtype=object)
