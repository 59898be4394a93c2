"""The JSON API: read-only, within the caller's scope, described at ``/api/openapi.json``."""

from flask import Blueprint, Response, jsonify

from gridmap.web.access import public
from gridmap.web.api import accounts, plans, revisions, territory
from gridmap.web.api import openapi as api_openapi
from gridmap.web.api.operations import register_operations

api = Blueprint("api", __name__, url_prefix="/api")
OPERATIONS = (*accounts.OPERATIONS, *territory.OPERATIONS, *plans.OPERATIONS, *revisions.OPERATIONS)
register_operations(api, OPERATIONS)


@api.get("/openapi.json")
@public
def openapi_document() -> Response:
    """Return the description of the API; it holds no data."""
    return jsonify(api_openapi.build_openapi(OPERATIONS))
