"""Reading of one layer: its columns, and the checks of its shapes alone."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import CRS

from gridmap.core.errors import N_, InputFault, Message
from gridmap.core.geodesy.candidates import Bounds, CrsCandidate, find_fitting, list_candidates
from gridmap.core.geodesy.datums import Datum
from gridmap.formats.crs import is_known_crs
from gridmap.formats.package.columns import read_column
from gridmap.formats.package.layer_schemas import LINES, POLYGONS, ColumnType, LayerSchema
from gridmap.formats.package.shape_parts import choose_shape
from gridmap.formats.readers.layer_rows import read_columns
from gridmap.formats.readers.layer_source import LayerSource
from gridmap.formats.row_faults import FaultLocation, FaultTemplate, make_fault, make_row_faults

MAX_VERTICES = 100_000
DEGREE_ROUNDING = 1e-6
"""Degrees, about 10 cm, by which rounding of other programs may pass the antimeridian or a pole."""
EXPECTED = "{expected}"

NO_ROWS = FaultTemplate(N_("the layer has no rows"), N_("at least one row"))
NO_GEOMETRIES = FaultTemplate(N_("no row of the layer has a geometry"), EXPECTED)
NO_GEOMETRY = FaultTemplate(
    N_("there is no geometry, or an unreadable one"), EXPECTED, N_("draw it, or delete the row")
)
EMPTY_GEOMETRY = FaultTemplate(N_("the geometry is empty"), EXPECTED, N_("draw it, or delete the row"))
WRONG_TYPE = FaultTemplate(N_("the geometry is of the wrong type"), EXPECTED)
OPEN_LINE = FaultTemplate(
    N_("the outline is a line whose ends do not meet"),
    EXPECTED,
    N_("close it, or make polygons of lines with Lines to polygons in QGIS"),
)
NO_PART = FaultTemplate(
    N_("no part of the collection is of the right type"), EXPECTED, N_("draw it, or delete the row")
)
SURFACE_IN_SPACE = FaultTemplate(
    N_("the shape is a surface in space (TIN or PolyhedralSurface)"),
    EXPECTED,
    N_("export its outline, for example with Multipatch Footprint in ArcGIS"),
)
CLOSED_LINE = FaultTemplate(N_("the outline is drawn as a closed line: it is read as a polygon"))
PARTS_LEFT_OUT = FaultTemplate(N_("parts of other types are left out: {types}"))
MIXED_TYPES = FaultTemplate(
    N_("points and polygons are mixed in one layer"),
    EXPECTED,
    N_("draw them all as polygons, or all as points"),
)
INFINITE_COORDINATE = FaultTemplate(
    N_("a coordinate is not a finite number"), N_("finite numbers"), N_("draw the shape again")
)
TOO_MANY_VERTICES = FaultTemplate(
    N_("the shape has {count} vertices"), N_("at most {maximum} vertices"), N_("simplify it")
)
NO_CRS = FaultTemplate(
    N_("the coordinate reference system is missing or unknown"),
    N_("a geographic or projected system, such as EPSG:4490 or EPSG:4326"),
    N_("set it in the program the file comes from"),
)
NO_CRS_BUT_FITS = FaultTemplate(
    N_("the coordinate reference system is missing; the coordinates fit {candidates}, since {evidence}"),
    N_("a geographic or projected system, such as EPSG:4490 or EPSG:4326"),
    N_("set the CRS {candidate} in the program the file comes from, or give --crs {layer}={candidate}"),
)
MAX_NAMED_CANDIDATES = 2
"""Candidates that a fault names; more are no help."""
DEGREES_SWAPPED = FaultTemplate(
    N_("longitude and latitude are swapped"), N_("longitude first, then latitude"), N_("swap the two")
)
METRES_SWAPPED = FaultTemplate(
    N_("the two coordinates are swapped"), N_("the east coordinate first, then the north one"), N_("swap the two")
)
METRES_NOT_DEGREES = FaultTemplate(
    N_("the coordinates are not degrees; they fit {candidates}, since {evidence}"),
    N_("longitude from -180 to 180, latitude from -90 to 90"),
    N_("set the CRS {candidate} in the program the file comes from, or give --crs {layer}={candidate}"),
)
NOT_DEGREES = FaultTemplate(
    N_("the coordinates are not degrees"),
    N_("longitude from -180 to 180, latitude from -90 to 90"),
    N_("check the CRS"),
)
OUTSIDE_CRS = FaultTemplate(
    N_("the coordinates do not fit the coordinate reference system {crs}"), advice=N_("check the CRS")
)
TAKEN_AS_UNKNOWN = N_("the value counts as unknown: {problem}")


@dataclass
class ParsedLayer:
    """Layer of a package while it is checked.

    Parameters
    ----------
    schema : LayerSchema
        Expected columns and geometry types.
    location : FaultLocation
        File and layer, for faults.
    frame : GeoDataFrame
        All its rows in the order of the file, with every column of the layer.
    is_valid : ndarray of bool
        Rows with a usable geometry.
    source_crs : CRS or None
        CRS of the file.
    datum : Datum or None
        Datum that the reader of the file names.
    surface_rows : sequence of int
        Rows without a geometry that are surfaces in space.
    faults, warnings : list of InputFault
        Faults and warnings found so far.
    """

    schema: LayerSchema
    location: FaultLocation
    frame: gpd.GeoDataFrame
    is_valid: NDArray[np.bool_]
    source_crs: CRS | None
    datum: Datum | None = None
    surface_rows: Sequence[int] = ()
    faults: list[InputFault] = field(default_factory=list)
    warnings: list[InputFault] = field(default_factory=list)

    @property
    def shapes(self) -> NDArray[np.object_]:
        """Return the geometries of all rows."""
        return np.asarray(self.frame.geometry.to_numpy(), dtype=object)

    @property
    def valid_rows(self) -> gpd.GeoDataFrame:
        """Return the rows with a usable geometry; the index still counts all rows."""
        return self.frame[self.is_valid]

    def reject(self, template: FaultTemplate, rows: NDArray[np.bool_], **placeholders: object) -> None:
        """Record a fault of the geometry of some rows, and exclude them."""
        named = {"expected": Message(self.schema.expected), **placeholders}
        self.faults += make_row_faults(
            self.location, template, rows & self.is_valid, column="geometry", placeholders=named
        )
        self.is_valid &= ~rows

    def reject_all(self, template: FaultTemplate, **placeholders: object) -> None:
        """Record one fault of the whole layer, and exclude all its rows."""
        named = {"expected": Message(self.schema.expected), "layer": self.schema.name, **placeholders}
        self.faults.append(make_fault(self.location, template, column="geometry", placeholders=named))
        self.is_valid[:] = False


def parse_layer(schema: LayerSchema, layer_source: LayerSource) -> ParsedLayer:
    """Read a layer and run the checks that need no other layer.

    Raises
    ------
    InvalidInput
        If the layer cannot be read at all.
    """
    raw = read_columns(layer_source, schema.fields)
    location = replace(layer_source.location, row_ids=_row_ids(schema, raw), headers=raw.attrs["choice"].other_words())
    is_valid, surfaces = np.ones(len(raw), dtype=bool), raw.attrs["surfaces"]
    parsed = ParsedLayer(schema, location, raw, is_valid, raw.crs, layer_source.datum, surfaces)
    parsed.warnings += raw.attrs["notes"]
    parsed.frame = _parse_columns(parsed, raw)
    if len(raw):
        _check_shapes(parsed)
    elif schema.required:
        parsed.reject_all(NO_ROWS)
    return parsed


def layer_frame(schema: LayerSchema, parsed_layers: Mapping[str, ParsedLayer], crs: CRS) -> gpd.GeoDataFrame:
    """Return the rows of a layer; an empty layer with its columns if the package does not have it."""
    if schema.name in parsed_layers:
        return parsed_layers[schema.name].frame
    columns = {
        column.name: pd.Series([], dtype=object) for column in schema.columns if column.value_type != ColumnType.COUNT
    }
    return gpd.GeoDataFrame(columns, geometry=[], crs=crs)


def _row_ids(schema: LayerSchema, raw: gpd.GeoDataFrame) -> list[object]:
    """Return the values of the first column, which identifies a row unless it is a kind."""
    column = schema.columns[0]
    return list(raw[column.name].astype(object)) if column.name in raw and column.value_type != ColumnType.KIND else []


def _parse_columns(parsed: ParsedLayer, raw: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    values: dict[str, pd.Series] = {}
    for column in parsed.schema.columns:
        values[column.name], faults, notes = read_column(parsed.location, raw, column)
        parsed.warnings += notes
        if column.value_type is ColumnType.NUMBER:
            parsed.warnings += [_unknown_value_warning(fault) for fault in faults]
        else:
            parsed.faults += faults
    return gpd.GeoDataFrame(values, geometry=raw.geometry.to_numpy(), crs=raw.crs)


def _unknown_value_warning(column_fault: InputFault) -> InputFault:
    return replace(column_fault, problem=Message(TAKEN_AS_UNKNOWN, {"problem": column_fault.problem}))


def _check_shapes(parsed: ParsedLayer) -> None:
    shapes = parsed.shapes
    missing = shapely.is_missing(shapes)
    if missing.all() and not parsed.surface_rows:
        return parsed.reject_all(NO_GEOMETRIES)
    parsed.reject(SURFACE_IN_SPACE, np.isin(np.arange(len(shapes)), parsed.surface_rows))
    parsed.reject(NO_GEOMETRY, missing)
    parsed.reject(EMPTY_GEOMETRY, shapely.is_empty(shapes))
    parsed.reject(INFINITE_COORDINATE, ~is_finite(shapes))
    _check_types(parsed)
    _check_vertex_counts(parsed)
    if is_known_crs(parsed.frame.crs) and parsed.frame.crs.is_geographic:
        _check_degrees(parsed)
    return None


def _few_candidates(parsed: ParsedLayer, place: Bounds | None = None) -> list[CrsCandidate]:
    """Return the CRS that the coordinates may be in, unless there are too many to help."""
    if not parsed.is_valid.any():
        return []
    west, south, east, north = shapely.total_bounds(parsed.shapes[parsed.is_valid]).tolist()
    bounds = west, south, east, north
    if place and (fitting := find_fitting(bounds, place)):
        return fitting
    candidates = list_candidates(bounds)
    return candidates if len(candidates) <= MAX_NAMED_CANDIDATES else []


def reject_unknown_crs(parsed: ParsedLayer, place: Bounds | None = None) -> None:
    """Reject a layer without a CRS that can be used; name those that its coordinates fit.

    Parameters
    ----------
    parsed : ParsedLayer
    place : Bounds, optional
        Longitudes and latitudes of the communities: of all CRS that fit by size, those that lead there are named.
    """
    if is_known_crs(parsed.frame.crs) or shapely.is_missing(parsed.shapes).all():
        return
    if candidates := _few_candidates(parsed, place):
        parsed.reject_all(NO_CRS_BUT_FITS, **candidate_placeholders(candidates))
    else:
        parsed.reject_all(NO_CRS)


def candidate_placeholders(candidates: Sequence[CrsCandidate]) -> dict[str, object]:
    """Return what a fault says about the CRS that coordinates may be in."""
    names = " / ".join(each.name for each in candidates[:MAX_NAMED_CANDIDATES])
    return {"candidates": names, "candidate": candidates[0].name, "evidence": candidates[0].evidence}


def _check_types(parsed: ParsedLayer) -> None:
    _choose_parts(parsed)
    types = np.array([shape.geom_type if shape is not None else "" for shape in parsed.shapes])
    if parsed.schema.geometry_types & POLYGONS and not parsed.schema.geometry_types & LINES:
        parsed.reject(OPEN_LINE, np.isin(types, list(LINES)))
    for wrong in sorted(set(types[parsed.is_valid]) - parsed.schema.geometry_types):
        parsed.faults += make_row_faults(
            parsed.location,
            NO_PART if wrong == "GeometryCollection" else WRONG_TYPE,
            (types == wrong) & parsed.is_valid,
            column="geometry",
            values=types.tolist(),
            placeholders={"expected": Message(parsed.schema.expected)},
        )
        parsed.is_valid &= types != wrong
    points = types == "Point"
    if points[parsed.is_valid].any() and not points[parsed.is_valid].all():
        rarer = points if 2 * points[parsed.is_valid].sum() <= parsed.is_valid.sum() else ~points
        parsed.reject(MIXED_TYPES, rarer)


def _choose_parts(parsed: ParsedLayer) -> None:
    """Take of every shape what the layer can hold, without heights."""
    shapes, types = shapely.force_2d(parsed.shapes), parsed.schema.geometry_types
    rows = [row for row in np.flatnonzero(parsed.is_valid).tolist() if shapes[row].geom_type not in types]
    chosen = {row: choose_shape(shapes[row], types) for row in rows}
    for row, choice in chosen.items():
        shapes[row] = choice.shape
    parsed.frame = parsed.frame.set_geometry(gpd.GeoSeries(shapes, crs=parsed.frame.crs))
    parsed.warnings += make_row_faults(
        parsed.location, CLOSED_LINE, [row for row in rows if chosen[row].was_line], column="geometry"
    )
    parsed.warnings += make_row_faults(
        parsed.location,
        PARTS_LEFT_OUT,
        [row for row in rows if chosen[row].left_out],
        column="geometry",
        placeholders=lambda row: {"types": ", ".join(chosen[row].left_out)},
    )


def is_finite(shapes: NDArray[np.object_]) -> NDArray[np.bool_]:
    """Return for each shape whether all its coordinates are finite."""
    points, shape_index = shapely.get_coordinates(shapes, return_index=True)
    finite = np.ones(len(shapes), dtype=bool)
    finite[shape_index[~np.isfinite(points).all(axis=1)]] = False
    return finite


def _check_vertex_counts(parsed: ParsedLayer) -> None:
    counts = shapely.get_num_coordinates(parsed.shapes)
    too_many = (counts > MAX_VERTICES) & parsed.is_valid
    parsed.faults += make_row_faults(
        parsed.location,
        TOO_MANY_VERTICES,
        too_many,
        column="geometry",
        placeholders=lambda row: {"count": counts[row], "maximum": MAX_VERTICES},
    )
    parsed.is_valid &= ~too_many


def _check_degrees(parsed: ParsedLayer) -> None:
    west, south, east, north = shapely.bounds(parsed.shapes).T
    lon, lat = 180 + DEGREE_ROUNDING, 90 + DEGREE_ROUNDING
    fits = (west >= -lon) & (east <= lon) & (south >= -lat) & (north <= lat)
    fits_swapped = (south >= -lon) & (north <= lon) & (west >= -lat) & (east <= lat)
    swapped = ~fits & fits_swapped
    if swapped[parsed.is_valid].all() and parsed.is_valid.any():
        parsed.reject_all(DEGREES_SWAPPED)
    if parsed.is_valid.any() and not (fits | swapped)[parsed.is_valid].any():
        _reject_metres(parsed)
    parsed.reject(DEGREES_SWAPPED, swapped)
    parsed.reject(NOT_DEGREES, ~fits)


def _reject_metres(parsed: ParsedLayer) -> None:
    """Reject a layer none of whose rows is in degrees; name the CRS that it fits."""
    if candidates := _few_candidates(parsed):
        parsed.reject_all(METRES_NOT_DEGREES, **candidate_placeholders(candidates))
    else:
        parsed.reject_all(NOT_DEGREES)
