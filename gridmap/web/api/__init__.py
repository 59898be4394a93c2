"""The JSON API: read-only, within the caller's scope, described by itself at ``/api/openapi.json``."""

from flask import Blueprint, Response, jsonify

from gridmap.web.access import public
from gridmap.web.api import description, house, land, plans, revisions
from gridmap.web.api.operations import install

api = Blueprint("api", __name__, url_prefix="/api")
OPERATIONS = (*house.OPERATIONS, *land.OPERATIONS, *plans.OPERATIONS, *revisions.OPERATIONS)
install(api, OPERATIONS)


@api.get("/openapi.json")
@public
def openapi() -> Response:
    """What the API offers, for programs; it holds no data."""
    return jsonify(description.of(OPERATIONS))
