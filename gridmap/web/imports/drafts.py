"""Draft of an import: what was recognised, faults, differences; other columns, import, discard."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, NotFound, NotPossible
from gridmap.services.grids.page_map import build_page_map
from gridmap.services.imports.drafts import drafts
from gridmap.services.imports.drafts.drafts import DraftChanged, ShownDraft
from gridmap.services.jobs.jobs import failure_message
from gridmap.web import context
from gridmap.web.geojson import encode_feature, encode_properties, features_response
from gridmap.web.imports.blueprint import DIFFERENCE_LABELS, attach_file, importers_required, imports
from gridmap.web.imports.forms import ApplyForm, ColumnsForm, DraftVersionForm, make_columns_form
from gridmap.web.params import MAX_ID

DRAFT_RULE = f"/drafts/<int(max={MAX_ID}):import_draft_id>"
MAP_SCRIPT = "js/pages/import_preview.js"
DISCARDED = N_("The draft and its file are deleted. Nothing was imported.")


@imports.get(DRAFT_RULE)
@importers_required
def draft(import_draft_id: int) -> Response | str:
    """Show a draft; one that is being read leads to its job, and one that is imported to the import."""
    shown = drafts.show_draft(context.session(), context.caller(), import_draft_id)
    if shown.draft.import_run_id is not None:
        return redirect(url_for("imports.run", import_run_id=shown.draft.import_run_id), code=303)
    if shown.draft.upload_id is None:
        raise NotFound(import_draft_id)
    if shown.is_at_work and shown.job:
        return redirect(url_for("jobs.show", job_id=shown.job.id, follow=1), code=303)
    return _page(shown)


@imports.get(f"{DRAFT_RULE}/faults")
@importers_required
def faults(import_draft_id: int) -> Response:
    """Return the user's sheet with the reason in each faulty row."""
    name, content = drafts.read_marked_sheet(context.session(), context.caller(), import_draft_id)
    return attach_file(content, name, "application/octet-stream")


@imports.get(f"{DRAFT_RULE}/features.geojson")
@importers_required
def map_features(import_draft_id: int) -> Response:
    """Return the rows of a draft that have a place, for the map of its page."""
    shown = drafts.show_draft(context.session(), context.caller(), import_draft_id)
    shapes = shown.preview.shapes if shown.preview else ()
    return features_response(
        encode_feature(None, each.shape, encode_properties(state=each.state, row=each.row)) for each in shapes
    )


@imports.post(f"{DRAFT_RULE}/columns")
@importers_required
def columns(import_draft_id: int) -> Response | str:
    """Read the file anew with other columns."""
    session, caller = context.session(), context.caller()
    shown = drafts.show_draft(session, caller, import_draft_id)
    form = make_columns_form(shown, formdata=request.form)
    if not form.validate():
        return make_response(_page(shown, columns_form=form), 422)
    try:
        job_id = drafts.choose_columns(session, caller, import_draft_id, form.draft_version, form.to_choice())
    except NotPossible as error:
        return _refused_page(import_draft_id, error, columns_form=form)
    return redirect(url_for("jobs.show", job_id=job_id, follow=1), code=303)


@imports.post(f"{DRAFT_RULE}/apply")
@importers_required
def apply(import_draft_id: int) -> Response | str:
    """Ask for the import, and go on to its job."""
    session, caller, form = context.session(), context.caller(), ApplyForm()
    try:
        job_id = drafts.request_import(session, caller, import_draft_id, form.draft_version, form.to_choice())
    except NotPossible as error:
        return _refused_page(import_draft_id, error, apply_form=form)
    return redirect(url_for("jobs.show", job_id=job_id, follow=1), code=303)


@imports.post(f"{DRAFT_RULE}/discard")
@importers_required
def discard(import_draft_id: int) -> Response | str:
    """Delete a draft with its files."""
    session, caller, form = context.session(), context.caller(), DraftVersionForm()
    try:
        drafts.discard_draft(session, caller, import_draft_id, form.draft_version)
    except NotPossible as error:
        return _refused_page(import_draft_id, error)
    flash(DISCARDED)
    return redirect(url_for("imports.index"), code=303)


def _refused_page(
    draft_id: int,
    error: NotPossible,
    *,
    columns_form: ColumnsForm | None = None,
    apply_form: ApplyForm | None = None,
) -> Response | str:
    """Return the page of a draft with the reason of a refusal, and what was entered."""
    context.discard_session()
    shown = drafts.show_draft(context.session(), context.caller(), draft_id)
    if shown.draft.import_run_id is not None:
        return redirect(url_for("imports.run", import_run_id=shown.draft.import_run_id), code=303)
    if shown.draft.upload_id is None:
        raise NotFound(draft_id)
    status = 409 if isinstance(error, DraftChanged) else 422
    page = _page(shown, columns_form=columns_form, apply_form=apply_form, refusal=error.message)
    return make_response(page, status)


def _page(
    shown: ShownDraft,
    *,
    columns_form: ColumnsForm | None = None,
    apply_form: ApplyForm | None = None,
    refusal: object = None,
) -> str:
    version = str(shown.draft.version)
    columns_form = columns_form or make_columns_form(shown)
    apply_form = apply_form or ApplyForm(formdata=None)
    for form in (columns_form, apply_form):
        form.version.data = version
    return render_template(
        "imports/draft.html",
        draft=shown.draft,
        decision_counts=shown.decision_counts,
        kind=shown.kind,
        preview=shown.preview,
        failure=failure_message(shown.job) if shown.job else None,
        job=shown.job,
        refusal=refusal,
        columns_form=columns_form,
        apply_form=apply_form,
        discard_form=DraftVersionForm(formdata=None, version=version),
        difference_labels=DIFFERENCE_LABELS,
        **_map_context(shown),
    )


def _map_context(shown: ShownDraft) -> dict[str, object]:
    """Return the map of the subdistrict, where rows of the draft have a place."""
    if shown.preview is None or not shown.preview.shapes:
        return {}
    subdistrict = drafts.get_subdistrict(context.session(), context.caller(), shown.draft)
    map_shell = build_page_map(subdistrict, url_for("static", filename=MAP_SCRIPT))
    labels = {"faulty": N_("With faults"), **{kind.value: label for kind, label in DIFFERENCE_LABELS.items()}}
    return {"map_shell": map_shell, "subdistrict": subdistrict, "state_labels": labels}
