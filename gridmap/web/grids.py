"""The page of a grid on any day: what is in it, who answers for it, and the plan that holds."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, abort, render_template, request, url_for
from werkzeug.datastructures import MultiDict

from gridmap.core.names import Role
from gridmap.services import catalogue, contents, grids
from gridmap.web import current
from gridmap.web.access import roles
from gridmap.web.asked import OnDay, read
from gridmap.web.geojson import collected, feature
from gridmap.web.language import language
from gridmap.web.overview import KINDS, STATES

pages = Blueprint("grids", __name__, url_prefix="/grids")
MAP = "js/grids/page.js"


@pages.get("/<int:grid>")
@roles(Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
def show(grid: int) -> str:
    """A grid on a day; where it was not in force then, the days on which it is."""
    on, session = _day(), current.session()
    found = contents.of_grid(session, grid, on)
    if found is None:
        times = contents.times(session, grid) or abort(404)
        return render_template("grids/absent.html", grid=grid, on=on, periods=times)
    shell = contents.shell_of([found], url_for("static", filename=MAP))
    return render_template("grids/grid.html", found=found, shell=shell, today=grids.today(session), **words())


@pages.get("/<int:grid>/map.json")
@roles(Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
def landmarks(grid: int) -> Response:
    """What is drawn on the map of a grid."""
    found = contents.landmarks(current.session(), grid, _day())
    return collected(_drawn(found)) if found else abort(404)


def words() -> dict[str, Any]:
    """What pages of grids call things."""
    spoken = language()
    return {
        "states": dict(STATES),
        "kinds": KINDS,
        "lines": catalogue.names("lines", spoken),
        "facility_kinds": catalogue.names("facilities", spoken),
        "organisation_kinds": catalogue.names("organisations", spoken),
        "uses": catalogue.names("uses", spoken),
        "comma": "、" if spoken == "zh_CN" else ", ",
    }


def _day() -> Any:
    """The day asked for, or None; what else stands in the query is no matter of ours."""
    asked = MultiDict([("on", value) for value in request.args.getlist("on")])
    return read(OnDay, {}, asked).on  # type: ignore[attr-defined]


def _drawn(found: Mapping[str, Sequence[Any]]) -> Iterator[str]:
    for street in found["street"]:
        yield feature("street", street.kind, street.shape, kind=street.kind)
    for grid in found["grid"]:
        yield feature("grid", grid.id, grid.shape, code=grid.code, state=grid.state)
    for each in found["building"]:
        told = {"name": each.name or each.address or each.code, "levels": each.levels, "households": each.households}
        yield feature("building", each.id, each.shape, **told)
    for row in found["incident"]:
        each = row.Incident
        if row.shape is not None:
            category = catalogue.name("lines", each.category, language())
            yield feature("incident", each.id, row.shape, number=each.number, category=category, urgent=each.urgent)
