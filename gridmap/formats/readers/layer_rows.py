"""Rows of one layer, read by pyogrio."""

from collections.abc import Iterable, Sequence
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio

from gridmap.core.errors import N_, InvalidInput
from gridmap.formats.readers.layer_source import LayerSource, report_read_errors
from gridmap.formats.row_faults import FaultTemplate, make_fault

MAX_ROWS = 2_000_000
DEFAULT_KEY_COLUMNS = ("", "fid", "FID", "ogc_fid")

LAYER_IS_VIEW = FaultTemplate(
    N_("the layer is a view or computed"), N_("a table of stored rows"), N_("export it as a layer of its own")
)
TOO_MANY_ROWS = FaultTemplate(
    N_("the layer has too many rows"), N_("at most {maximum} rows"), N_("split the town into several files")
)


def read_columns(layer_source: LayerSource, columns: Sequence[str]) -> gpd.GeoDataFrame:
    """Read some columns of all rows of a layer.

    Parameters
    ----------
    layer_source : LayerSource
        File and layer.
    columns : sequence of str
        Columns to read where they exist, under these names. Other case and names cut to ten letters are recognised.

    Returns
    -------
    GeoDataFrame
        Rows in the order of the file; unreadable geometries are None. ``attrs["found"]`` lists all columns of the file.

    Raises
    ------
    InvalidInput
        If the layer cannot be read, is too long or has no geometry.
    """
    if layer_source.is_view:
        raise InvalidInput([make_fault(layer_source.location, LAYER_IS_VIEW)])
    with report_read_errors(layer_source):
        return _read_matching_columns(layer_source, columns)


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
    """Return what pyogrio says about a layer: fields, key column, geometry type, number of rows."""
    metadata: dict[str, Any] = pyogrio.read_info(
        layer_source.path, layer=layer_source.layer, encoding=layer_source.encoding, **layer_source.driver_options
    )
    return metadata


def read_frame(layer_source: LayerSource, **options: Any) -> pd.DataFrame:
    """Return the rows of a layer as pyogrio reads them, with its options."""
    frame: pd.DataFrame = pyogrio.read_dataframe(
        layer_source.path,
        layer=layer_source.layer,
        encoding=layer_source.encoding,
        **layer_source.driver_options,
        **options,
    )
    return frame


def _read_matching_columns(layer_source: LayerSource, columns: Sequence[str]) -> gpd.GeoDataFrame:
    metadata = read_layer_metadata(layer_source)
    _check_row_count(layer_source, metadata["features"])
    names, key = _match_columns([*metadata["fields"], metadata["fid_column"]], columns), metadata["fid_column"]
    with np.errstate(invalid="ignore"):
        frame = read_frame(
            layer_source,
            columns=[name for name in names if name != key],
            fid_as_index=key in names,
            max_features=MAX_ROWS + 1,
            on_invalid="ignore",
        )
    _check_row_count(layer_source, len(frame))
    if key in names:
        frame = frame.reset_index(names=key)
    if not isinstance(frame, gpd.GeoDataFrame):
        frame = gpd.GeoDataFrame(frame, geometry=[None] * len(frame))
    frame = frame.rename(columns=names).reset_index(drop=True)
    frame.attrs["found"] = list(metadata["fields"])
    return frame


def _check_row_count(layer_source: LayerSource, row_count: int) -> None:
    if row_count > MAX_ROWS:
        raise InvalidInput([make_fault(layer_source.location, TOO_MANY_ROWS, placeholders={"maximum": MAX_ROWS})])


def _match_columns(file_columns: Iterable[str], columns: Sequence[str]) -> dict[str, str]:
    """Map columns of the file to the names they are known by."""
    known_names = {column[:10]: column for column in columns} | {column: column for column in columns}
    matches: dict[str, str] = {}
    for file_column in file_columns:
        column = known_names.get(file_column.strip().lower())
        if column and column not in matches.values():
            matches[file_column] = column
    return matches
