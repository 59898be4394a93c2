"""Health checks and the style guide."""

from flask import Blueprint, Response, current_app, make_response, render_template

from gridmap.services.operations import readiness
from gridmap.web import context
from gridmap.web.access import public
from gridmap.web.shared import style_guide

PROBE_EXTENSION = "gridmap.probe"
health_blueprint = Blueprint("health", __name__)


@health_blueprint.get("/livez")
@public
def livez() -> Response:
    """Tell that the process answers, without touching anything."""
    return _text_response("ok", 200)


@health_blueprint.get("/readyz")
@public
def readyz() -> Response:
    """Tell whether the database answers and has the schema of this program."""
    status = _readiness_probe().status()
    return _text_response(status, 200 if status is readiness.DatabaseStatus.READY else 503)


@health_blueprint.get("/style-guide")
@public
def style_guide_page() -> str:
    """Show the components of pages in all their states; it holds no data."""
    headers = style_guide.sample_headers()
    return render_template("style_guide.html", sample_headers=headers, **style_guide.sample_forms())


def _readiness_probe() -> readiness.DatabaseProbe:
    """Return the application's probe, which queries the database once at a time."""
    probe: readiness.DatabaseProbe = current_app.extensions.setdefault(
        PROBE_EXTENSION, readiness.DatabaseProbe(context.database())
    )
    return probe


def _text_response(text: str, status: int) -> Response:
    response = make_response(f"{text}\n", status)
    response.mimetype = "text/plain"
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response
