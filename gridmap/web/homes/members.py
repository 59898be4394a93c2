"""Page of a member of a household: corrections, and the end of the membership."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.services.homes import households, members, sources
from gridmap.services.people import residents
from gridmap.web import context
from gridmap.web.homes.blueprint import CHANGED, SAVED, homes, homes_required, submit
from gridmap.web.homes.forms import CorrectionForm, HomeEndForm
from gridmap.web.params import MAX_ID

MEMBER_PATH = f"/residents/<int(max={MAX_ID}):resident_id>"


@homes.get(MEMBER_PATH)
@homes_required
def member(resident_id: int) -> str:
    """Show the forms of a resident; the look is recorded in the audit."""
    return _member_page(resident_id, None, None)


@homes.post(MEMBER_PATH)
@homes_required
def correct_member(resident_id: int) -> Response | str:
    """Correct a resident; what is left empty stays."""
    form, session, caller = CorrectionForm(), context.session(), context.caller()

    def change() -> None:
        members.correct_member(session, caller, resident_id, form.to_values(), form.version_number(), form.origin())

    if (status := submit(form, change)) == SAVED:
        return _redirect(resident_id, N_("The record is corrected."))
    context.discard_session()
    return make_response(_member_page(resident_id, form, None, changed=status == CHANGED), status)


@homes.post(f"{MEMBER_PATH}/end")
@homes_required
def end_member(resident_id: int) -> Response | str:
    """End the membership of a resident who died or left."""
    form, session, caller = HomeEndForm(), context.session(), context.caller()
    household_id = members.get_member(session, caller, resident_id).household_id

    def change() -> None:
        members.end_member(session, caller, resident_id, form.last.data, form.version_number(), form.origin())

    if (status := submit(form, change)) == SAVED:
        flash(N_("The person is no longer a member of the household; the record stays."), "good")
        return redirect(url_for("homes.household", household_id=household_id), SAVED)
    context.discard_session()
    return make_response(_member_page(resident_id, None, form, changed=status == CHANGED), status)


def _redirect(resident_id: int, message: str) -> Response:
    household_id = members.get_member(context.session(), context.caller(), resident_id).household_id
    flash(message, "good")
    return redirect(url_for("homes.household", household_id=household_id), SAVED)


def _member_page(
    resident_id: int, form: CorrectionForm | None, end_form: HomeEndForm | None, *, changed: bool = False
) -> str:
    session, caller = context.session(), context.caller()
    key = members.get_member(session, caller, resident_id)
    version = {"version": str(sources.get_version(session, caller, key.household_id))}
    forms = {
        "form": form or CorrectionForm(formdata=None, data=version),
        "end_form": end_form or HomeEndForm(formdata=None, data=version),
    }
    if changed:  # a second look decides: sending it again saves it
        for each in forms.values():
            each.version.data = version["version"]
    return render_template(
        "homes/member.html",
        person=residents.open_resident(session, caller, resident_id, request.remote_addr),
        changed=changed,
        field_sources=households.list_field_sources(session, caller, key.household_id) if changed else {},
        sources=sources.SUGGESTED_SOURCES,
        **forms,
    )
