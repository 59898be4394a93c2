"""Pages that are nobody's in particular: whether the service lives, and what its pages are made of."""

from flask import Blueprint, Response, current_app, make_response, render_template

from gridmap.services import readiness
from gridmap.web import current, specimens
from gridmap.web.access import public

PROBE = "gridmap.probe"
pages = Blueprint("pages", __name__)


@pages.get("/livez")
@public
def livez() -> Response:
    """Answer, and touch nothing."""
    return _plain("ok", 200)


@pages.get("/readyz")
@public
def readyz() -> Response:
    """Whether the database answers and has the schema of this version."""
    standing = _probe().standing()
    return _plain(standing, 200 if standing is readiness.Standing.READY else 503)


@pages.get("/components")
@public
def components() -> str:
    """Everything that pages are made of, in every state; it holds no data."""
    return render_template("components.html", heads=specimens.heads(), **specimens.forms())


def _probe() -> readiness.Probe:
    """The application's one: however many ask, the database is asked once at a time."""
    found: readiness.Probe = current_app.extensions.setdefault(PROBE, readiness.Probe(current.database()))
    return found


def _plain(text: str, status: int) -> Response:
    answer = make_response(f"{text}\n", status)
    answer.mimetype = "text/plain"
    if status == 503:
        answer.headers["Retry-After"] = "2"
    return answer
