"""The overview of a subdistrict: map, figures, and the grids in force on any day."""

from typing import Any, Literal, cast

from flask import Blueprint, abort, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.names import Role
from gridmap.services import grids, orphans, overview
from gridmap.web import current
from gridmap.web.access import open_to, signed_in
from gridmap.web.asked import OnDay, read

pages = Blueprint("overview", __name__)

STATES = (
    ("under", N_("under")),
    ("in_range", N_("in range")),
    ("over", N_("over")),
    ("dedicated", N_("dedicated")),
)
KINDS = {
    "resident": N_("Households living here"),
    "registered": N_("Registered households"),
    "dwelling": N_("Dwellings"),
}
LINKS = {
    "buildings": N_("Buildings"),
    "facilities": N_("Facilities"),
    "organisations": N_("Organisations"),
    "shops": N_("Shops"),
    "incidents": N_("Incidents of a year"),
}
COLUMNS = (
    ("code", N_("Grid"), ""),
    ("community", N_("Community"), ""),
    ("state", N_("Status"), ""),
    ("workers", N_("Grid worker"), ""),
    ("households", N_("Households"), "number"),
    ("residents", N_("Residents"), "number"),
    ("buildings", N_("Buildings"), "number"),
    ("area", N_("Area"), "number"),
)
Column = Literal["code", "community", "state", "workers", "households", "residents", "buildings", "area"]


class Asked(OnDay):
    """How the page is to look."""

    sort: Column = Field("code", description="Column that the grids are sorted by")
    falling: Literal["", "yes"] = Field("", description="Whether the largest comes first")


@pages.get("/", defaults={"code": None})
@pages.get("/subdistricts/<code>")
@signed_in
def show(code: str | None) -> Response | str:
    """A subdistrict on a day, or the way to one."""
    return _first() if code is None else _place(code)


def _first() -> Response | str:
    """Lead to the subdistrict, let one be chosen where there are several, or say that there is none."""
    found = overview.subdistricts(current.session())
    if len(found) == 1:
        return redirect(url_for("overview.show", code=found[0].code), code=303)
    return render_template("overview/choice.html", subdistricts=found)


def _place(code: str) -> str:
    known = {name: request.args.getlist(name) for name in Asked.model_fields if name in request.args}
    asked = cast("Asked", read(Asked, {}, MultiDict(known)))
    session = current.session()
    place = overview.subdistrict(session, code) or abort(404)
    found = overview.overview(session, grids.day(session, place.id, asked.on))
    return render_template("overview/subdistrict.html", **_shown(place, found, asked))


def _shown(place: Any, found: overview.Overview, asked: Asked) -> dict[str, Any]:
    module = url_for("static", filename="js/overview/page.js")
    session, person = current.session(), current.account()
    role = person.role if person else None
    named = {each.id: each.name for each in found.communities}
    return {
        "place": place,
        "found": found,
        "grids": grids.ordered(found.grids, named, asked.sort, falling=bool(asked.falling)),
        "named": named,
        "shell": overview.shell_of(place, module),
        "asked": asked,
        "today": grids.today(session),
        "states": STATES,
        "kinds": KINDS,
        "links": LINKS,
        "columns": COLUMNS,
        "wrong": orphans.wrong(session, found) if role != Role.WORKER else None,
        "grid_pages": open_to("grids.show", role),
    }
