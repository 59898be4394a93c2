"""Features for the maps of pages: shapes as the database wrote them, and beside each what the map tells of it."""

import json
from collections.abc import Iterable
from typing import Any

from flask import Response, make_response
from flask import json as flask_json

GEOJSON_MIMETYPE = "application/geo+json"


def encode_feature(layer: str, feature_id: int | str, geometry: str, **values: Any) -> str:
    """A feature of a layer as text; its shape is GeoJSON already."""
    properties = flask_json.dumps({"layer": layer, **values})
    return f'{{"type":"Feature","id":{json.dumps(feature_id)},"geometry":{geometry},"properties":{properties}}}'


def features_response(features: Iterable[str]) -> Response:
    """Features as an answer."""
    answer = make_response(f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}')
    answer.mimetype = GEOJSON_MIMETYPE
    return answer
