"""Move of one building to another grid: search, preview, and saving as a new revision."""

from typing import TYPE_CHECKING, Annotated

from flask import Response as FlaskResponse
from flask import flash, make_response, render_template, request, url_for
from pydantic import BeforeValidator
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput, NotFound, NotPossible
from gridmap.services.grids import in_force
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.plans import revisions
from gridmap.services.plans.revisions import EditConflict
from gridmap.web import context
from gridmap.web.exports import plan_tables
from gridmap.web.forms import add_form_errors
from gridmap.web.params import MAX_ID, Params, parse_id, parse_valid_params
from gridmap.web.planner.blueprint import latest_revision_id, planner, planner_required, redirect_to_revision
from gridmap.web.planner.communities import MAP_SCRIPT, export_of_revision
from gridmap.web.planner.forms import MoveForm

if TYPE_CHECKING:  # the module of moves imports geopandas and SciPy: only the first move pays for it
    from gridmap.services.plans.move_context import MoveContext
    from gridmap.services.plans.moves import MoveRequest

MOVE_SAVED_MESSAGE = N_("The move is saved as a new revision. It is not in force before it is approved.")
MOVED_BUILDINGS = N_("Buildings that change their grid")
MAX_QUERY_LETTERS = 80


class MoveParams(Params):
    """Choices made so far: words to search by, a building, whether it moves without its courtyard, a grid."""

    query: Annotated[str, BeforeValidator(lambda text: text[:MAX_QUERY_LETTERS].replace("\0", ""))] = ""
    building_id: Annotated[int | None, BeforeValidator(parse_id)] = None
    alone: Annotated[bool, BeforeValidator(lambda _: True)] = False
    grid_code: str | None = None

    def move_request(self) -> "MoveRequest | None":
        """Return the move, once building and grid are chosen."""
        from gridmap.services.plans.moves import MoveRequest

        if not self.building_id or not self.grid_code:
            return None
        return MoveRequest(self.building_id, self.grid_code, self.alone)


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/move")
@planner_required
def new_move(revision_id: int) -> str:
    """Choose a building and a grid, and preview the move."""
    return _move_page(revision_id, None)


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/move/export/<file_format>")
@planner_required
def export_effect(revision_id: int, file_format: str) -> FlaskResponse:
    """Return the effect of a move on both grids, with the codes of the moved buildings, as a file."""
    from gridmap.services.plans import move_context, moves

    session, caller, move_request = context.session(), context.caller(), _move_params().move_request()
    if move_request is None:
        raise NotFound(revision_id)
    revision = revisions.get_revision(session, caller, revision_id)
    context_of_move = move_context.load_context(session, caller, revision, in_force.get_today(session))
    preview = moves.preview_move(context_of_move, move_request)
    notes = [(MOVED_BUILDINGS, "、".join(preview.moved_codes))]
    return export_of_revision(revision_id, plan_tables.make_effect_table(preview.changes), file_format, notes)


@planner.post(f"/revisions/<int(max={MAX_ID}):revision_id>/move")
@planner_required
def create_move(revision_id: int) -> Response | str:
    """Save a move as a new revision."""
    from gridmap.services.plans import move_context, moves

    form, session, caller = MoveForm(), context.session(), context.caller()
    revision, move_request = revisions.get_revision(session, caller, revision_id), _move_params().move_request()
    if not form.validate() or move_request is None:
        return make_response(_move_page(revision_id, form), 422)
    note = (form.note.data or "").strip()
    try:
        context_of_move = move_context.load_context(session, caller, revision, in_force.get_today(session))
        saved = moves.save_move(session, caller, context_of_move, move_request, form.base_revision() or 0, note)
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_move_page(revision_id, form), 422)
    except NotPossible as error:
        newer = error.newer_revisions if isinstance(error, EditConflict) else None
        page = _move_page(revision_id, form, error_message=error.message, newer_revisions=newer)
        return make_response(page, 409)
    flash(MOVE_SAVED_MESSAGE)
    return redirect_to_revision(saved.id, revision.row.community_id)


def _move_params() -> MoveParams:
    return parse_valid_params(MoveParams, request.args)


def _move_page(revision_id: int, form: MoveForm | None, **extra: object) -> str:
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, revision_id)
    community = revisions.get_community(session, caller, revision.row.community_id)
    latest_id = latest_revision_id(revisions.list_community_revisions(session, caller, community.id))
    return render_template(
        "planner/move.html",
        revision=revision,
        community=community,
        latest_revision_id=latest_id,
        params=_move_params(),
        form=form or MoveForm(formdata=None, base_revision_id=latest_id),
        map_shell=build_page_map(community, url_for("static", filename=MAP_SCRIPT)),
        **_selection_context(revision),
        **extra,
    )


def _selection_context(revision: revisions.RevisionSummary) -> dict[str, object]:
    """Return the buildings to choose from, or the chosen building with the preview of its move."""
    from gridmap.services.plans import move_context, move_options

    session, caller, params = context.session(), context.caller(), _move_params()
    today = in_force.get_today(session)
    if not params.building_id:
        buildings, count = move_options.search_buildings(session, caller, revision, params.query, today)
        return {"buildings": buildings, "building_count": count, "candidate": None}
    try:
        return _preview_context(move_context.load_context(session, caller, revision, today), params)
    except NotPossible as error:
        return {"buildings": (), "building_count": 0, "candidate": None, "not_movable_message": error.message}


def _preview_context(move_context: "MoveContext", params: MoveParams) -> dict[str, object]:
    from gridmap.services.plans import move_options, moves

    if params.building_id is None:
        raise NotFound
    values: dict[str, object] = {
        "candidate": move_options.get_candidate(move_context, params.building_id),
        "target_grids": move_options.list_targets(move_context, params.building_id, alone=params.alone),
    }
    move_request = params.move_request()
    try:
        preview = moves.preview_move(move_context, move_request) if move_request else None
    except InvalidInput as error:
        return {**values, "error_messages": [fault.problem for fault in error.faults]}
    return {**values, "preview": preview, "norm": move_context.norm}
