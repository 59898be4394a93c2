"""One layer on its way in: its columns read, its shapes checked, brought to metres and mended."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS, Transformer

from gridmap.core.errors import N_, Fault
from gridmap.core.land.clean import repair
from gridmap.formats.columns import read_column
from gridmap.formats.findings import Flaw, Spot, fault, faults_at
from gridmap.formats.layers import AREAS, Layer, Reading
from gridmap.formats.metric import known
from gridmap.formats.package import Stored, read_stored

VERTICES = 100_000
SLIP_M2 = 1.0

NO_ROWS = Flaw(N_("the layer has no rows"), N_("at least one row"))
NO_GEOMETRIES = Flaw(N_("no row of the layer has a geometry"), N_("{expected}"))
NO_GEOMETRY = Flaw(
    N_("there is no geometry, or an unreadable one"), N_("{expected}"), N_("draw it, or take the row out")
)
EMPTY_GEOMETRY = Flaw(N_("the geometry is empty"), N_("{expected}"), N_("draw it, or take the row out"))
WRONG_TYPE = Flaw(N_("the geometry is of the wrong type"), N_("{expected}"))
MIXED = Flaw(
    N_("points and polygons are mixed in one layer"),
    N_("{expected}"),
    N_("draw them all as polygons, or all as points"),
)
NOT_FINITE = Flaw(N_("a coordinate is not a finite number"), N_("finite numbers"), N_("draw the shape again"))
TOO_FINE = Flaw(N_("the shape has {count} vertices"), N_("at most {most} vertices"), N_("simplify it"))
NO_CRS = Flaw(
    N_("the coordinate reference system is missing or unknown"),
    N_("a geographic or projected system, such as EPSG:4490 or EPSG:4326"),
    N_("set it in the program the file comes from"),
)
TURNED = Flaw(
    N_("longitude and latitude are swapped"), N_("longitude first, then latitude"), N_("swap the two and export again")
)
OFF_EARTH = Flaw(
    N_("the coordinates are no degrees"), N_("longitude from -180 to 180, latitude from -90 to 90"), N_("check the CRS")
)
OUT_OF_CRS = Flaw(N_("the coordinates do not fit the coordinate reference system {crs}"), advice=N_("check the CRS"))
CROSSES_ITSELF = Flaw(
    N_("the outline crosses itself"), N_("an outline that does not touch itself"), N_("redraw it at {place}")
)
MENDED = Flaw(N_("the outline touched itself and was mended; its area changed by {change} m²"))
LEFT_UNKNOWN = Flaw(N_("the value is taken as unknown: {problem}"))


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
        told = {"expected": self.layer.expected, **named}
        self.faults += faults_at(self.spot, flaw, rows & self.sound, column="geometry", named=told)
        self.sound &= ~rows

    def reject_all(self, flaw: Flaw, **named: object) -> None:
        """Note one fault of the whole layer and work without it from now on."""
        told = {"expected": self.layer.expected, **named}
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
    name = layer.columns[0].name
    ids = list(raw[name].astype(object)) if name in raw else []
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
    return Fault(
        **{**found.__dict__, "problem": fault(Spot(""), LEFT_UNKNOWN, named={"problem": found.problem}).problem}
    )


def _check_shapes(draft: Draft) -> None:
    shapes = draft.shapes
    missing = shapely.is_missing(shapes)
    if missing.all():
        return draft.reject_all(NO_GEOMETRIES)
    draft.reject(NO_GEOMETRY, missing)
    draft.reject(EMPTY_GEOMETRY, shapely.is_empty(shapes))
    _check_types(draft)
    draft.reject(NOT_FINITE, ~_finite(shapes))
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
            named={"expected": draft.layer.expected},
        )
        draft.sound &= types != wrong
    points = types == "Point"
    if points[draft.sound].any() and not points[draft.sound].all():
        rarer = points if 2 * points[draft.sound].sum() <= draft.sound.sum() else ~points
        draft.reject(MIXED, rarer)


def _unwrap_single_points(draft: Draft) -> None:
    """Some programs store each point as a collection of one."""
    shapes = draft.shapes
    single = (shapely.get_type_id(shapes) == shapely.GeometryType.MULTIPOINT) & (
        shapely.get_num_geometries(shapes) == 1
    )
    shapes[single] = shapely.get_geometry(shapes[single], 0)
    draft.frame = draft.frame.set_geometry(gpd.GeoSeries(shapely.force_2d(shapes), crs=draft.frame.crs))


def _finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    points, shape = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[shape[~np.isfinite(points).all(axis=1)]] = False
    return finite


def _check_sizes(draft: Draft) -> None:
    counts = shapely.get_num_coordinates(draft.shapes)
    for row in np.flatnonzero((counts > VERTICES) & draft.sound):
        only = np.arange(len(counts)) == row
        draft.reject(TOO_FINE, only, count=int(counts[row]), most=VERTICES)


def _check_degrees(draft: Draft) -> None:
    west, south, east, north = shapely.bounds(draft.shapes).T
    fits = (west >= -180) & (east <= 180) & (south >= -90) & (north <= 90)
    fits_turned = (south >= -180) & (north <= 180) & (west >= -90) & (east <= 90)
    draft.reject(TURNED, ~fits & fits_turned)
    draft.reject(OFF_EARTH, ~fits)


def bring_to(draft: Draft, crs: CRS) -> None:
    """Bring the sound rows of a draft to a CRS in metres; rows that cannot be brought there are rejected."""
    rows = np.flatnonzero(draft.sound)
    shapes = np.full(len(draft.frame), None, dtype=object)
    shapes[rows] = draft.frame.geometry.iloc[rows].to_crs(crs).to_numpy() if len(rows) else []
    draft.frame = draft.frame.set_geometry(gpd.GeoSeries(shapes, crs=crs))
    draft.reject(OUT_OF_CRS, ~_finite(shapes), crs=draft.source_crs.name if draft.source_crs else "")


def mend(draft: Draft) -> None:
    """Mend polygons that touch themselves by a slip, and reject those that do more than that."""
    rows = np.flatnonzero(draft.sound & np.isin(draft.frame.geom_type, list(AREAS)))
    before = draft.shapes[rows]
    area = np.abs(shapely.area(before))
    after, mended, broken = repair(before, np.maximum(SLIP_M2, draft.layer.slip * area))
    change = np.abs(shapely.area(after) - area)
    draft.warnings += _told(draft, MENDED, rows, mended, lambda i: {"change": f"{change[i]:.1f}"})
    draft.faults += _told(draft, CROSSES_ITSELF, rows, broken, lambda i: {"place": _crossing(draft, before[i])})
    draft.sound[rows[broken]] = False
    shapes = draft.shapes
    shapes[rows] = after
    draft.frame = draft.frame.set_geometry(gpd.GeoSeries(shapes, crs=draft.frame.crs))


def _told(
    draft: Draft,
    flaw: Flaw,
    rows: NDArray[np.intp],
    which: NDArray[np.bool_],
    named: Callable[[int], Mapping[str, str]],
) -> list[Fault]:
    """Faults for some of the rows; `named` is asked with their position among `rows`."""
    position = {int(row): i for i, row in enumerate(rows)}
    return faults_at(draft.spot, flaw, rows[which], column="geometry", named=lambda row: named(position[row]))


def _crossing(draft: Draft, shape: shapely.Geometry) -> str:
    """Where an outline crosses itself, in the coordinates of the file."""
    x, y = re.findall(r"[-\d.e]+", shapely.is_valid_reason(shape).partition("[")[2])[:2]
    place = Transformer.from_crs(draft.frame.crs, draft.source_crs, always_xy=True).transform(float(x), float(y))
    return ", ".join(f"{coordinate:.9g}" for coordinate in place)
