"""One layer on its way in: its columns read, its shapes checked as they are."""

from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.core.errors import N_, Fault, Message
from gridmap.formats.columns import read_column
from gridmap.formats.findings import Flaw, Spot, fault, faults_at
from gridmap.formats.layers import Layer, Reading
from gridmap.formats.metric import known
from gridmap.formats.package import Stored, read_stored

VERTICES = 100_000
SHAPES = "{expected}"

NO_ROWS = Flaw(N_("the layer has no rows"), N_("at least one row"))
NO_GEOMETRIES = Flaw(N_("no row of the layer has a geometry"), SHAPES)
NO_GEOMETRY = Flaw(N_("there is no geometry, or an unreadable one"), SHAPES, N_("draw it, or take the row out"))
EMPTY_GEOMETRY = Flaw(N_("the geometry is empty"), SHAPES, N_("draw it, or take the row out"))
WRONG_TYPE = Flaw(N_("the geometry is of the wrong type"), SHAPES)
MIXED = Flaw(
    N_("points and polygons are mixed in one layer"),
    SHAPES,
    N_("draw them all as polygons, or all as points"),
)
NOT_FINITE = Flaw(N_("a coordinate is not a finite number"), N_("finite numbers"), N_("draw the shape again"))
TOO_FINE = Flaw(N_("the shape has {count} vertices"), N_("at most {most} vertices"), N_("simplify it"))
NO_CRS = Flaw(
    N_("the coordinate reference system is missing or unknown"),
    N_("a geographic or projected system, such as EPSG:4490 or EPSG:4326"),
    N_("set it in the program the file comes from"),
)
TURNED = Flaw(N_("longitude and latitude are swapped"), N_("longitude first, then latitude"), N_("swap the two"))
FLIPPED = Flaw(
    N_("the two coordinates are swapped"), N_("the east coordinate first, then the north one"), N_("swap the two")
)
OFF_EARTH = Flaw(
    N_("the coordinates are no degrees"), N_("longitude from -180 to 180, latitude from -90 to 90"), N_("check the CRS")
)
OUT_OF_CRS = Flaw(N_("the coordinates do not fit the coordinate reference system {crs}"), advice=N_("check the CRS"))
LEFT_UNKNOWN = N_("the value is taken as unknown: {problem}")


@dataclass
class Draft:
    """A layer that is being checked.

    Parameters
    ----------
    layer : Layer
        What is expected of it.
    spot : Spot
        Where it is, for faults.
    frame : GeoDataFrame
        All its rows in the order of the file, with every column of the layer.
    sound : ndarray of bool
        Rows whose geometry can be worked with.
    source_crs : CRS or None
        CRS of the file.
    faults, warnings : list of Fault
        What has been found so far.
    """

    layer: Layer
    spot: Spot
    frame: gpd.GeoDataFrame
    sound: NDArray[np.bool_]
    source_crs: CRS | None
    faults: list[Fault] = field(default_factory=list)
    warnings: list[Fault] = field(default_factory=list)

    @property
    def shapes(self) -> NDArray[np.object_]:
        """Geometries of all rows."""
        return np.asarray(self.frame.geometry.to_numpy(), dtype=object)

    @property
    def usable(self) -> gpd.GeoDataFrame:
        """The rows whose geometry can be worked with; the index still counts all rows."""
        return self.frame[self.sound]

    def reject(self, flaw: Flaw, rows: NDArray[np.bool_], **named: object) -> None:
        """Note a fault of the geometry of some rows and work without them from now on."""
        told = {"expected": Message(self.layer.expected), **named}
        self.faults += faults_at(self.spot, flaw, rows & self.sound, column="geometry", named=told)
        self.sound &= ~rows

    def reject_all(self, flaw: Flaw, **named: object) -> None:
        """Note one fault of the whole layer and work without it from now on."""
        told = {"expected": Message(self.layer.expected), **named}
        self.faults.append(fault(self.spot, flaw, column="geometry", named=told))
        self.sound[:] = False


def read_draft(layer: Layer, stored: Stored) -> Draft:
    """Read a layer and check what can be checked of it alone.

    Raises
    ------
    BadInput
        If the layer cannot be read at all.
    """
    raw = read_stored(stored, [column.name for column in layer.columns])
    named = layer.columns[0]
    ids = list(raw[named.name].astype(object)) if named.name in raw and named.reading is not Reading.KIND else []
    draft = Draft(layer, Spot(stored.path.name, stored.layer, ids), raw, np.ones(len(raw), dtype=bool), raw.crs)
    draft.frame = _read_columns(draft, raw)
    if len(raw):
        _check_shapes(draft)
    elif layer.required:
        draft.reject_all(NO_ROWS)
    return draft


def _read_columns(draft: Draft, raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    values: dict[str, pd.Series] = {}
    for column in draft.layer.columns:
        values[column.name], faults = read_column(draft.spot, raw, column)
        if column.reading is Reading.NUMBER:
            draft.warnings += [_left_unknown(fault) for fault in faults]
        else:
            draft.faults += faults
    return gpd.GeoDataFrame(values, geometry=raw.geometry.to_numpy(), crs=raw.crs)


def _left_unknown(found: Fault) -> Fault:
    return replace(found, problem=Message(LEFT_UNKNOWN, {"problem": found.problem}))


def _check_shapes(draft: Draft) -> None:
    shapes = draft.shapes
    missing = shapely.is_missing(shapes)
    if missing.all():
        return draft.reject_all(NO_GEOMETRIES)
    draft.reject(NO_GEOMETRY, missing)
    draft.reject(EMPTY_GEOMETRY, shapely.is_empty(shapes))
    _check_types(draft)
    draft.reject(NOT_FINITE, ~finite(shapes))
    _check_sizes(draft)
    if not known(draft.frame.crs):
        draft.reject_all(NO_CRS)
    elif draft.frame.crs.is_geographic:
        _check_degrees(draft)
    return None


def _check_types(draft: Draft) -> None:
    _unwrap_single_points(draft)
    types = np.array([shape.geom_type if shape is not None else "" for shape in draft.shapes])
    for wrong in sorted(set(types[draft.sound]) - draft.layer.shapes):
        draft.faults += faults_at(
            draft.spot,
            WRONG_TYPE,
            (types == wrong) & draft.sound,
            column="geometry",
            values=types.tolist(),
            named={"expected": Message(draft.layer.expected)},
        )
        draft.sound &= types != wrong
    points = types == "Point"
    if points[draft.sound].any() and not points[draft.sound].all():
        rarer = points if 2 * points[draft.sound].sum() <= draft.sound.sum() else ~points
        draft.reject(MIXED, rarer)


def _unwrap_single_points(draft: Draft) -> None:
    """Some programs store each point as a collection of one."""
    shapes = draft.shapes
    multi = shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT
    single = multi & (shapely.get_num_geometries(shapes) == 1)
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    draft.frame = draft.frame.set_geometry(gpd.GeoSeries(shapely.force_2d(shapes), crs=draft.frame.crs))


def finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Shapes whose coordinates are all finite."""
    points, shape = shapely.get_coordinates(shapes, return_index=True)
    good = np.ones(len(shapes), dtype=bool)
    good[shape[~np.isfinite(points).all(axis=1)]] = False
    return good


def _check_sizes(draft: Draft) -> None:
    counts = shapely.get_num_coordinates(draft.shapes)
    fine = (counts > VERTICES) & draft.sound
    draft.faults += faults_at(
        draft.spot,
        TOO_FINE,
        fine,
        column="geometry",
        named=lambda row: {"count": counts[row], "most": VERTICES},
    )
    draft.sound &= ~fine


def _check_degrees(draft: Draft) -> None:
    west, south, east, north = shapely.bounds(draft.shapes).T
    fits = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    fits_turned = (south >= -180) & (north <= 180) & (west >= -90) & (east <= 90)
    turned = ~fits & fits_turned
    if turned[draft.sound].all() and draft.sound.any():
        draft.reject_all(TURNED)
    draft.reject(TURNED, turned)
    draft.reject(OFF_EARTH, ~fits)
