"""Blueprint of imports, and what its pages share."""

from urllib.parse import quote

from flask import Blueprint
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.vocabulary import DifferenceKind, Role
from gridmap.web.access import roles_required

imports = Blueprint("imports", __name__, url_prefix="/imports")
importers_required = roles_required(Role.PLANNER, Role.STATION, Role.ADMIN)
"""Decorator of views for the roles that import sheets; each kind of sheets names its own among them."""
DIFFERENCE_LABELS = {
    DifferenceKind.NEW: N_("New"),
    DifferenceKind.CHANGED: N_("Changed"),
    DifferenceKind.CONTRADICTION: N_("Contradicting another source"),
    DifferenceKind.GONE: N_("No longer in the sheet"),
    DifferenceKind.UNCHANGED: N_("Unchanged"),
}
"""Differences in the order of a page."""


def attach_file(content: bytes, name: str, media_type: str) -> Response:
    """Return a file to save under a name."""
    response = Response(content, mimetype=media_type)
    response.headers["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name, safe='')}"
    response.headers["Cache-Control"] = "private, no-store"
    return response
