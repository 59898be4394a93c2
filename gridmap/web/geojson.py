"""GeoJSON as text: geometries as the database wrote them, properties beside them."""

import json
from collections.abc import Iterable
from typing import Protocol

from flask import Request, Response, make_response
from flask import json as flask_json

GEOJSON_MIMETYPE = "application/geo+json"


class FeatureRow(Protocol):
    """Row with a geometry as GeoJSON text."""

    @property
    def id(self) -> int:
        """Key of the row."""

    @property
    def shape(self) -> str | None:
        """GeoJSON geometry in longitude and latitude."""


def encode_feature(feature_id: int | str | None, geometry: str | None, properties: str) -> str:
    """Return a GeoJSON feature as text.

    Parameters
    ----------
    feature_id : int, str or None
        Its ``id``; a feature without one has none.
    geometry : str or None
        GeoJSON geometry in longitude and latitude.
    properties : str
        JSON object.

    Returns
    -------
    str

    Examples
    --------
    >>> encode_feature(7, '{"type":"Point","coordinates":[114.1,30.5]}', '{"code":"A1"}')
    '{"type":"Feature","id":7,"geometry":{"type":"Point","coordinates":[114.1,30.5]},"properties":{"code":"A1"}}'
    """
    id_member = "" if feature_id is None else f'"id":{json.dumps(feature_id)},'
    return f'{{"type":"Feature",{id_member}"geometry":{geometry or "null"},"properties":{properties}}}'


def encode_properties(**values: object) -> str:
    """Return properties of a feature as a JSON object."""
    return flask_json.dumps(values)


def encode_collection(features: Iterable[str], page: int = 1, pages: int = 1) -> str:
    """Return a GeoJSON feature collection as text, with its page among all pages."""
    members = ",".join(features)
    return f'{{"type":"FeatureCollection","features":[{members}],"page":{page},"pages":{pages}}}'


def features_response(features: Iterable[str]) -> Response:
    """Return the response with all features of a layer."""
    response = make_response(encode_collection(features))
    response.mimetype = GEOJSON_MIMETYPE
    return response


def validated_response(response: Response, request: Request) -> Response:
    """Let the browser store a response and validate it at every use; return 304 if it has the same one."""
    response.headers["Cache-Control"] = "private, no-cache"
    response.vary.update(("Cookie", "Accept-Language"))
    response.add_etag(weak=True)
    response.make_conditional(request)
    return response
