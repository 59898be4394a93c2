"""Who is my worker: for residents, without an account, cookies or anything that is theirs alone."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, url_for

from gridmap.services import catalogue
from gridmap.services import public as residents
from gridmap.services.public import Office, PublicCommunity
from gridmap.web import current
from gridmap.web.access import public
from gridmap.web.geojson import collected, feature
from gridmap.web.language import language

public_pages = Blueprint("public", __name__, url_prefix="/public")
SECONDS = 300
"""So long others may keep what they were told: a new worker is known five minutes after the office does."""


@public_pages.before_request
def _nobody_in_particular() -> None:
    """Who is signed in sees what everybody sees, so that it may be kept for the next one."""
    g.account = None


@public_pages.after_request
def _kept(answer: Response) -> Response:
    if answer.status_code == 200:
        answer.headers["Cache-Control"] = f"public, max-age={SECONDS}"
    return answer


@public_pages.context_processor
def _links() -> dict[str, dict[str, str]]:
    """What links carry on from a page that keeps no cookie: the language asked for."""
    return {"onward": {"language": request.args["language"]} if "language" in request.args else {}}


@public_pages.get("")
@public
def offices() -> str:
    """All subdistricts."""
    return render_template("public/offices.html", offices=residents.offices(current.session()))


@public_pages.get("/<subdistrict_code>")
@public
def communities(subdistrict_code: str) -> str:
    """Communities of a subdistrict with their grids."""
    office, found = _known(subdistrict_code)
    return render_template("public/communities.html", office=office, communities=found, shell=_shell(office))


@public_pages.get("/<subdistrict_code>/grids.geojson")
@public
def extents(subdistrict_code: str) -> Response:
    """Extents of the grids, to draw."""
    office, found = _known(subdistrict_code)
    pairs = [(community, each) for community in found for each in community.grids]
    return collected(
        feature(
            "extent", each.code, each.shape, code=each.code, community=community.name, page=_page(office, each.code)
        )
        for community, each in pairs
    )


@public_pages.get("/<subdistrict_code>/<path:grid_code>")
@public
def grid(subdistrict_code: str, grid_code: str) -> str:
    """Who answers for a grid, and whom to call."""
    office, found = _known(subdistrict_code)
    pairs = [(each, held) for each in found for held in each.grids if held.code == grid_code] or abort(404)
    community, here = pairs[0]
    workers = residents.workers(current.session(), office.code, here.code)
    told = {"office": office, "community": community, "grid": here, "workers": workers}
    return render_template("public/grid.html", **told, lines=_lines(), shell=_shell(office))


def _known(code: str) -> tuple[Office, Sequence[PublicCommunity]]:
    session = current.session()
    office = residents.office(session, code) or abort(404)
    return office, residents.communities(session, office.code)


def _page(office: Office, code: str) -> str:
    return url_for("public.grid", subdistrict_code=office.code, grid_code=code)


def _shell(office: Office) -> Any:
    return residents.shell_of(office, url_for("static", filename="js/grids/page.js"))


def _lines() -> dict[str, str]:
    return dict(catalogue.names("lines", language()))
