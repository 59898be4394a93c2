"""Contradictions of a sheet with other sources: both values side by side, decided row by row or all at once."""

from collections.abc import Mapping

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.services.imports.drafts import drafts
from gridmap.services.imports.drafts.drafts import ShownDraft
from gridmap.web import context
from gridmap.web.imports.blueprint import importers_required, imports
from gridmap.web.imports.drafts import DRAFT_RULE
from gridmap.web.imports.forms import DecisionsForm

DECIDED = N_("The decisions are stored. They take effect when you import the sheet.")


@imports.get(f"{DRAFT_RULE}/contradictions")
@importers_required
def contradictions(import_draft_id: int) -> Response | str:
    """Show the contradictions of a draft with the decisions that were made."""
    shown = drafts.show_draft(context.session(), context.caller(), import_draft_id)
    if shown.preview is None or shown.is_at_work:
        return redirect(url_for("imports.draft", import_draft_id=import_draft_id), code=303)
    return _page(shown)


@imports.post(f"{DRAFT_RULE}/contradictions")
@importers_required
def decide(import_draft_id: int) -> Response | str:
    """Store decisions about contradictions."""
    session, caller, form = context.session(), context.caller(), DecisionsForm()
    shown = drafts.show_draft(session, caller, import_draft_id)
    keys = shown.preview.contradiction_keys if shown.preview else []
    decisions = form.read_decisions(request.form, keys)
    try:
        drafts.decide(session, caller, import_draft_id, form.draft_version, decisions)
    except NotPossible as error:
        return _refused_page(import_draft_id, error, decisions)
    flash(DECIDED)
    return redirect(url_for("imports.draft", import_draft_id=import_draft_id, _anchor="apply"), code=303)


def _refused_page(draft_id: int, error: NotPossible, decisions: Mapping[str, str]) -> Response:
    """Return the page with the reason of a refusal, and the decisions that were sent."""
    context.discard_session()
    shown = drafts.show_draft(context.session(), context.caller(), draft_id)
    if shown.preview is None:
        return redirect(url_for("imports.draft", import_draft_id=draft_id), code=303)
    return make_response(_page(shown, decisions=decisions, refusal=error.message), 409)


def _page(shown: ShownDraft, *, decisions: Mapping[str, str] | None = None, refusal: Message | None = None) -> str:
    if shown.preview is None or not shown.preview.contradictions:
        raise NotFound(shown.draft.id)
    return render_template(
        "imports/contradictions.html",
        draft=shown.draft,
        kind=shown.kind,
        preview=shown.preview,
        decisions=shown.draft.decisions if decisions is None else decisions,
        form=DecisionsForm(formdata=None, version=str(shown.draft.version)),
        refusal=refusal,
    )
