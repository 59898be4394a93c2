"""Health checks and the style guide."""

from flask import Blueprint, Response, current_app, make_response, render_template

from gridmap.services.operations import readiness
from gridmap.web import context
from gridmap.web.access import public
from gridmap.web.shared import style_guide

CHECK_EXTENSION = "gridmap.readiness"
health_blueprint = Blueprint("health", __name__)


@health_blueprint.get("/livez")
@public
def livez() -> Response:
    """Tell that the process answers, without touching anything."""
    return _text_response("ok", 200)


@health_blueprint.get("/readyz")
@public
def readyz() -> Response:
    """Tell whether requests can be answered, and the problems of the host, the database and its backups."""
    answer = _readiness_check().run()
    return _text_response("\n".join(answer.lines), 200 if answer.is_ready else 503)


@health_blueprint.get("/style-guide")
@public
def style_guide_page() -> str:
    """Show the components of pages in all their states; it holds no data."""
    headers = style_guide.sample_headers()
    return render_template("style_guide.html", sample_headers=headers, **style_guide.sample_forms())


def _readiness_check() -> readiness.ReadinessCheck:
    """Return the application's check, which queries the database once at a time."""
    check: readiness.ReadinessCheck | None = current_app.extensions.get(CHECK_EXTENSION)
    if check is None:
        check = current_app.extensions[CHECK_EXTENSION] = readiness.ReadinessCheck(context.database())
    return check


def _text_response(text: str, status: int) -> Response:
    response = make_response(f"{text}\n", status)
    response.mimetype = "text/plain"
    if status == 503:
        response.headers["Retry-After"] = "2"
    return response
