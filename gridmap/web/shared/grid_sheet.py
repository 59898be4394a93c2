"""Printed sheet of a grid: a page that prints to scale on A4 or A3."""

from datetime import date
from typing import Any, Literal

from flask import Blueprint, abort, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from gridmap.core.vocabulary import Role
from gridmap.services.grids import details, in_force, sheet
from gridmap.services.grids.sheet import GridSheet, Paper, SheetOptions
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.params import DateParams, parse_known_params
from gridmap.web.shared.grids import page_labels
from gridmap.web.shared.place_features import place_name

blueprint = Blueprint("grid_sheet", __name__, url_prefix="/grids")
MAX_HIDDEN_LAYERS = 200
Orientation = Literal["", "portrait", "landscape"]
YesNo = Literal["", "yes"]


class SheetParams(DateParams):
    """Date, paper and orientation of a sheet, and whether the list of buildings and places gets pages of its own."""

    paper: Literal[Paper.A4, Paper.A3] = Field(Paper.A4, description="Size of the paper")
    orientation: Orientation = Field("", description="By default the one in which the grid is largest")
    lists: YesNo = Field("", description="Whether buildings and places are listed on pages of their own")


@blueprint.get("/<int:grid_id>/sheet")
@roles_required(Role.PLANNER, Role.LEADER, Role.STATION, Role.WORKER)
def detail(grid_id: int) -> Response | str:
    """Show the responsibility map of a grid as a sheet to print, with the layers that `hide` does not name.

    Where the grid is not in force on the day, the page of the grid lists the periods in which it is.
    """
    params = parse_known_params(SheetParams, request.args)
    hidden = request.args.getlist("hide")[:MAX_HIDDEN_LAYERS]
    landscape = {"": None, "portrait": False, "landscape": True}[params.orientation]
    options = SheetOptions(params.paper, landscape, frozenset(hidden))
    session, caller = context.session(), context.caller()
    loaded = sheet.load_grid_sheet(session, caller, grid_id, params.on, options)
    if loaded is None:
        details.list_periods(session, caller, grid_id) or abort(404)
        return redirect(url_for("grids.detail", grid_id=grid_id, on=params.on), code=303)
    return render_template("grids/sheet.html", **_page_context(loaded, params, hidden))


def _page_context(loaded: GridSheet, params: SheetParams, hidden: list[str]) -> dict[str, object]:
    """Return the values of the page; ``sheet_url`` makes the address of the sheet with another choice."""

    def sheet_url(**changes: Any) -> str:
        values = {"on": params.on, "paper": params.paper, "orientation": params.orientation, "lists": params.lists}
        chosen: dict[str, Any] = {"hide": hidden, **values, **changes}
        query = {key: value for key, value in chosen.items() if value not in (None, "", [])}
        return url_for("grid_sheet.detail", grid_id=loaded.details.grid.id, **query)

    def toggle_url(layer: str) -> str:
        others = [each for each in hidden if each != layer]
        return sheet_url(hide=others if layer in hidden else [*others, layer])

    return {
        "sheet": loaded,
        "details": loaded.details,
        "params": params,
        "printed_on": _print_date(),
        "sheet_url": sheet_url,
        "toggle_url": toggle_url,
        "place_name": place_name,
        **page_labels({loaded.details.day.subdistrict_id}),
    }


def _print_date() -> date:
    return in_force.get_today(context.session())
