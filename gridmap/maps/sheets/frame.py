"""Frame of a map on paper: from longitude and latitude to millimetres, north up and true to scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import shapely
from pyproj import Transformer

from gridmap.core.array_types import FloatArray, GeometryArray
from gridmap.maps.sheets.paper import Paper, SheetFormat, choose_format, fit_scale

MM_PER_M = 1000.0


@dataclass(frozen=True)
class MapFrame:
    """Frame of a map.

    Parameters
    ----------
    sheet_format : SheetFormat
    scale : int
        Denominator: a millimetre on the paper is as many millimetres on the ground.
    origin : tuple of float
        Longitude and latitude of the middle of the grid.
    centre_m : tuple of float
        Middle of the frame in metres east and north of the origin.
    """

    sheet_format: SheetFormat
    scale: int
    origin: tuple[float, float]
    centre_m: tuple[float, float]

    @property
    def drawing_scale(self) -> float:
        """Denominator of the layout, which is smaller than the paper where that is larger than A3."""
        return self.scale * self.sheet_format.enlargement

    @cached_property
    def outline(self) -> shapely.Polygon:
        """Outline of the frame in millimetres of the layout."""
        return shapely.box(0, 0, *self.sheet_format.frame_mm)

    @cached_property
    def _transformer(self) -> Transformer:
        return _local_transformer(self.origin)

    def to_paper(self, shapes: Sequence[shapely.Geometry]) -> GeometryArray:
        """Return shapes in millimetres of the layout from the upper left corner of the frame.

        Parameters
        ----------
        shapes : sequence of Geometry, degrees
        """
        degrees = np.array([*shapes, None], dtype=object)[:-1]  # without None, numpy might unpack collections
        return np.asarray(shapely.transform(degrees, self._paper_points), dtype=object)

    def bounds_degrees(self) -> tuple[float, float, float, float]:
        """Return west, south, east and north of the frame."""
        half = [side * self.drawing_scale / MM_PER_M / 2 for side in self.sheet_format.frame_mm]
        corners = np.array([[x, y] for x in (-half[0], half[0]) for y in (-half[1], half[1])]) + self.centre_m
        east_m, north_m = corners.T
        xy = np.column_stack(self._transformer.transform(east_m, north_m, direction="INVERSE"))
        (west, south), (east, north) = xy.min(axis=0).tolist(), xy.max(axis=0).tolist()
        return west, south, east, north

    def _paper_points(self, degrees: FloatArray) -> FloatArray:
        metres = np.column_stack(self._transformer.transform(*degrees.T)) - self.centre_m
        return np.asarray(np.array(self.sheet_format.frame_mm) / 2 + metres * [1, -1] * MM_PER_M / self.drawing_scale)


def fit_frame(grid: shapely.Geometry, paper: Paper, *, landscape: bool | None = None) -> MapFrame:
    """Return the frame in which a grid is drawn as large as the paper allows.

    Parameters
    ----------
    grid : Geometry, degrees
    paper : Paper
    landscape : bool, optional
        Orientation that the reader wants; by default the one with the larger scale.
    """
    west, south, east, north = shapely.bounds(grid).tolist()
    origin = (west + east) / 2, (south + north) / 2
    transformer = _local_transformer(origin)
    metres = shapely.transform(grid, lambda degrees: np.column_stack(transformer.transform(*degrees.T)))
    left, bottom, right, top = shapely.bounds(metres).tolist()
    extent = right - left, top - bottom
    sheet_format = choose_format(extent, paper, landscape=landscape)
    centre = (left + right) / 2, (bottom + top) / 2
    return MapFrame(sheet_format, fit_scale(extent, sheet_format), origin, centre)


def _local_transformer(origin: tuple[float, float]) -> Transformer:
    """Return the transformer to metres around a point; within 10 km, lengths are true to a millionth."""
    longitude, latitude = origin
    local = f"+proj=tmerc +lat_0={latitude} +lon_0={longitude} +k=1 +ellps=WGS84 +units=m"
    return Transformer.from_crs("EPSG:4326", local, always_xy=True)
