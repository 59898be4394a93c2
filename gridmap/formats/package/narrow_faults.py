"""Mending of communities in the coordinates of their file: narrow gaps and overlaps are warnings, not faults."""

from collections.abc import Iterable

import geopandas as gpd
import numpy as np
import shapely
from pyproj import Transformer

from gridmap.core.array_types import FloatArray, GeometryArray, IntArray
from gridmap.core.coverage.community_repair import MendedFault, mend_narrow_faults
from gridmap.core.errors import N_
from gridmap.core.vocabulary import FindingKind
from gridmap.formats.crs import is_known_crs
from gridmap.formats.package.layer_reader import ParsedLayer
from gridmap.formats.package.layer_schemas import POLYGONS
from gridmap.formats.row_faults import FaultTemplate, make_row_faults

MENDED = {
    FindingKind.OVERLAP: FaultTemplate(
        N_(
            "narrow overlaps with {other} were mended: {count}, {area} m² in all, at most {width} m wide, near {place};"
            " {owner} has the land"
        ),
        N_("shapes that share borders but no land"),
        N_("redraw the common border"),
    ),
    FindingKind.GAP: FaultTemplate(
        N_(
            "narrow gaps to {other} were mended: {count}, {area} m² in all, at most {width} m wide, near {place};"
            " {owner} has the land"
        ),
        N_("shapes that share borders"),
        N_("redraw the common border"),
    ),
}
PROBE_SHARE = 0.001
"""Share of the extent over which the length of a unit is measured."""


def mend_communities(communities: ParsedLayer, max_width_m: float) -> bool:
    """Mend narrow gaps and overlaps of communities, and warn of them; return whether there were any.

    Parameters
    ----------
    communities : ParsedLayer
        In the coordinates of the file; invalid polygons are left out. Polygons that were mended are replaced, where
        all vertices that they had keep their coordinates.
    max_width_m : float
        Width up to which faults are mended, measured on the ground.
    """
    shapes = communities.shapes
    is_polygon = communities.is_valid & np.isin(communities.frame.geom_type, list(POLYGONS))
    rows = np.flatnonzero(is_polygon & shapely.is_valid(shapes))
    if len(rows) < 2 or not is_known_crs(communities.source_crs):
        return False
    frame = _LocalMetres(communities.frame.iloc[rows])
    local = frame.to_metres(shapes[rows])
    mended_shapes, mended = mend_narrow_faults(local, max_width_m)
    changed = [after is not before for after, before in zip(mended_shapes, local, strict=True)]
    shapes[rows[changed]] = frame.to_file(mended_shapes[changed])
    communities.frame = communities.frame.set_geometry(gpd.GeoSeries(shapes, crs=communities.frame.crs))
    _warn(communities, rows, mended, frame)
    return bool(mended)


class _LocalMetres:
    """Metres from a corner of a layer: its coordinates, shifted and scaled along each axis, so lines stay straight."""

    def __init__(self, layer: gpd.GeoDataFrame) -> None:
        bounds = np.asarray(layer.total_bounds, dtype=np.float64)
        self.origin = bounds[:2]
        self.scale = _measure_units(layer, bounds)
        original = np.unique(shapely.get_coordinates(layer.geometry.to_numpy()), axis=0)
        local = self._shift(original)
        order = np.lexsort(local.T[::-1])
        self.original, self.local = original[order], _as_keys(local[order])

    def to_metres(self, shapes: GeometryArray) -> GeometryArray:
        """Return shapes of the file in metres."""
        return np.asarray(shapely.transform(shapes, self._shift))

    def to_file(self, shapes: GeometryArray) -> GeometryArray:
        """Return shapes in the coordinates of the file; vertices of the layer have exactly those they had."""
        return np.asarray(shapely.transform(shapes, self._unshift))

    def _shift(self, points: FloatArray) -> FloatArray:
        return np.asarray((points - self.origin) * self.scale)

    def _unshift(self, points: FloatArray) -> FloatArray:
        keys = _as_keys(points)
        position = np.minimum(np.searchsorted(self.local, keys), len(self.local) - 1)
        is_known = self.local[position] == keys
        return np.where(is_known[:, None], self.original[position], points / self.scale + self.origin)


def _as_keys(points: FloatArray) -> np.ndarray:
    """Return points as complex numbers, which numpy compares by the first coordinate, then by the second."""
    return np.asarray(points[:, 0] + 1j * points[:, 1])


def _measure_units(layer: gpd.GeoDataFrame, bounds: FloatArray) -> FloatArray:
    """Return how many metres on the ground one unit of each axis has in the middle of a layer."""
    centre, step = (bounds[:2] + bounds[2:]) / 2, PROBE_SHARE * np.ptp(bounds.reshape(2, 2), axis=0).max()
    to_lonlat = Transformer.from_crs(layer.crs, layer.crs.geodetic_crs, always_xy=True)
    probes = centre + np.array([[0, 0], [step, 0], [0, step]])
    lon, lat = to_lonlat.transform(*probes.T)
    _, _, metres = layer.crs.get_geod().inv([lon[0]] * 2, [lat[0]] * 2, lon[1:], lat[1:])
    return np.asarray(np.array(metres) / step, dtype=np.float64)


def _warn(communities: ParsedLayer, rows: IntArray, mended: Iterable[MendedFault], frame: _LocalMetres) -> None:
    """Add a warning for each kind of fault between two communities."""
    groups: dict[tuple[int, int, FindingKind], list[MendedFault]] = {}
    for fault in mended:
        groups.setdefault((int(rows[fault.owner]), int(rows[fault.other]), fault.kind), []).append(fault)
    for (owner, other, kind), faults in sorted(groups.items()):
        largest = max(faults, key=lambda fault: fault.shape.area)
        point = frame.to_file(np.array([shapely.point_on_surface(largest.shape)]))[0]
        values = {
            "owner": _label(communities, owner),
            "other": _label(communities, other),
            "count": len(faults),
            "area": f"{sum(fault.shape.area for fault in faults):.1f}",
            "width": f"{max(fault.width_m for fault in faults):.2f}",
            "place": f"{point.x:.9g}, {point.y:.9g}",
        }
        communities.warnings += make_row_faults(
            communities.location, MENDED[kind], np.array([owner]), column="geometry", placeholders=values
        )


def _label(communities: ParsedLayer, row: int) -> str:
    """Return the code of a community and its row in the file, as faults name them."""
    code = communities.frame[communities.schema.columns[0].name].iloc[row]
    return f"{code} ({communities.location.row_number(row)})"
