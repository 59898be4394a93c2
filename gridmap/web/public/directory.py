"""Who is my worker: for residents, without an account, cookies or anything that is theirs alone."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, abort, g, render_template, request, url_for

from gridmap.services.grids import code_tables
from gridmap.services.grids import public as residents
from gridmap.services.grids.public import PublicCommunity, PublicSubdistrict
from gridmap.web import context
from gridmap.web.access import public
from gridmap.web.geojson import encode_feature, features_response
from gridmap.web.language import current_language

public_pages = Blueprint("public", __name__, url_prefix="/public")
CACHE_MAX_AGE_S = 300
"""So long others may keep what they were told: a new worker is known five minutes after the office does."""


@public_pages.before_request
def _ignore_account() -> None:
    """Who is signed in sees what everybody sees, so that it may be kept for the next one."""
    g.account = None


@public_pages.after_request
def _set_cache_control(response: Response) -> Response:
    if response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={CACHE_MAX_AGE_S}"
    return response


@public_pages.context_processor
def _template_context() -> dict[str, dict[str, str]]:
    """What links carry on from a page that keeps no cookie: the language asked for."""
    return {"link_params": {"language": request.args["language"]} if "language" in request.args else {}}


@public_pages.get("")
@public
def index() -> str:
    """All subdistricts."""
    return render_template("public/index.html", subdistricts=residents.list_subdistricts(context.session()))


@public_pages.get("/<subdistrict_code>")
@public
def communities(subdistrict_code: str) -> str:
    """Communities of a subdistrict with their grids."""
    office, found = _load_subdistrict(subdistrict_code)
    return render_template("public/communities.html", subdistrict=office, communities=found, map_shell=_map_shell(office))


@public_pages.get("/<subdistrict_code>/grids.geojson")
@public
def grid_features(subdistrict_code: str) -> Response:
    """Extents of the grids, to draw."""
    office, found = _load_subdistrict(subdistrict_code)
    pairs = [(community, each) for community in found for each in community.grids]
    return features_response(
        encode_feature(
            "extent", each.code, each.shape, code=each.code, community=community.name, url=_grid_url(office, each.code)
        )
        for community, each in pairs
    )


@public_pages.get("/<subdistrict_code>/<path:grid_code>")
@public
def grid(subdistrict_code: str, grid_code: str) -> str:
    """Who answers for a grid, and whom to call."""
    office, found = _load_subdistrict(subdistrict_code)
    pairs = [(each, held) for each in found for held in each.grids if held.code == grid_code] or abort(404)
    community, here = pairs[0]
    workers = residents.list_workers(context.session(), office.code, here.code)
    told = {"subdistrict": office, "community": community, "grid": here, "workers": workers}
    return render_template("public/grid.html", **told, duty_names=_duty_names(), map_shell=_map_shell(office))


def _load_subdistrict(subdistrict_code: str) -> tuple[PublicSubdistrict, Sequence[PublicCommunity]]:
    session = context.session()
    office = residents.get_subdistrict(session, subdistrict_code) or abort(404)
    return office, residents.list_communities(session, office.code)


def _grid_url(subdistrict: PublicSubdistrict, grid_code: str) -> str:
    return url_for("public.grid", subdistrict_code=subdistrict.code, grid_code=grid_code)


def _map_shell(subdistrict: PublicSubdistrict) -> Any:
    return residents.build_public_map(subdistrict, url_for("static", filename="js/grids/page.js"))


def _duty_names() -> dict[str, str]:
    return dict(code_tables.list_names("lines", current_language()))
