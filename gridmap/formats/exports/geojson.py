"""GeoJSON after RFC 7946: longitude and latitude, exterior rings anticlockwise, no member for a CRS."""

import json
from collections.abc import Iterator
from datetime import date
from typing import cast

import shapely
from shapely.geometry.base import BaseGeometry

from gridmap.formats.exports.table import ExportDocument, Value

DECIMALS = 7
"""Decimals of a degree: about one centimetre (RFC 7946, section 11.2, advises 6 for 10 cm)."""


def write_geojson(document: ExportDocument) -> bytes:
    """Return a table with shapes as a feature collection; its notes are a foreign member ``notes``.

    Parameters
    ----------
    document : ExportDocument
        Properties have the keys of the columns; coded values stay codes.
    """
    collection = {
        "type": "FeatureCollection",
        "notes": dict(document.note_rows()),
        "features": list(_features(document)),
    }
    return json.dumps(collection, ensure_ascii=False, separators=(",", ":")).encode()


def _features(document: ExportDocument) -> Iterator[dict[str, object]]:
    table = document.table
    keys = [column.key for column in table.columns]
    for row, shape in zip(table.rows, table.shapes or [None] * len(table.rows), strict=True):
        properties = dict(zip(keys, map(_json_value, row), strict=True))
        yield {"type": "Feature", "geometry": shape and _encode_shape(shape), "properties": properties}


def _encode_shape(shape: BaseGeometry) -> object:
    """Return a shape as RFC 7946 wants it; rounding never makes it invalid.

    Examples
    --------
    >>> square = shapely.from_wkt("POLYGON ((0 0, 0 1, 1 1, 1 0, 0 0))")
    >>> _encode_shape(square)["coordinates"][0]
    [[0.0, 1.0], [0.0, 0.0], [1.0, 0.0], [1.0, 1.0], [0.0, 1.0]]
    """
    rounded = shapely.set_precision(shapely.force_2d(shape), 10**-DECIMALS)
    oriented = shapely.orient_polygons(rounded if not rounded.is_empty else shape, exterior_cw=False)
    geometry = cast("dict[str, object]", json.loads(shapely.to_geojson(oriented)))
    return {**geometry, "coordinates": _round_numbers(geometry["coordinates"])}


def _round_numbers(coordinates: object) -> object:
    if isinstance(coordinates, list):
        return [_round_numbers(each) for each in coordinates]
    return round(cast("float", coordinates), DECIMALS)


def _json_value(value: Value) -> object:
    return value.isoformat() if isinstance(value, date) else value
