"""Pages that are nobody's in particular: whether the service lives, and what its pages are made of."""

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
    """Answer, and touch nothing."""
    return _text_response("ok", 200)


@health_blueprint.get("/readyz")
@public
def readyz() -> Response:
    """Whether the database answers and has the schema of this version."""
    standing = _readiness_probe().status()
    return _text_response(standing, 200 if standing is readiness.DatabaseStatus.READY else 503)


@health_blueprint.get("/style-guide")
@public
def style_guide_page() -> str:
    """Everything that pages are made of, in every state; it holds no data."""
    return render_template("style_guide.html", sample_headers=style_guide.sample_headers(), **style_guide.sample_forms())


def _readiness_probe() -> readiness.DatabaseProbe:
    """The application's one: however many ask, the database is asked once at a time."""
    found: readiness.DatabaseProbe = current_app.extensions.setdefault(
        PROBE_EXTENSION, readiness.DatabaseProbe(context.database())
    )
    return found


def _text_response(text: str, status: int) -> Response:
    answer = make_response(f"{text}\n", status)
    answer.mimetype = "text/plain"
    if status == 503:
        answer.headers["Retry-After"] = "2"
    return answer
