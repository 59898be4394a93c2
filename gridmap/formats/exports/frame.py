"""Exported tables as data frames, which GDAL writes."""

from datetime import date, datetime

import geopandas as gpd
import pandas as pd
import shapely

from gridmap.formats.exports.table import ExportTable, Value

CRS = "EPSG:4490"
"""CGCS2000 in longitude and latitude, the datum of all exported shapes."""


def make_frame(table: ExportTable) -> gpd.GeoDataFrame | pd.DataFrame:
    """Return a table as a frame with the keys of its columns.

    Where any shape has several parts, all get the type of several parts, so that a layer has one type.
    Columns of whole numbers with gaps stay whole numbers, columns without any value are texts.
    """
    columns = {
        column.key: _make_series([row[position] for row in table.rows]) for position, column in enumerate(table.columns)
    }
    if table.shapes is None:
        return pd.DataFrame(columns)
    return gpd.GeoDataFrame(columns, geometry=_unify_types(table.shapes), crs=CRS)


def _make_series(values: list[Value]) -> pd.Series:
    present = [value for value in values if value is not None]
    if present and all(isinstance(value, int) for value in present):
        return pd.Series(values, dtype="Int64")
    if present and all(isinstance(value, int | float) for value in present):
        return pd.Series(values, dtype="float64")
    if present and all(isinstance(value, datetime) for value in present):
        return pd.Series(values, dtype="datetime64[ms]")
    return pd.Series([_plain_text(value) for value in values], dtype=object)


def _plain_text(value: Value) -> str | None:
    return None if value is None else value.isoformat() if isinstance(value, date) else str(value)


def _unify_types(shapes: object) -> object:
    """Return shapes of one type: multipolygons or multilines where any shape has several parts."""
    array = shapely.from_wkb(shapely.to_wkb(shapes))
    kinds = set(shapely.get_type_id(array)) - {-1}
    for single, several, collect in ((3, 6, shapely.multipolygons), (1, 5, shapely.multilinestrings)):
        if kinds == {single, several}:
            return [collect([shape]) if shapely.get_type_id(shape) == single else shape for shape in array]
    return array
