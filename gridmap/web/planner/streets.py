"""Border streets of a revision: the planner gives them to the grid on one side, as a new revision."""

from flask import Response as FlaskResponse
from flask import flash, make_response, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, InvalidInput, NotPossible
from gridmap.services.grids import in_force
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.plans import revisions, streets
from gridmap.services.plans.revisions import EditConflict
from gridmap.services.plans.streets import BorderStreets
from gridmap.web import context
from gridmap.web.exports import plan_tables
from gridmap.web.forms import add_form_errors
from gridmap.web.params import MAX_ID
from gridmap.web.planner.blueprint import latest_revision_id, planner, planner_required, redirect_to_revision
from gridmap.web.planner.communities import MAP_SCRIPT, export_of_revision
from gridmap.web.planner.forms import StreetsForm, make_streets_form

STREETS_SAVED_MESSAGE = N_("The streets are saved as a new revision. It is not in force before it is approved.")


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/streets")
@planner_required
def edit_streets(revision_id: int) -> str:
    """Show the streets along borders of a revision, and in which grid each counts."""
    found = _list_streets(revision_id)
    latest_id = _latest_id(revision_id)
    form = make_streets_form(found.streets)(formdata=None, base_revision_id=latest_id)
    return _streets_page(revision_id, found, form)


@planner.get(f"/revisions/<int(max={MAX_ID}):revision_id>/streets/export/<file_format>")
@planner_required
def export_streets(revision_id: int, file_format: str) -> FlaskResponse:
    """Return the border streets of a revision, as they are stored, as a file."""
    table = plan_tables.make_street_table(_list_streets(revision_id).streets)
    return export_of_revision(revision_id, table, file_format)


@planner.post(f"/revisions/<int(max={MAX_ID}):revision_id>/streets")
@planner_required
def save_streets(revision_id: int) -> Response | str:
    """Save other streets as a new revision."""
    session, caller = context.session(), context.caller()
    found = _list_streets(revision_id)
    form = make_streets_form(found.streets)()
    if not form.validate():
        return make_response(_streets_page(revision_id, found, form), 422)
    revision, note = revisions.get_revision(session, caller, revision_id), (form.note.data or "").strip() or None
    try:
        saved = streets.save_streets(session, caller, revision, form.choices(), form.base_revision(), note)
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_streets_page(revision_id, found, form), 422)
    except NotPossible as error:
        newer = error.newer_revisions if isinstance(error, EditConflict) else None
        page = _streets_page(revision_id, found, form, error_message=error.message, newer_revisions=newer)
        return make_response(page, 409)
    flash(STREETS_SAVED_MESSAGE)
    return redirect_to_revision(saved.id, saved.community_id)


def _list_streets(revision_id: int) -> BorderStreets:
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, revision_id)
    return streets.list_border_streets(session, caller, revision.row, in_force.get_today(session))


def _latest_id(revision_id: int) -> int | None:
    session, caller = context.session(), context.caller()
    community_id = revisions.get_revision(session, caller, revision_id).row.community_id
    return latest_revision_id(revisions.list_community_revisions(session, caller, community_id))


def _streets_page(revision_id: int, found: BorderStreets, form: StreetsForm, **extra: object) -> str:
    session, caller = context.session(), context.caller()
    revision = revisions.get_revision(session, caller, revision_id)
    community = revisions.get_community(session, caller, revision.row.community_id)
    return render_template(
        "planner/streets.html",
        revision=revision,
        community=community,
        latest_revision_id=_latest_id(revision_id),
        border_streets=found,
        form=form,
        map_shell=build_page_map(community, url_for("static", filename=MAP_SCRIPT)),
        **extra,
    )
