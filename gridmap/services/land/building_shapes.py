"""Shapes of new buildings, as a page or a command gives them: a point, or a footprint."""

import json

import numpy as np
import shapely
from geoalchemy2.elements import WKBElement
from pyproj import Geod

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.store.schema.base import SRID

ELLIPSOID = Geod(ellps="WGS84")
MIN_AREA_M2, MAX_AREA_M2 = 4.0, 100_000.0
"""A kiosk, and a hall of 500 m by 200 m: what is smaller or larger was drawn by mistake."""
MAX_VERTICES = 1000
NO_SHAPE = N_("Choose the place of the building on the map.")
NOT_A_SHAPE = N_("This is no place: give a point, or a footprint with at least three corners.")
CROSSES_ITSELF = N_("The outline crosses itself: draw the corners one after another, around the building.")
WRONG_SIZE = N_("The footprint has {area} m²; a building has {minimum} to {maximum} m².")


def parse_shape(text: str, column: str = "shape") -> shapely.Geometry:
    """Parse a point or a footprint.

    Parameters
    ----------
    text : str
        GeoJSON geometry, or WKT; longitude and latitude, WGS 84.
    column : str
        Field that faults name.

    Returns
    -------
    Point, Polygon or MultiPolygon

    Raises
    ------
    InvalidInput
        If it is no such shape, crosses itself, lies outside the earth, or is no size for a building.

    Examples
    --------
    >>> parse_shape('{"type": "Point", "coordinates": [114.3, 30.5]}').wkt
    'POINT (114.3 30.5)'
    """
    if not text.strip():
        raise _fault(Message(NO_SHAPE), column)
    try:
        shape = shapely.from_geojson(text) if text.lstrip().startswith("{") else shapely.from_wkt(text)
    except (shapely.GEOSException, json.JSONDecodeError):
        raise _fault(Message(NOT_A_SHAPE), column) from None
    if problem := find_shape_problem(shape):
        raise _fault(problem, column)
    return shape


def to_element(shape: shapely.Geometry) -> WKBElement:
    """Return a shape in degrees as a value of the database."""
    return WKBElement(shapely.to_wkb(shapely.force_2d(shape)), srid=SRID)


def find_shape_problem(shape: shapely.Geometry | None) -> Message | None:
    """Return the reason why a shape in WGS 84 is no place of a building; None if it is one.

    Examples
    --------
    >>> str(find_shape_problem(shapely.box(114, 30, 114.1, 30.1))), find_shape_problem(shapely.Point(114, 30))
    ('The footprint has 106904546 m²; a building has 4 to 100000 m².', None)
    """
    kinds = ("Point", "Polygon", "MultiPolygon")
    if shape is None or shape.geom_type not in kinds or shape.is_empty or not _is_on_earth(shape):
        return Message(NOT_A_SHAPE)
    if not shapely.is_valid(shape):
        return Message(CROSSES_ITSELF)
    area = abs(ELLIPSOID.geometry_area_perimeter(shape)[0]) if shape.geom_type != "Point" else MIN_AREA_M2
    if MIN_AREA_M2 <= area <= MAX_AREA_M2:
        return None
    return Message(WRONG_SIZE, {"area": round(area), "minimum": round(MIN_AREA_M2), "maximum": round(MAX_AREA_M2)})


def _is_on_earth(shape: shapely.Geometry) -> bool:
    xy = shapely.get_coordinates(shape)
    return len(xy) <= MAX_VERTICES and bool(np.isfinite(xy).all() and (np.abs(xy) <= (180.0, 85.0)).all())


def _fault(problem: Message, column: str) -> InvalidInput:
    return InvalidInput([InputFault(problem, column=column)])
