"""Columns that several queries share: geometries as GeoJSON and as bounds, names of buildings."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Label, Row, ScalarSelect, Select, func, select
from sqlalchemy.orm import InstrumentedAttribute

from gridmap.store.schema import Building, RevisionGrid

GeometryColumn = InstrumentedAttribute[object] | ColumnElement[object]
AnySelect = Select[*tuple[Any, ...]]
"""Statement with columns of any number and type."""
AnyRow = Row[*tuple[Any, ...]]
"""Row of such a statement."""
UNDRAWN_BOUNDS = {"west": 73.5, "south": 18.1, "east": 134.8, "north": 53.6}
"""Bounds of China: what the map of a place shows whose boundary nobody has drawn yet."""
GEOJSON_DECIMALS = 6
"""Decimals of a degree: 0.1 m, and the same for two grids that share a corner."""


def geojson_column(geometry: GeometryColumn) -> Label[str]:
    """Return a geometry as the GeoJSON text ``shape``, with the ring orientation of RFC 7946."""
    return func.ST_AsGeoJSON(func.ST_ForcePolygonCCW(geometry), GEOJSON_DECIMALS).label("shape")


def outline_column() -> Label[str]:
    """Return the outline of a grid of a revision as the GeoJSON text ``shape``: that of its geometry by default."""
    geometry = func.ST_AsGeoJSON(func.ST_ForcePolygonCCW(RevisionGrid.geometry), GEOJSON_DECIMALS)
    return func.coalesce(RevisionGrid.outline, geometry).label("shape")


def bounds_columns(geometry: GeometryColumn) -> list[Label[float]]:
    """Return the bounds of a geometry in degrees; those of China if it is empty."""
    edges = {"west": func.ST_XMin, "south": func.ST_YMin, "east": func.ST_XMax, "north": func.ST_YMax}
    return [func.coalesce(edge(geometry), UNDRAWN_BOUNDS[name]).label(name) for name, edge in edges.items()]


def display_name_column() -> Label[str]:
    """Return the name that people use for a building as ``display_name``: its name, else its address, else its code."""
    return func.coalesce(Building.name, Building.address, Building.code).label("display_name")


def present_day() -> ScalarSelect[date]:
    """Return the present day of the office; the database works it out once for a query, not for every row."""
    return select(func.today()).scalar_subquery()
