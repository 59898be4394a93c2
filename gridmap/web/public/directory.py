"""Public pages: who is the worker of a grid; without account and cookies, and the same for everybody."""

from collections.abc import Sequence

from flask import Blueprint, Response, abort, g, render_template, request, url_for

from gridmap.services.grids import code_tables, public
from gridmap.services.grids.page_map import MapShell, build_page_map
from gridmap.services.grids.public import PublicCommunity, PublicSubdistrict
from gridmap.web import context
from gridmap.web.access import public as public_view
from gridmap.web.geojson import encode_feature, encode_properties, features_response
from gridmap.web.language import current_language

public_pages = Blueprint("public", __name__, url_prefix="/public")
MAP_SCRIPT = "js/pages/grid.js"
CACHE_MAX_AGE_S = 300
"""Seconds for which shared caches keep the extents of grids. Pages are not stored: each has a nonce of its own."""


@public_pages.before_request
def ignore_account() -> None:
    """Show signed-in visitors the page that everybody sees, so that caches may keep it for others."""
    g.account = None


@public_pages.after_request
def _set_cache_control(response: Response) -> Response:
    if response.status_code == 200:
        response.headers["Cache-Control"] = f"public, max-age={CACHE_MAX_AGE_S}"
    return response


@public_pages.context_processor
def link_params() -> dict[str, dict[str, str]]:
    """Pass a requested language on in links: these pages set no cookie."""
    return {"link_params": {"language": request.args["language"]} if "language" in request.args else {}}


@public_pages.get("")
@public_view
def index() -> str:
    """List all subdistricts."""
    return render_template("public/index.html", subdistricts=public.list_subdistricts(context.session()))


@public_pages.get("/<subdistrict_code>")
@public_view
def communities(subdistrict_code: str) -> str:
    """List the communities of a subdistrict with their grids."""
    subdistrict, rows = _load_subdistrict(subdistrict_code)
    map_shell = _map_shell(subdistrict)
    return render_template("public/communities.html", subdistrict=subdistrict, communities=rows, map_shell=map_shell)


@public_pages.get("/<subdistrict_code>/grids.geojson")
@public_view
def grid_features(subdistrict_code: str) -> Response:
    """Return the extents of the grids, for the map."""
    subdistrict, rows = _load_subdistrict(subdistrict_code)
    return features_response(
        encode_feature(
            grid.code,
            grid.shape,
            encode_properties(
                layer="extent", code=grid.code, community=community.name, url=_grid_url(subdistrict, grid.code)
            ),
        )
        for community in rows
        for grid in community.grids
    )


@public_pages.get("/<subdistrict_code>/<path:grid_code>")
@public_view
def grid(subdistrict_code: str, grid_code: str) -> str:
    """Show the workers of a grid and the phones to call."""
    subdistrict, rows = _load_subdistrict(subdistrict_code)
    pairs = [(community, each) for community in rows for each in community.grids if each.code == grid_code]
    community, row = next(iter(pairs), None) or abort(404)
    return render_template(
        "public/grid.html",
        subdistrict=subdistrict,
        community=community,
        grid=row,
        workers=public.list_workers(context.session(), subdistrict.code, row.code),
        duty_names=dict(code_tables.list_names("lines", current_language())),
        map_shell=_map_shell(subdistrict),
    )


def _load_subdistrict(subdistrict_code: str) -> tuple[PublicSubdistrict, Sequence[PublicCommunity]]:
    session = context.session()
    subdistrict = public.get_subdistrict(session, subdistrict_code) or abort(404)
    return subdistrict, public.list_communities(session, subdistrict.code)


def _grid_url(subdistrict: PublicSubdistrict, grid_code: str) -> str:
    return url_for("public.grid", subdistrict_code=subdistrict.code, grid_code=grid_code)


def _map_shell(subdistrict: PublicSubdistrict) -> MapShell:
    return build_page_map(subdistrict, url_for("static", filename=MAP_SCRIPT))
