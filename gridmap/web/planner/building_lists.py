"""The list of buildings of the first day: pasted or uploaded, with all faults of its rows at once."""

from collections.abc import Sequence
from dataclasses import dataclass

from flask import flash, make_response, redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput, Message, NotPossible
from gridmap.core.text_comparison import fold_text
from gridmap.core.tracing.shapes import ListedBuilding, ShapeKind
from gridmap.services.tracing import building_lists, drafts
from gridmap.services.tracing.building_lists import BuildingList
from gridmap.services.tracing.drafts import Draft
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.forms import add_form_errors
from gridmap.web.language import current_language
from gridmap.web.params import parse_id
from gridmap.web.planner.blueprint import planner, planner_required
from gridmap.web.planner.first_day import SUBDISTRICT_RULE
from gridmap.web.planner.first_day_forms import BuildingListForm

SAVED = N_("The list is stored: {buildings} buildings with {households} households.")
MAX_SHOWN_FAULTS = 200


@dataclass(frozen=True)
class EstateRow:
    """Sums of an estate of the list, and whether an outline has its name."""

    name: str
    buildings: int
    households: int
    has_outline: bool


@planner.get(f"{SUBDISTRICT_RULE}/buildings")
@planner_required
def edit_building_list(subdistrict_id: int) -> str:
    """Show the list of buildings with its sums, and the form to paste another one."""
    draft = drafts.load_draft(context.session(), context.caller(), subdistrict_id)
    form = BuildingListForm(formdata=None, text=building_lists.write_list(draft.town.buildings))
    form.version.data = str(draft.version)
    return _list_page(draft, form, None)


@planner.post(f"{SUBDISTRICT_RULE}/buildings")
@planner_required
def save_building_list(subdistrict_id: int) -> Response | str:
    """Store a list without faults; otherwise show every fault, and the rows to correct them in."""
    form, session, caller = BuildingListForm(), context.session(), context.caller()
    draft = drafts.load_draft(session, caller, subdistrict_id)
    if not form.validate():
        return make_response(_list_page(draft, form, None), 422)
    try:
        upload = form.file.data.read() if form.has_file() else None
        found = building_lists.read_list(form.text.data or "", upload)
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_list_page(draft, form, None), 422)
    form.text.data = found.text
    if found.faults:
        return make_response(_list_page(draft, form, found), 422)
    try:
        version = parse_id(form.version.data) or 0
        saved = drafts.save_buildings(session, caller, subdistrict_id, found.buildings, version)
    except NotPossible as error:
        form.form_errors.append(error.message)
        form.version.data = str(draft.version)
        return make_response(_list_page(draft, form, None), 409)
    households = sum(building.households for building in saved.town.buildings)
    message = Message(SAVED, {"buildings": len(saved.town.buildings), "households": households})
    flash(translate(message, current_language()))
    return redirect(url_for("planner.edit_building_list", subdistrict_id=subdistrict_id), code=303)


def _list_page(draft: Draft, form: BuildingListForm, found: BuildingList | None) -> str:
    outlines = {fold_text(each.name): each.name for each in draft.town.of_kind(ShapeKind.OUTLINE) if each.name}
    estates = _estate_rows(draft.town.buildings, outlines)
    listed = {fold_text(row.name) for row in estates}
    return render_template(
        "planner/first_day/buildings.html",
        draft=draft,
        form=form,
        found=found,
        shown_faults=found.faults[:MAX_SHOWN_FAULTS] if found else (),
        estates=estates,
        unlisted=[name for key, name in outlines.items() if key not in listed],
    )


def _estate_rows(buildings: Sequence[ListedBuilding], outlines: dict[str, str]) -> list[EstateRow]:
    rows: dict[str, list[ListedBuilding]] = {}
    for building in buildings:
        rows.setdefault(fold_text(building.estate), []).append(building)
    return [
        EstateRow(found[0].estate, len(found), sum(each.households for each in found), key in outlines)
        for key, found in rows.items()
    ]
