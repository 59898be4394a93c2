"""Exports of persons that wait for an administrator, and those that were decided."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import StringField
from wtforms.validators import Length

from gridmap.core.errors import N_, InvalidInput, NotPossible
from gridmap.core.vocabulary import Role
from gridmap.services.people import person_exports as exports
from gridmap.services.people.person_exports import FIELD_LABELS
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.access import roles_required
from gridmap.web.admin.blueprint import admin
from gridmap.web.forms import BaseForm, PlainWords, add_form_errors
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID

admin_required = roles_required(Role.ADMIN)
MAX_REASON_LETTERS = 500


class ExportDecisionForm(BaseForm):
    """Reason of a decision; a refusal needs one."""

    reason = StringField(N_("Reason or remark"), [Length(max=MAX_REASON_LETTERS), PlainWords()])


@admin.get("/person-exports")
@admin_required
def person_exports() -> str:
    """List the requests, those that wait first."""
    return _page(None, None)


@admin.post(f"/person-exports/<int(max={MAX_ID}):person_export_id>/approve")
@admin_required
def approve_person_export(person_export_id: int) -> Response:
    """Approve a request for 72 hours."""
    return _decide(person_export_id, approved=True)


@admin.post(f"/person-exports/<int(max={MAX_ID}):person_export_id>/refuse")
@admin_required
def refuse_person_export(person_export_id: int) -> Response:
    """Refuse a request; the one who asked reads why."""
    return _decide(person_export_id, approved=False)


def _decide(export_id: int, *, approved: bool) -> Response:
    form = ExportDecisionForm()
    session, caller = context.session(), context.caller()
    if not form.validate():
        return make_response(_page(export_id, form), 422)
    try:
        reason = form.reason.data or ""
        exports.decide_export(session, caller, export_id, reason, request.remote_addr, approved=approved)
    except InvalidInput as error:
        add_form_errors(form, error)
        return make_response(_page(export_id, form), 422)
    except NotPossible as error:
        flash(translate(error.message, current_language()), "bad")
    else:
        flash(N_("The export is approved for 72 hours.") if approved else N_("The export is refused."), "good")
    return redirect(url_for("admin.person_exports"), 303)


def _page(export_id: int | None, form: ExportDecisionForm | None) -> str:
    """Return the page; a form with a fault is shown at its request."""
    return render_template(
        "admin/person_exports.html",
        exports=exports.list_administered(context.session(), context.caller()),
        form=ExportDecisionForm(formdata=None),
        faulty_id=export_id,
        faulty_form=form,
        field_labels=FIELD_LABELS,
    )
