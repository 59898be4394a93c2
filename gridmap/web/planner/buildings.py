"""Buildings of a community: found, added on the map, recounted, renamed, demolished. No land is built anew."""

from datetime import date
from typing import Annotated

from flask import flash, make_response, redirect, render_template, request, url_for
from pydantic import BeforeValidator, Field
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput, Message, NotPossible
from gridmap.services.grids import in_force
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.land import building_shapes, buildings, count_removal, population
from gridmap.services.land.buildings import BuildingRequest, BuildingRow
from gridmap.services.plans import revisions
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.forms import BaseForm, ConfirmForm, add_form_errors
from gridmap.web.labels import COUNT_KIND_LABELS, HOUSEHOLD_KIND_LABELS, POPULATION_KIND_LABELS
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID, Params, parse_valid_params
from gridmap.web.planner.blueprint import planner, planner_required
from gridmap.web.planner.building_forms import CountForm, CountRemovalForm, DemolitionForm, NewBuildingForm, TextsForm
from gridmap.web.shared.population_form import PopulationForm

MAP_SCRIPT = "js/pages/building_place.js"
ADDED_MESSAGE = N_("Building {code} is added; it is in grid {grid}.")
ADDED_WITHOUT_GRID_MESSAGE = N_("Building {code} is added; no plan is in force there.")
DEMOLISHED_MESSAGE = N_("Building {code} stands no longer since {end}.")
STANDS_MESSAGE = N_("Building {code} stands.")
COUNTED_MESSAGE = N_("The count is saved.")
REMOVED_MESSAGE = N_("The count is removed.")
RENAMED_MESSAGE = N_("The building is saved.")
MAX_QUERY_LETTERS = 80
COMMUNITY_PATH = f"/communities/<int(max={MAX_ID}):community_id>/buildings"
BUILDING_PATH = f"/buildings/<int(max={MAX_ID}):building_id>"


class BuildingParams(Params):
    """Words to search by, whether demolished buildings are listed, and the page."""

    query: Annotated[str, BeforeValidator(lambda text: text[:MAX_QUERY_LETTERS].replace("\0", ""))] = ""
    demolished: Annotated[bool, BeforeValidator(lambda _: True)] = False
    page: int = Field(1, ge=1, le=100_000)


@planner.get(COMMUNITY_PATH)
@planner_required
def list_buildings(community_id: int) -> str:
    """List the buildings of a community, or find some."""
    session, caller = context.session(), context.caller()
    params = parse_valid_params(BuildingParams, request.args)
    found = buildings.list_buildings(
        session, caller, community_id, params.query, demolished=params.demolished, page=params.page
    )
    community = revisions.get_community(session, caller, community_id)

    def page_url(page: int) -> str:
        demolished = 1 if params.demolished else None
        query = params.query or None
        return url_for(
            "planner.list_buildings", community_id=community_id, query=query, demolished=demolished, page=page
        )

    return render_template("planner/buildings.html", community=community, found=found, params=params, page_url=page_url)


@planner.get(f"{COMMUNITY_PATH}/new")
@planner_required
def new_building(community_id: int) -> str:
    """Show the form of a new building."""
    form = NewBuildingForm(formdata=None, first=in_force.get_today(context.session()))
    return _new_building_page(community_id, form)


@planner.post(f"{COMMUNITY_PATH}/new")
@planner_required
def create_building(community_id: int) -> Response | str:
    """Add a building to the community."""
    form, session, caller = NewBuildingForm(), context.session(), context.caller()
    if not form.validate():
        return make_response(_new_building_page(community_id, form), 422)
    try:
        with session.begin_nested():
            key = buildings.add_building(session, caller, community_id, _building_request(form))
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_new_building_page(community_id, form), 422)
    except NotPossible as error:
        form.shape.errors = [*form.shape.errors, error.message]
        return make_response(_new_building_page(community_id, form), 409)
    row = buildings.get_building(session, caller, key)
    _flash(ADDED_MESSAGE if row.grid else ADDED_WITHOUT_GRID_MESSAGE, code=row.code, grid=row.grid)
    return _redirect_to_building(key)


@planner.get(BUILDING_PATH)
@planner_required
def building(building_id: int) -> str:
    """Show a building with its counts, and the forms that change it."""
    return _building_page(building_id)


@planner.post(f"{BUILDING_PATH}/texts")
@planner_required
def save_texts(building_id: int) -> Response | str:
    """Replace names, use and storeys of a building."""
    form = TextsForm()
    if not form.validate():
        return make_response(_building_page(building_id, texts_form=form), 422)
    buildings.rename_building(context.session(), context.caller(), building_id, form.texts())
    _flash(RENAMED_MESSAGE)
    return _redirect_to_building(building_id)


@planner.post(f"{BUILDING_PATH}/counts")
@planner_required
def save_count(building_id: int) -> Response | str:
    """Add a count of the households of a building, or correct the one of its day."""
    form = CountForm()
    if not form.validate():
        return make_response(_building_page(building_id, count_form=form), 422)
    try:
        buildings.record_count(context.session(), context.caller(), building_id, form.count())
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_building_page(building_id, count_form=form), 422)
    _flash(COUNTED_MESSAGE)
    return _redirect_to_building(building_id)


@planner.post(f"{BUILDING_PATH}/population")
@planner_required
def save_population(building_id: int) -> Response | str:
    """Add a count of the persons of a building, or correct the one of its day."""
    form = PopulationForm()
    if not form.validate():
        return make_response(_building_page(building_id, population_form=form), 422)
    try:
        population.record_count(context.session(), context.caller(), building_id, form.count())
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_building_page(building_id, population_form=form), 422)
    _flash(COUNTED_MESSAGE)
    return _redirect_to_building(building_id)


@planner.post(f"{BUILDING_PATH}/removed-counts")
@planner_required
def remove_count(building_id: int) -> Response | str:
    """Remove a count of households or of persons that was entered for a wrong day."""
    form, session, caller = CountRemovalForm(), context.session(), context.caller()
    form.set_counts(
        buildings.list_counts(session, caller, building_id), population.list_counts(session, caller, building_id)
    )
    if not form.validate():
        return make_response(_building_page(building_id, removal_form=form), 422)
    try:
        count_removal.remove_count(session, caller, building_id, form.removal())
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_building_page(building_id, removal_form=form), 422)
    _flash(REMOVED_MESSAGE)
    return _redirect_to_building(building_id)


@planner.post(f"{BUILDING_PATH}/demolition")
@planner_required
def demolish(building_id: int) -> Response | str:
    """End the days of a building."""
    form = DemolitionForm()
    if not form.validate():
        return make_response(_building_page(building_id, demolition_form=form), 422)
    try:
        row = buildings.demolish_building(context.session(), context.caller(), building_id, form.end.data)
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_building_page(building_id, demolition_form=form), 422)
    except NotPossible as error:
        return make_response(_building_page(building_id, error_message=error.message), 409)
    _flash(DEMOLISHED_MESSAGE, code=row.code, end=form.end.data)
    return _redirect_to_building(building_id)


@planner.post(f"{BUILDING_PATH}/demolition/undo")
@planner_required
def undo_demolition(building_id: int) -> Response | str:
    """Let a building stand on that was entered as demolished by mistake."""
    if not ConfirmForm().validate():
        return make_response(_building_page(building_id), 422)
    try:
        row = buildings.undo_demolition(context.session(), context.caller(), building_id)
    except NotPossible as error:
        return make_response(_building_page(building_id, error_message=error.message), 409)
    _flash(STANDS_MESSAGE, code=row.code)
    return _redirect_to_building(building_id)


def _building_request(form: NewBuildingForm) -> BuildingRequest:
    return BuildingRequest(
        code=form.code.data.strip(),
        shape=building_shapes.parse_shape(form.shape.data),
        first=form.first.data,
        texts=form.texts(),
        households=form.households.data,
        source=form.source.data.strip(),
    )


def _new_building_page(community_id: int, form: NewBuildingForm) -> str:
    session, caller = context.session(), context.caller()
    community = revisions.get_community(session, caller, community_id)
    all_revisions = revisions.list_community_revisions(session, caller, community_id)
    in_force_now = next((each for each in all_revisions if each.status == "in_force"), None)
    return render_template(
        "planner/new_building.html",
        community=community,
        form=form,
        revision=in_force_now or (all_revisions[0] if all_revisions else None),
        map_shell=build_page_map(community, url_for("static", filename=MAP_SCRIPT)),
        today=in_force.get_today(session),
    )


def _building_page(building_id: int, error_message: Message | None = None, **forms: BaseForm) -> str:
    session, caller = context.session(), context.caller()
    row = buildings.get_building(session, caller, building_id)
    today = in_force.get_today(session)
    counts = buildings.list_counts(session, caller, building_id)
    population_counts = population.list_counts(session, caller, building_id)
    removal_form = CountRemovalForm(formdata=None)
    removal_form.set_counts(counts, population_counts)
    return render_template(
        "planner/building.html",
        building=row,
        community=revisions.get_community(session, caller, row.community_id),
        counts=counts,
        population_counts=population_counts,
        population_kind_labels=POPULATION_KIND_LABELS,
        removed_counts=count_removal.list_removed_counts(session, caller, building_id),
        count_kind_labels=COUNT_KIND_LABELS,
        error_message=error_message,
        household_kind_labels=HOUSEHOLD_KIND_LABELS,
        today=today,
        **{**_new_forms(row, today), "removal_form": removal_form, **forms},
    )


def _new_forms(row: BuildingRow, today: date) -> dict[str, BaseForm]:
    texts = {"name": row.name, "address": row.address, "use": row.use, "levels": row.levels}
    return {
        "texts_form": TextsForm(formdata=None, **texts),
        "count_form": CountForm(formdata=None, as_of=today),
        "population_form": PopulationForm(formdata=None, as_of=today),
        "demolition_form": DemolitionForm(formdata=None, end=today),
        "confirm_form": ConfirmForm(formdata=None),
    }


def _flash(template: str, **values: object) -> None:
    flash(translate(Message(template, values), current_language()))


def _redirect_to_building(building_id: int) -> Response:
    return redirect(url_for("planner.building", building_id=building_id), code=303)
