"""One building moved to another grid: found, its effect looked at, saved as the next version."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput, NotFound, NotPossible
from gridmap.services.grids import in_force
from gridmap.services.plans import dashboard, revisions
from gridmap.services.plans.revisions import EditConflict
from gridmap.web import context
from gridmap.web.forms import add_form_errors
from gridmap.web.planner.blueprint import (
    MAX_ID,
    latest_revision_id,
    planner,
    planner_required,
    redirect_to_revision,
    template_context,
)
from gridmap.web.planner.communities import MAP_SCRIPT
from gridmap.web.planner.forms import MoveForm

if TYPE_CHECKING:  # what weighs a move brings geopandas and SciPy: imported by the first who moves something
    from gridmap.services.plans.moves import MoveContext, MoveRequest

MOVE_SAVED_MESSAGE = N_("The move is saved as a new version. Nothing is in force before it is approved.")


@dataclass(frozen=True)
class MoveParams:
    """How far the choice has come: words to search by, a building, whether it goes alone, a grid."""

    query: str
    building_id: int | None
    alone: bool
    grid_code: str | None

    @property
    def move_request(self) -> "MoveRequest | None":
        """The move, once both are chosen."""
        from gridmap.services.plans.moves import MoveRequest

        return (
            MoveRequest(self.building_id, self.grid_code, self.alone) if self.building_id and self.grid_code else None
        )


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/move")
@planner_required
def new_move(revision_id: int) -> str:
    """Choose a building and a grid, and see what that does."""
    return _move_page(revision_id, None)


@planner.post(f"/revisions/<int(max={MAX_ID}):revision_id>/move")
@planner_required
def create_move(revision_id: int) -> Response | str:
    """Save the move as the next version."""
    from gridmap.services.plans import moves

    form, asked, session = MoveForm(), _move_params(), context.session()
    found = revisions.get_revision(session, context.caller(), revision_id)
    if not form.validate() or asked.move_request is None:
        return make_response(_move_page(revision_id, form), 422)
    try:
        ground = moves.load_context(session, context.caller(), found, in_force.get_today(session))
        note = (form.note.data or "").strip()
        made = moves.save_move(
            session,
            context.caller(),
            ground,
            asked.move_request,
            form.base_revision() or 0,
            note,
            in_force.get_today(session),
        )
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_move_page(revision_id, form), 422)
    except NotPossible as error:
        since = error.newer_revisions if isinstance(error, EditConflict) else None
        return make_response(_move_page(revision_id, form, error_message=error.message, newer_revisions=since), 409)
    flash(MOVE_SAVED_MESSAGE)
    return redirect_to_revision(made.id, found.row.community_id)


def _move_params() -> MoveParams:
    """What the address says; what is no number is no building."""
    given = request.args.get("building", "")
    building = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    words = request.args.get("find", "")[:80].replace("\0", "")
    return MoveParams(words, building, "alone" in request.args, request.args.get("grid") or None)


def _move_page(revision_id: int, form: MoveForm | None, **extra: Any) -> str:
    session = context.session()
    found = revisions.get_revision(session, context.caller(), revision_id)
    place = revisions.get_community(session, context.caller(), found.row.community_id)
    known = revisions.list_community_revisions(session, context.caller(), place.id)
    form = form or MoveForm(formdata=None, base_revision_id=latest_revision_id(known))
    told = {
        "revision": found,
        "community": place,
        "latest_revision_id": latest_revision_id(known),
        "params": _move_params(),
        "form": form,
    }
    shell = dashboard.build_community_map(place, url_for("static", filename=MAP_SCRIPT))
    return render_template(
        "planner/move.html", **told, **_selection_context(found), map_shell=shell, **template_context(), **extra
    )


def _selection_context(revision: revisions.RevisionSummary) -> dict[str, Any]:
    """What there is to choose from, and what the choice so far would do."""
    from gridmap.services.plans import moves

    session, asked = context.session(), _move_params()
    day = in_force.get_today(session)
    if not asked.building_id:
        found, count = moves.search_buildings(session, context.caller(), revision.row, asked.query, day)
        return {"buildings": found, "building_count": count, "candidate": None}
    try:
        return _preview_context(moves.load_context(session, context.caller(), revision, day), asked)
    except NotPossible as error:
        return {"buildings": (), "building_count": 0, "candidate": None, "not_movable_message": error.message}


def _preview_context(move_context: "MoveContext", params: MoveParams) -> dict[str, Any]:
    from gridmap.services.plans import moves

    if params.building_id is None:
        raise NotFound
    told = {"candidate": moves.get_candidate(move_context, params.building_id)}
    targets = moves.list_targets(move_context, params.building_id, alone=params.alone)
    try:
        effect = moves.preview_move(move_context, params.move_request) if params.move_request else None
    except InvalidInput as error:
        return {**told, "target_grids": targets, "error_messages": [fault.problem for fault in error.faults]}
    return {**told, "target_grids": targets, "preview": effect}
