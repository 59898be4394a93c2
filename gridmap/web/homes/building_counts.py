"""Page of the counts of a building that a station enters by hand: persons, and members of service groups."""

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.services.grids import in_force
from gridmap.services.homes import group_counts
from gridmap.services.land import buildings, population
from gridmap.web import context
from gridmap.web.forms import BaseForm
from gridmap.web.homes.blueprint import SAVED, homes, station_required, submit
from gridmap.web.homes.forms import GroupCountForm
from gridmap.web.labels import POPULATION_KIND_LABELS
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.shared.population_form import PopulationForm

COUNTS_PATH = f"/buildings/<int(max={MAX_ID}):building_id>/counts"
COUNTED_MESSAGE = N_("The count is saved.")


@homes.get(COUNTS_PATH)
@station_required
def building_counts(building_id: int) -> str:
    """Show the counts of a building, and the forms that add one."""
    return _counts_page(building_id)


@homes.post(f"{COUNTS_PATH}/population")
@station_required
def save_population(building_id: int) -> Response | str:
    """Add a count of the persons of a building, or correct the one of its day."""
    form, session, caller = PopulationForm(), context.session(), context.caller()
    status = submit(form, lambda: population.record_count(session, caller, building_id, form.count()))
    return _redirect_to_counts(building_id) if status == SAVED else _refuse(building_id, status, population_form=form)


@homes.post(f"{COUNTS_PATH}/service-groups")
@station_required
def save_group_count(building_id: int) -> Response | str:
    """Add a count of the members of a service group, or correct the one of its day."""
    form, session, caller = GroupCountForm(), context.session(), context.caller()
    form.service_group_id.choices = _choices(buildings.get_building(session, caller, building_id).subdistrict_id)
    status = submit(form, lambda: group_counts.record_count(session, caller, building_id, form.count()))
    return _redirect_to_counts(building_id) if status == SAVED else _refuse(building_id, status, group_form=form)


def _counts_page(building_id: int, **forms: BaseForm) -> str:
    session, caller = context.session(), context.caller()
    building, today = buildings.get_building(session, caller, building_id), in_force.get_today(session)
    group_form = GroupCountForm(formdata=None, as_of=today)
    group_form.service_group_id.choices = _choices(building.subdistrict_id)
    shown: dict[str, BaseForm] = {
        "population_form": PopulationForm(formdata=None, as_of=today),
        "group_form": group_form,
        **forms,
    }
    return render_template(
        "homes/building_counts.html",
        building=building,
        population_counts=population.list_counts(session, caller, building_id),
        population_kind_labels=POPULATION_KIND_LABELS,
        group_counts=group_counts.list_counts(session, caller, building_id),
        uses_english=current_language() == "en",
        today=today,
        **shown,
    )


def _choices(subdistrict_id: int) -> list[tuple[int, str]]:
    groups = group_counts.list_groups_in_use(context.session(), context.caller(), subdistrict_id)
    uses_english = current_language() == "en"
    return [(each.id, each.group.name_en if uses_english else each.group.name_zh) for each in groups]


def _redirect_to_counts(building_id: int) -> Response:
    flash(COUNTED_MESSAGE, "good")
    return redirect(url_for("homes.building_counts", building_id=building_id), SAVED)


def _refuse(building_id: int, status: int, **forms: BaseForm) -> Response:
    return make_response(_counts_page(building_id, **forms), status)
