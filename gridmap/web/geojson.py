"""Features for the maps of pages: shapes as the database wrote them, and beside each what the map tells of it."""

import json
from collections.abc import Iterable
from typing import Any

from flask import Response, make_response
from flask import json as flask_json

MIMETYPE = "application/geo+json"


def feature(layer: str, key: int | str, shape: str, **told: Any) -> str:
    """A feature of a layer as text; its shape is GeoJSON already."""
    properties = flask_json.dumps({"layer": layer, **told})
    return f'{{"type":"Feature","id":{json.dumps(key)},"geometry":{shape},"properties":{properties}}}'


def collected(features: Iterable[str]) -> Response:
    """Features as an answer."""
    answer = make_response(f'{{"type":"FeatureCollection","features":[{",".join(features)}]}}')
    answer.mimetype = MIMETYPE
    return answer
