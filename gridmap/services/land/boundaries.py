"""Boundaries of communities as files and commands give them."""

import json
from collections.abc import Mapping
from pathlib import Path

import numpy as np
import shapely

from gridmap.core.errors import N_, InputFault, InvalidInput, Message

MAX_BYTES = 20_000_000
NO_POLYGON = N_("This is no boundary: give one polygon in WGS 84, as GeoJSON or WKT.")
TOO_LARGE = N_("This file is too large for a boundary.")
CROSSES_ITSELF = N_("The boundary crosses itself.")


def read_boundary(path: Path) -> shapely.Geometry:
    """Read a boundary from a file with GeoJSON (a geometry, a feature or a collection of one) or WKT, in WGS 84.

    Raises
    ------
    InvalidInput
        If it cannot be read, or holds no single valid polygon.
    """
    try:
        if path.stat().st_size > MAX_BYTES:
            raise _fault(TOO_LARGE, path.name)
        text = path.read_text("utf-8-sig")
    except (OSError, UnicodeDecodeError):
        raise _fault(NO_POLYGON, path.name) from None
    return parse_boundary(text, path.name)


def parse_boundary(text: str, file: str = "") -> shapely.Geometry:
    """Parse a boundary: GeoJSON or WKT, longitude and latitude (WGS 84).

    Examples
    --------
    >>> square = {"type": "Polygon", "coordinates": [[[114, 30], [114.1, 30], [114.1, 30.1], [114, 30]]]}
    >>> parse_boundary(json.dumps({"type": "Feature", "properties": {}, "geometry": square})).geom_type
    'Polygon'
    """
    try:
        shape = shapely.from_geojson(_geometry_text(text)) if text.lstrip().startswith("{") else shapely.from_wkt(text)
    except (shapely.GEOSException, ValueError, KeyError, TypeError, IndexError, RecursionError):
        raise _fault(NO_POLYGON, file) from None
    if shape is None or shape.geom_type not in ("Polygon", "MultiPolygon") or shape.is_empty or not _is_on_earth(shape):
        raise _fault(NO_POLYGON, file)
    if not shapely.is_valid(shape):
        raise _fault(CROSSES_ITSELF, file)
    return shapely.force_2d(shape)


def _geometry_text(text: str) -> str:
    """Return the geometry of a feature, or of a collection of one."""
    value = json.loads(text)
    if value["type"] == "FeatureCollection":
        (value,) = value["features"]
    geometry: Mapping[str, object] = value["geometry"] if value["type"] == "Feature" else value
    return json.dumps(geometry)


def _is_on_earth(shape: shapely.Geometry) -> bool:
    xy = shapely.get_coordinates(shape)
    return bool(np.isfinite(xy).all() and (np.abs(xy) <= (180.0, 85.0)).all())


def _fault(problem: str, file: str) -> InvalidInput:
    return InvalidInput([InputFault(Message(problem), file=file, column="boundary")])
