"""List of imports, the result of one, and its undo."""

from collections.abc import Mapping

from flask import redirect, render_template, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, NotPossible
from gridmap.services.imports.drafts import drafts, runs, uploads
from gridmap.services.imports.drafts.uploads import SHEET_KINDS
from gridmap.web import context
from gridmap.web.access import can_access
from gridmap.web.forms import new_request_key
from gridmap.web.imports.blueprint import DIFFERENCE_LABELS, importers_required, imports
from gridmap.web.imports.forms import UndoForm
from gridmap.web.navigation import NavItem
from gridmap.web.params import MAX_ID

RUN_RULE = f"/runs/<int(max={MAX_ID}):import_run_id>"

ROSTER = NavItem("roster.index", N_("Roster"))
HOMES = NavItem("homes.index", N_("Homes"))
PLACES = NavItem("places.index", N_("Places"))
INCIDENTS = NavItem("leader.index", N_("Incidents"))
PLANS = NavItem("planner.index", N_("Plans"))
RESULT_PAGES: Mapping[str, NavItem] = {
    "workers": ROSTER,
    **dict.fromkeys(("dwellings", "residents"), HOMES),
    **dict.fromkeys(("shops", "organisations", "facilities"), PLACES),
    "incidents": INCIDENTS,
    **dict.fromkeys(("grids", "streets", "communities"), PLANS),
}
"""Pages that list what a kind of sheets has brought."""


@imports.get("")
@importers_required
def index() -> str:
    """List the imports of the account's subdistricts, and the drafts that wait."""
    session, caller = context.session(), context.caller()
    return render_template(
        "imports/index.html",
        runs=runs.list_runs(session, caller),
        drafts=drafts.list_drafts(session, caller),
        kinds=SHEET_KINDS,
        own_kinds=uploads.list_kinds(context.role()),
    )


@imports.get(RUN_RULE)
@importers_required
def run(import_run_id: int) -> str:
    """Show what an import has done."""
    shown = runs.show_run(context.session(), context.caller(), import_run_id)
    form = UndoForm(formdata=None, request_key=new_request_key())
    return render_template(
        "imports/run.html",
        shown=shown,
        kind=SHEET_KINDS.get(shown.run.kind),
        difference_labels=DIFFERENCE_LABELS,
        form=form,
        result_page=find_result_page(shown.run.kind),
    )


def find_result_page(kind: str) -> dict[str, str] | None:
    """Return URL and title of the page that lists what a kind has brought; None where the account may not open it."""
    page = RESULT_PAGES.get(kind)
    if page is None or not can_access(page.endpoint, context.role()):
        return None
    return {"url": url_for(page.endpoint), "title": page.title}


@imports.post(f"{RUN_RULE}/undo")
@importers_required
def undo(import_run_id: int) -> Response:
    """Ask for the undo of an import, and go on to its job."""
    form = UndoForm()
    session, caller = context.session(), context.caller()
    if not form.validate():
        return redirect(url_for("imports.run", import_run_id=import_run_id), code=303)
    try:
        job_id = runs.request_undo(session, caller, import_run_id, form.request_key.data or new_request_key())
    except NotPossible:  # the page of the import says why
        return redirect(url_for("imports.run", import_run_id=import_run_id), code=303)
    return redirect(url_for("jobs.show", job_id=job_id, follow=1), code=303)
