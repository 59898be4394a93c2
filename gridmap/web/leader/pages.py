"""Incidents as heat: a map by grid or by square, and a table that says the same."""

import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any, Literal, cast

import shapely
from flask import Blueprint, abort, render_template, request, url_for
from pydantic import Field
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.names import IncidentStatus, Role
from gridmap.services import catalogue, grids, heat, overview
from gridmap.services.happened import ONE_BY_ONE
from gridmap.services.heat import Spot, Wish
from gridmap.web import current
from gridmap.web.access import open_to, roles
from gridmap.web.asked import Asked, Day, read
from gridmap.web.geojson import collected
from gridmap.web.language import language

leader = Blueprint("leader", __name__, url_prefix="/heat")
MAP = "js/heat/page.js"
STATUSES = {"open": N_("open"), "closed": N_("closed")}
SPANS = ((7, N_("7 days")), (30, N_("30 days")), (90, N_("90 days")), (365, N_("a year")))
heat_page = roles(Role.LEADER, Role.PLANNER, Role.STATION)


class HeatAsked(Asked):
    """Which incidents."""

    first: Day | None = Field(None, description="First day")
    last: Day | None = Field(None, description="Last day; the grids are those in force on it")
    status: Literal["", "open", "closed"] = Field("", description="Only those open or closed when the last day is over")


@leader.get("", defaults={"code": None})
@leader.get("/<code>")
@heat_page
def show(code: str | None) -> str:
    """The page of a subdistrict."""
    session, place = current.session(), _place(code)
    wish, today = _wish(), grids.today(session)
    found = heat.by_grid(session, place.id, wish)
    return render_template(
        "leader/heat.html",
        place=place,
        found=found,
        wish=wish,
        today=today,
        categories={each: catalogue.name("lines", each, language()) for each in heat.categories(session, place.id)},
        statuses=STATUSES,
        one_by_one=_role() in ONE_BY_ONE,
        enough=heat.ENOUGH,
        spans=[(heat.span(today, grids.before(today, timedelta(days - 1)), today), title) for days, title in SPANS],
        named={each.id: each.name for each in overview.communities(session, place.id)},
        shell=overview.shell_of(place, url_for("static", filename=MAP)),
        grid_pages=open_to("grids.show", _role()),
        asked=_given(),
    )


@leader.get("/<code>/grids.json")
@heat_page
def by_grid(code: str) -> Response:
    """Grids in force with their counts, for the map."""
    found = heat.by_grid(current.session(), _place(code).id, _wish())
    return collected(
        _feature(each.grid.shape, each.spot, key=each.grid.id, name=each.grid.code) for each in found.grids
    )


@leader.get("/<code>/squares.json")
@heat_page
def by_square(code: str) -> Response:
    """Squares of 200 m with their counts, for the map: no place finer than that leaves the server."""
    found = heat.by_square(current.session(), _place(code).id, _wish())
    return collected(_feature(shapely.to_geojson(each.shape), each.spot) for each in found)


def _place(code: str | None) -> Any:
    return heat.place(current.session(), code) or abort(404)


def _role() -> Role | None:
    person = current.account()
    return person.role if person else None


def _wish() -> Wish:
    """What the address asks for.

    Raises
    ------
    BadInput
        If a parameter cannot be used, or the last day lies before the first.
    """
    given = _given()
    kinds = given.pop("category", [])
    asked = cast("HeatAsked", read(HeatAsked, {}, MultiDict(given)))
    span = heat.span(grids.today(current.session()), asked.first, asked.last)
    return Wish(span, kinds, IncidentStatus(asked.status) if asked.status else None)


def _given() -> dict[str, list[str]]:
    """What the address says; a field of the form that was left empty says nothing."""
    found = {name: [value for value in request.args.getlist(name) if value] for name in request.args}
    return {name: values for name, values in found.items() if values}


def _feature(shape: str, spot: Spot, **besides: Any) -> str:
    told: Mapping[str, Any] = {"count": str(spot.told), "number": spot.told.number, "rate": spot.rate, **besides}
    return f'{{"type":"Feature","geometry":{shape},"properties":{json.dumps(told)}}}'
