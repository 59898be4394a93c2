"""Page of a dwelling: its households of today and before, without names."""

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.vocabulary import Role
from gridmap.services.homes import households
from gridmap.services.homes.sources import SUGGESTED_SOURCES
from gridmap.web import context
from gridmap.web.homes.blueprint import SAVED, homes, homes_required, station_required, submit
from gridmap.web.homes.forms import DwellingForm, MoveInForm
from gridmap.web.labels import OCCUPANCY_LABELS, RESIDENCE_STATE_LABELS
from gridmap.web.params import MAX_ID

DWELLING_PATH = f"/dwellings/<int(max={MAX_ID}):dwelling_id>"


@homes.get(DWELLING_PATH)
@homes_required
def dwelling(dwelling_id: int) -> str:
    """Show a dwelling with its households."""
    return _dwelling_page(dwelling_id)


@homes.post(DWELLING_PATH)
@station_required
def change_dwelling(dwelling_id: int) -> Response | str:
    """Change number, floor and vacancy of a dwelling."""
    form, session, caller = DwellingForm(), context.session(), context.caller()

    def change() -> None:
        door = form.number.data, form.floor.data, form.vacant.data
        households.change_dwelling(session, caller, dwelling_id, door, form.origin())

    if (status := submit(form, change)) == SAVED:
        flash(N_("The dwelling is changed."), "good")
        return redirect(url_for("homes.dwelling", dwelling_id=dwelling_id), SAVED)
    return make_response(_dwelling_page(dwelling_id, dwelling_form=form), status)


@homes.post(f"{DWELLING_PATH}/households")
@station_required
def move_in(dwelling_id: int) -> Response | str:
    """Let a household move in; its members are entered on its page."""
    form, session, caller, household_ids = MoveInForm(), context.session(), context.caller(), [0]

    def change() -> None:
        values, first = form.to_values(), form.first.data
        household_ids[0] = households.move_in(session, caller, dwelling_id, values, first, form.origin())

    if (status := submit(form, change)) == SAVED:
        flash(N_("The household is recorded. Enter its members now."), "good")
        return redirect(url_for("homes.household", household_id=household_ids[0]), SAVED)
    return make_response(_dwelling_page(dwelling_id, move_in_form=form), status)


def _dwelling_page(
    dwelling_id: int, dwelling_form: DwellingForm | None = None, move_in_form: MoveInForm | None = None
) -> str:
    caller = context.caller()
    shown = households.load_dwelling(context.session(), caller, dwelling_id)
    door = shown.dwelling
    stored = {"number": door.number, "floor": door.floor, "vacant": door.vacant}
    return render_template(
        "homes/dwelling.html",
        shown=shown,
        dwelling_form=dwelling_form or DwellingForm(formdata=None, data=stored),
        move_in_form=move_in_form or MoveInForm(formdata=None),
        move_in_failed=move_in_form is not None,
        can_edit=caller.role is Role.STATION,
        occupancy_labels=OCCUPANCY_LABELS,
        residence_labels=RESIDENCE_STATE_LABELS,
        sources=SUGGESTED_SOURCES,
    )
