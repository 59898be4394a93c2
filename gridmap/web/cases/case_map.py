"""Small map of a case: its place and the grid in force that it belongs to."""

from collections.abc import Iterator
from typing import NamedTuple

import shapely
from flask import Response, url_for

from gridmap.services.cases import cases as case_services
from gridmap.services.cases.cases import CaseRow
from gridmap.services.grids.page_map import MapShell, build_page_map
from gridmap.web import context
from gridmap.web.cases.blueprint import cases, cases_required
from gridmap.web.cases.inbox import list_category_names
from gridmap.web.geojson import encode_feature, encode_properties, features_response
from gridmap.web.params import MAX_ID

MAP_SCRIPT = "js/pages/grid.js"
SURROUNDINGS_DEGREES = 0.002
"""Degrees around the place that the empty map shows, about 200 m."""


class Surroundings(NamedTuple):
    """Land around a place, in degrees."""

    bounds: tuple[float, float, float, float]


@cases.get(f"/<int(max={MAX_ID}):incident_id>/features.geojson")
@cases_required
def map_features(incident_id: int) -> Response:
    """Return the place of a case and the extent of its grid, for the map."""
    case = case_services.load_case(context.session(), context.caller(), incident_id).case
    return features_response(_encode_features(case))


def build_case_map(case: CaseRow) -> MapShell:
    """Return the empty map around the place of a case."""
    west, south = case.longitude - SURROUNDINGS_DEGREES, case.latitude - SURROUNDINGS_DEGREES
    east, north = case.longitude + SURROUNDINGS_DEGREES, case.latitude + SURROUNDINGS_DEGREES
    return build_page_map(Surroundings((west, south, east, north)), url_for("static", filename=MAP_SCRIPT))


def _encode_features(case: CaseRow) -> Iterator[str]:
    extent = case.grid_id and case_services.load_grid_extent(context.session(), context.caller(), case.grid_id)
    if extent:
        properties = encode_properties(layer="grid", code=case.grid_code, status=extent.status)
        yield encode_feature(case.grid_id, extent.shape, properties)
    category = list_category_names().get(case.category, case.category)
    values = {"number": case.number, "category": category, "urgent": case.urgent, "overdue": case.is_overdue}
    point = shapely.to_geojson(shapely.Point(case.longitude, case.latitude))
    yield encode_feature(case.incident_id, point, encode_properties(layer="incident", **values))
