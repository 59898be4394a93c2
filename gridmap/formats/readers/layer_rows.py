"""Rows of one layer, whatever the format."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Literal

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gridmap.core.errors import N_, InputFault, InvalidInput
from gridmap.formats.encodings.decoder import RAW_ENCODING, raw_texts, recode_frame, recode_name
from gridmap.formats.encodings.detection import DeclaredEncoding, choose_encoding
from gridmap.formats.readers.column_choice import ColumnChoice, choose_columns
from gridmap.formats.readers.geopackage_values import (
    count_stored_rows,
    list_ignored_columns,
    restore_stored_values,
)
from gridmap.formats.readers.headers import Fields
from gridmap.formats.readers.layer_source import (
    READ_ERRORS,
    UNKNOWN_ENCODING,
    LayerSource,
    bad_byte_notes,
    encoding_notes,
    report_read_errors,
)
from gridmap.formats.readers.positions import place_layer
from gridmap.formats.readers.whole_numbers import restore_whole_numbers
from gridmap.formats.row_faults import FaultTemplate, make_fault

MAX_ROWS = 2_000_000
COUNTED_DRIVERS = ("FlatGeobuf",)
SURFACES_IN_SPACE = {15, 16, 17}
"""Types PolyhedralSurface, TIN and Triangle in well-known binary."""
FLAGLESS = 0x1FFFFFFF
DEFAULT_KEY_COLUMNS = ("", "fid", "FID", "ogc_fid")

LAYER_IS_VIEW = FaultTemplate(
    N_("the layer is a view or computed"), N_("a table of stored rows"), N_("export it as a layer of its own")
)
TOO_MANY_ROWS = FaultTemplate(
    N_("the layer has too many rows"), N_("at most {maximum} rows"), N_("split the town into several files")
)
MISSING_ROWS = FaultTemplate(
    N_("the file is incomplete: {read} of {declared} rows can be read"), advice=N_("copy or export it again")
)


def read_columns(layer_source: LayerSource, fields: Fields) -> gpd.GeoDataFrame:
    """Read some columns of all rows of a layer.

    Parameters
    ----------
    layer_source : LayerSource
        File and layer, with the headers that the person who reads it names.
    fields : mapping of str to sequence of str
        Columns to read where they exist, under these names, each with its synonyms: see
        `gridmap.formats.readers.headers`.

    Returns
    -------
    GeoDataFrame
        Rows in the order of the file; unreadable geometries are None. ``attrs["choice"]`` is the `ColumnChoice`,
        ``attrs["notes"]`` holds the warnings of the reading, ``attrs["surfaces"]`` the rows with a surface in space.

    Raises
    ------
    InvalidInput
        If the layer cannot be read, is too long or has no geometry.
    """
    if layer_source.is_view:
        raise InvalidInput([make_fault(layer_source.location, LAYER_IS_VIEW)])
    with report_read_errors(layer_source):
        return _read_chosen_columns(layer_source, fields)


def read_all_columns(layer_source: LayerSource) -> pd.DataFrame:
    """Read all columns of a layer, its key included if that has a name of its own.

    Returns
    -------
    DataFrame
        A GeoDataFrame if the layer has geometries.

    Raises
    ------
    InvalidInput
        If the layer cannot be read.
    """
    with report_read_errors(layer_source):
        key = read_layer_metadata(layer_source)["fid_column"]
        is_named = key not in DEFAULT_KEY_COLUMNS
        frame = read_frame(layer_source, fid_as_index=is_named)
    return frame.reset_index(names=key) if is_named else frame


def read_layer_metadata(layer_source: LayerSource) -> dict[str, Any]:
    """Return what pyogrio says about a layer: fields, key column, geometry type, CRS, number of rows."""
    if layer_source.table is not None:
        return _table_metadata(layer_source.table)
    metadata: dict[str, Any] = pyogrio.read_info(layer_source.path, **_gdal_options(layer_source))
    if layer_source.driver == "GPKG" and not layer_source.is_view:
        ignored = list_ignored_columns(layer_source.path, str(layer_source.stored_name), metadata)
        metadata["fields"] = [*metadata["fields"], *ignored]
    if layer_source.reads_bytes:
        metadata["fields"] = [recode_name(name, layer_source.encoding.codec) for name in metadata["fields"]]
    if layer_source.where:
        metadata["features"] = -1
    metadata["fields"] = [layer_source.renamed.get(name, name) for name in metadata["fields"]]
    return metadata


def read_frame(layer_source: LayerSource, columns: Sequence[str] | None = None, **options: Any) -> pd.DataFrame:
    """Return the rows of a layer, with the options of pyogrio.

    Bytes that are no text become replacement characters; ``attrs["notes"]`` holds a warning for each row.
    """
    return place_layer(layer_source, _read_renamed(layer_source, columns, options))


def _read_renamed(layer_source: LayerSource, columns: Sequence[str] | None, options: dict[str, Any]) -> pd.DataFrame:
    """Read columns by the names that they are known under."""
    if layer_source.table is not None:
        return _table_columns(layer_source.table, columns)
    stored = {name: stored_name for stored_name, name in layer_source.renamed.items()}
    stored_columns = None if columns is None else [stored.get(name, name) for name in columns]
    return _read_stored_columns(layer_source, stored_columns, options).rename(columns=dict(layer_source.renamed))


def _read_stored_columns(
    layer_source: LayerSource, columns: Sequence[str] | None, options: dict[str, Any]
) -> pd.DataFrame:
    """Read columns by their names in the file."""
    if layer_source.reads_bytes:
        frame, bad = recode_frame(_read_raw(layer_source, columns, options), layer_source.encoding.codec)
        return _with_notes(frame, bad_byte_notes(layer_source.location, bad, layer_source.encoding.label))
    try:
        frame = _read_exactly(layer_source, columns, {**_gdal_options(layer_source), **options})
    except UnicodeDecodeError:
        return _read_with_bad_bytes(layer_source, columns, options)
    return _with_notes(frame, [])


def _read_with_bad_bytes(
    layer_source: LayerSource, columns: Sequence[str] | None, options: dict[str, Any]
) -> pd.DataFrame:
    """Read texts that are not in the encoding of their file; raise InvalidInput if they are in none."""
    raw = _read_raw(layer_source, columns, options)
    stated = [DeclaredEncoding.named(layer_source.driver, layer_source.encoding.codec)]
    encoding = choose_encoding(raw_texts(raw), stated)
    if encoding is None:
        raise InvalidInput([make_fault(layer_source.location, UNKNOWN_ENCODING)])
    frame, bad = recode_frame(raw, encoding.codec)
    notes = [
        *encoding_notes(layer_source.location, encoding),
        *bad_byte_notes(layer_source.location, bad, encoding.label),
    ]
    return _with_notes(frame, notes)


def _read_raw(layer_source: LayerSource, columns: Sequence[str] | None, options: dict[str, Any]) -> pd.DataFrame:
    """Read the texts as Latin-1, in which every byte is one letter."""
    gdal_options = {**_gdal_options(layer_source), "encoding": RAW_ENCODING}
    if columns is not None:
        names = pyogrio.read_info(layer_source.path, **gdal_options)["fields"]
        codec, wanted = layer_source.encoding.codec, set(columns)
        columns = [name for name in names if name in wanted or recode_name(name, codec) in wanted]
    return _read_exactly(layer_source, columns, {**gdal_options, **options})


def _read_exactly(layer_source: LayerSource, columns: Sequence[str] | None, options: dict[str, Any]) -> pd.DataFrame:
    path, where = layer_source.path, layer_source.where
    if layer_source.is_view:
        options = {"max_features": MAX_ROWS + 1, **options}
    elif layer_source.driver == "GPKG":
        return _read_geopackage(path, str(layer_source.stored_name), columns, options)
    frame = pyogrio.read_dataframe(path, columns=columns, where=where, **options)
    return restore_whole_numbers(frame, path, where, options)


def _read_geopackage(path: Path, table: str, columns: Sequence[str] | None, options: dict[str, Any]) -> pd.DataFrame:
    """Read a table with the values that are stored; unreadable shapes are missing.

    Without a limit, pyogrio reads as many rows as the file declares, which may be too few. With one, it refuses a table
    for one unreadable shape.
    """
    unlimited = {name: value for name, value in options.items() if name != "max_features"}
    options = {**unlimited, "max_features": options.get("max_features") or MAX_ROWS + 1}
    try:
        frame = pyogrio.read_dataframe(path, columns=columns, **options)
    except pyogrio.errors.FeatureError:
        frame = pyogrio.read_dataframe(path, columns=columns, **unlimited)
        if len(frame) != count_stored_rows(path, table):
            raise
    return restore_stored_values(restore_whole_numbers(frame, path, None, options), path, table, columns)


def _gdal_options(layer_source: LayerSource) -> dict[str, Any]:
    encoding = RAW_ENCODING if layer_source.reads_bytes else _file_encoding(layer_source)
    return {"layer": layer_source.stored_name, "encoding": encoding, **layer_source.driver_options}


def _file_encoding(layer_source: LayerSource) -> str | None:
    """Return the encoding to give to GDAL: only Shapefiles need it."""
    return "UTF-8" if layer_source.driver == "ESRI Shapefile" else None


def _with_notes(frame: pd.DataFrame, notes: Iterable[InputFault]) -> pd.DataFrame:
    frame.attrs["notes"] = list(notes)
    return frame


def _table_metadata(table: pd.DataFrame) -> dict[str, Any]:
    has_points = isinstance(table, gpd.GeoDataFrame)
    return {
        "fields": np.array([name for name in table.columns if name != "geometry" or not has_points], dtype=object),
        "fid_column": "",
        "geometry_type": "Point" if has_points else None,
        "crs": table.crs.to_string() if has_points and table.crs else None,
        "features": len(table),
    }


def _table_columns(table: pd.DataFrame, columns: Sequence[str] | None) -> pd.DataFrame:
    kept = [name for name in table.columns if columns is None or name in columns or name == "geometry"]
    return _with_notes(table[kept].copy(), [])


def choose_layer_columns(layer_source: LayerSource, fields: Fields) -> ColumnChoice:
    """Choose the columns of a layer, its key included, without reading its rows."""
    return _choose_columns(layer_source, read_layer_metadata(layer_source), fields)


def _choose_columns(layer_source: LayerSource, metadata: Mapping[str, Any], fields: Fields) -> ColumnChoice:
    return choose_columns(layer_source, [*map(str, metadata["fields"]), metadata["fid_column"]], fields)


def _read_chosen_columns(layer_source: LayerSource, fields: Fields) -> gpd.GeoDataFrame:
    metadata = read_layer_metadata(layer_source)
    _check_row_count(layer_source, metadata["features"])
    choice = _choose_columns(layer_source, metadata, fields)
    headers, key = set(choice.headers.values()), metadata["fid_column"]
    with np.errstate(invalid="ignore"):
        frame = read_frame(
            layer_source,
            columns=[name for name in metadata["fields"] if name in headers and name != key],
            fid_as_index=key in headers,
            max_features=MAX_ROWS + 1,
            on_invalid="ignore",
            datetime_as_string=True,  # GDAL would read times without a zone as UTC where others have one
        )
    _check_row_count(layer_source, len(frame))
    _check_completeness(layer_source, metadata["features"], len(frame))
    chosen = _select_fields(frame.reset_index(names=key) if key in headers else frame, choice.headers)
    chosen.attrs["choice"] = choice
    chosen.attrs["notes"] = [*layer_source.notes, *frame.attrs["notes"], *choice.notes]
    chosen.attrs["surfaces"] = _find_surfaces(layer_source, chosen)
    return chosen


def _select_fields(frame: pd.DataFrame, headers: Mapping[str, str]) -> gpd.GeoDataFrame:
    """Return the columns under the names of their fields; one column may be several fields."""
    values = {field: frame[header].array for field, header in headers.items()}
    if not isinstance(frame, gpd.GeoDataFrame):
        return gpd.GeoDataFrame(values, geometry=[None] * len(frame))
    return gpd.GeoDataFrame(values, geometry=frame.geometry.array, crs=frame.crs)


def _find_surfaces(layer_source: LayerSource, frame: gpd.GeoDataFrame) -> list[int]:
    """Return the rows whose geometry is a surface in space: shapely does not read it."""
    missing = np.flatnonzero(frame.geometry.isna())
    if layer_source.table is not None or not len(missing):
        return []
    path, where, options = layer_source.path, layer_source.where, _gdal_options(layer_source)
    try:
        shapes = pyogrio.raw.read(path, columns=[], where=where, max_features=MAX_ROWS + 1, **options)[2]
    except READ_ERRORS:  # a shape that nobody can read, which is a fault of its own
        return []
    return [row for row in missing.tolist() if shapes is not None and _wkb_type(shapes[row]) in SURFACES_IN_SPACE]


def _wkb_type(wkb: bytes | None) -> int:
    """Return the type of a geometry without its dimensions, 0 where there is none."""
    order: Literal["big", "little"] = "little" if wkb and wkb[0] else "big"
    return (int.from_bytes(wkb[1:5], order) & FLAGLESS) % 1000 if wkb else 0


def _check_row_count(layer_source: LayerSource, row_count: int) -> None:
    if row_count > MAX_ROWS:
        raise InvalidInput([make_fault(layer_source.location, TOO_MANY_ROWS, placeholders={"maximum": MAX_ROWS})])


def _check_completeness(layer_source: LayerSource, declared: int, read: int) -> None:
    """Refuse a layer with fewer rows than its file declares, in the formats whose number is reliable."""
    if layer_source.driver in COUNTED_DRIVERS and read < declared:
        placeholders = {"read": read, "declared": declared}
        raise InvalidInput([make_fault(layer_source.location, MISSING_ROWS, placeholders=placeholders)])
