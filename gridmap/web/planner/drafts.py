"""Drafts that are traced on pictures: the page with its drawing tool, and the draft that it saves as JSON."""

from typing import Any

from flask import jsonify, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.kind_labels import STREET_LABELS
from gridmap.core.tracing.shapes import TracedShape
from gridmap.core.vocabulary import BarrierKind
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.tracing import drafts, pictures
from gridmap.services.tracing.document import parse_shapes, write_shapes
from gridmap.services.tracing.drafts import Draft, DraftConflict
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.language import current_language
from gridmap.web.planner.blueprint import planner, planner_required
from gridmap.web.planner.first_day import SUBDISTRICT_RULE
from gridmap.web.planner.pictures import picture_values

MAP_SCRIPT = "js/pages/tracing.js"
BAD_REQUEST = N_("What the page sent could not be read. Load the page again; the draft is as it was saved last.")
BARRIER_LABELS = {
    BarrierKind.WALL: N_("Wall"),
    BarrierKind.WATER: N_("Water"),
    BarrierKind.RAIL: N_("Railway"),
    BarrierKind.MOTORWAY: N_("Motorway"),
}


@planner.get(f"{SUBDISTRICT_RULE}/trace")
@planner_required
def trace(subdistrict_id: int) -> str:
    """Show the drawing tool with the placed pictures and the draft."""
    session, caller = context.session(), context.caller()
    draft = drafts.load_draft(session, caller, subdistrict_id)
    placed = [each for each in pictures.list_pictures(session, caller, subdistrict_id) if each.affine]
    return render_template(
        "planner/first_day/trace.html",
        draft=draft,
        pictures=[picture_values(each) for each in placed],
        draft_values=_draft_values(draft),
        has_land=drafts.has_land(session, caller, subdistrict_id),
        map_shell=build_page_map(draft.subdistrict, url_for("static", filename=MAP_SCRIPT)),
        street_labels=STREET_LABELS,
        barrier_labels=BARRIER_LABELS,
    )


@planner.get(f"{SUBDISTRICT_RULE}/draft")
@planner_required
def show_draft(subdistrict_id: int) -> Response:
    """Return the draft as it is stored, as JSON."""
    return jsonify(_draft_values(drafts.load_draft(context.session(), context.caller(), subdistrict_id)))


@planner.post(f"{SUBDISTRICT_RULE}/draft")
@planner_required
def save_draft(subdistrict_id: int) -> Response:
    """Save the shapes of the draft."""
    session, caller = context.session(), context.caller()
    try:
        version, shapes = _sent_draft(request.get_json(silent=True))
        return jsonify(_draft_values(drafts.save_shapes(session, caller, subdistrict_id, shapes, version), own=True))
    except (InvalidInput, NotPossible) as error:
        return _refused(error)


@planner.post(f"{SUBDISTRICT_RULE}/draft/fix")
@planner_required
def fix_draft(subdistrict_id: int) -> Response:
    """Close gaps and overlaps of neighbours, and return the draft."""
    session, caller = context.session(), context.caller()
    try:
        version, _ = _sent_draft(request.get_json(silent=True))
        return jsonify(_draft_values(drafts.fix_shapes(session, caller, subdistrict_id, version)))
    except (InvalidInput, NotPossible) as error:
        return _refused(error)


@planner.post(f"{SUBDISTRICT_RULE}/draft/building")
@planner_required
def move_building(subdistrict_id: int) -> Response:
    """Put a building of the list somewhere else within its community, or back in order."""
    session, caller = context.session(), context.caller()
    try:
        key, place = _sent_move(request.get_json(silent=True))
        return jsonify(_draft_values(drafts.move_building(session, caller, subdistrict_id, key, place)))
    except (InvalidInput, NotPossible) as error:
        return _refused(error)


def _draft_values(draft: Draft, *, own: bool = False) -> dict[str, Any]:
    """Return a draft for the script of the page; without the shapes where the page has just sent them."""
    check = drafts.check_draft(draft)
    language = current_language()
    buildings = [
        {
            "estate": building.estate,
            "number": building.number,
            "households": building.households,
            "moved": building.place is not None,
            "ring": [[round(x, 7), round(y, 7)] for x, y in footprint.exterior.coords[:-1]],
        }
        for building, footprint in zip(draft.town.buildings, check.placed.footprints, strict=True)
        if footprint is not None
    ]
    faults = [
        {
            "text": translate(fault.message, language),
            "shapes": fault.shape_ids,
            "place": fault.place,
            "blocks": fault.blocks,
            "fixable": fault.fixable,
        }
        for fault in check.shape_faults
    ]
    values: dict[str, Any] = {"version": draft.version, "faults": faults, "buildings": buildings}
    values["estates"] = list(dict.fromkeys(building.estate for building in draft.town.buildings))
    values["missing"] = [translate(message, language) for message in check.missing]
    return values if own else {**values, "shapes": write_shapes(draft.town.shapes)}


def _sent_draft(content: Any) -> tuple[int, list[TracedShape]]:
    """Return the version that the page began from, and its shapes."""
    version = content.get("version") if isinstance(content, dict) else None
    if not isinstance(version, int) or isinstance(version, bool) or not 0 <= version < 2**31:
        raise InvalidInput([InputFault(Message(BAD_REQUEST))])
    return version, parse_shapes({"shapes": content.get("shapes", [])})


def _sent_move(content: Any) -> tuple[tuple[str, str], tuple[float, float] | None]:
    """Return estate and number of a building, and its new place; None to put it back in order."""
    try:
        key, place = (str(content["estate"]), str(content["number"])), content["place"]
        if place is None:
            return key, None
        longitude, latitude = (float(value) for value in place)
        if not (abs(longitude) <= 180 and abs(latitude) <= 85):
            raise ValueError("place")
    except (TypeError, KeyError, ValueError):
        raise InvalidInput([InputFault(Message(BAD_REQUEST))]) from None
    return key, (longitude, latitude)


def _refused(error: InvalidInput | NotPossible) -> Response:
    """Return why nothing was saved, and who saved in between."""
    language = current_language()
    if isinstance(error, InvalidInput):
        problems = [translate(fault.problem, language) for fault in error.faults]
        return make_response(jsonify(problem="; ".join(problems)), 422)
    values: dict[str, Any] = {"problem": translate(error.message, language), "conflict": False}
    if isinstance(error, DraftConflict):
        values |= {"conflict": True, "version": error.row.version}
    return make_response(jsonify(values), 409)
