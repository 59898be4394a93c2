"""Pages of buildings: all with the numbers of their homes, and the doors of one."""

from flask import flash, make_response, redirect, render_template, request, url_for
from pydantic import Field
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.vocabulary import Role
from gridmap.services.homes import doors
from gridmap.services.homes.sources import SUGGESTED_SOURCES
from gridmap.services.people import residents
from gridmap.web import context
from gridmap.web.homes.blueprint import SAVED, homes, homes_required, station_required, submit
from gridmap.web.homes.forms import DoorsForm
from gridmap.web.labels import DOOR_STATE_LABELS
from gridmap.web.params import MAX_ID, Params, parse_known_params

BUILDING_PATH = f"/buildings/<int(max={MAX_ID}):building_id>"


class HomesParams(Params):
    """Words to look for, and the page of the list."""

    query: str = Field("", max_length=100, description="Part of a name, an address or a code")
    page: int = Field(1, ge=1, le=10_000, description="Number of the page, from 1")


@homes.get("")
@homes_required
def index() -> str:
    """List the buildings with the numbers of their homes."""
    params = parse_known_params(HomesParams, request.args)
    rows = doors.list_buildings(context.session(), context.caller(), params.query, params.page)
    return render_template(
        "homes/index.html",
        rows=rows[: doors.PAGE_SIZE],
        has_more=len(rows) > doors.PAGE_SIZE,
        params=params,
        has_residents=residents.has_residents(context.session(), context.caller()),
    )


@homes.get(BUILDING_PATH)
@homes_required
def building(building_id: int) -> str:
    """Show the doors of a building by unit and floor."""
    return _building_page(building_id, None)


@homes.post(BUILDING_PATH)
@station_required
def add_doors(building_id: int) -> Response | str:
    """Add the dwellings of units and floors."""
    form, session, caller, added = DoorsForm(), context.session(), context.caller(), [0]

    def change() -> None:
        added[0] = doors.add_doors(session, caller, building_id, form.to_request(), form.origin())

    if (status := submit(form, change)) == SAVED:
        flash(N_("The dwellings are added; those that were there already stay as they are."), "good")
        return redirect(url_for("homes.building", building_id=building_id), SAVED)
    return make_response(_building_page(building_id, form), status)


def _building_page(building_id: int, form: DoorsForm | None) -> str:
    caller = context.caller()
    shown = doors.load_building(context.session(), caller, building_id)
    levels = int(shown.building.levels or 1)
    defaults = {"first_floor": 1, "last_floor": levels, "first_door": 1, "last_door": 2}
    return render_template(
        "homes/building.html",
        shown=shown,
        form=form or DoorsForm(formdata=None, data=defaults),
        is_open=form is not None or not shown.units,
        can_edit=caller.role is Role.STATION,
        state_labels=DOOR_STATE_LABELS,
        sources=SUGGESTED_SOURCES,
    )
