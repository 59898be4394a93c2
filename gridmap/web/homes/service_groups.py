"""Page of the service groups of a resident: those of today, and forms to enter and to leave one."""

from flask import flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.vocabulary import Role
from gridmap.services.homes import group_members, members, sources
from gridmap.services.people import residents
from gridmap.web import context
from gridmap.web.homes.blueprint import CHANGED, SAVED, homes, homes_required, station_required, submit
from gridmap.web.homes.forms import GroupEndForm, GroupForm
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID

GROUPS_PATH = f"/residents/<int(max={MAX_ID}):resident_id>/service-groups"
MEMBERSHIP_PATH = f"/service-group-members/<int(max={MAX_ID}):service_group_member_id>"


@homes.get(GROUPS_PATH)
@homes_required
def resident_groups(resident_id: int) -> str:
    """Show the service groups of a resident by name; the look is recorded in the audit."""
    return _groups_page(resident_id, None)


@homes.post(GROUPS_PATH)
@station_required
def join_group(resident_id: int) -> Response | str:
    """Record that a resident belongs to a service group."""
    session, caller, form = context.session(), context.caller(), GroupForm()
    form.service_group_id.choices = _choices(group_members.list_groups(session, caller, resident_id))

    def change() -> None:
        membership = form.service_group_id.data, form.first.data
        group_members.join_group(session, caller, resident_id, membership, form.version_number(), form.origin())

    if (status := submit(form, change)) == SAVED:
        flash(N_("The service group is recorded."), "good")
        return redirect(url_for("homes.resident_groups", resident_id=resident_id), SAVED)
    context.discard_session()
    return make_response(_groups_page(resident_id, form, changed=status == CHANGED), status)


@homes.get(f"{MEMBERSHIP_PATH}/end")
@station_required
def leaving_group(service_group_member_id: int) -> str:
    """Show the form that ends a membership."""
    return _end_page(service_group_member_id, None)


@homes.post(f"{MEMBERSHIP_PATH}/end")
@station_required
def leave_group(service_group_member_id: int) -> Response | str:
    """End the membership of a resident in a service group."""
    session, caller, form = context.session(), context.caller(), GroupEndForm()
    resident_id = group_members.get_membership(session, caller, service_group_member_id).resident_id

    def change() -> None:
        last, version = form.last.data, form.version_number()
        group_members.end_membership(session, caller, service_group_member_id, last, version, form.origin())

    if (status := submit(form, change)) == SAVED:
        flash(N_("The person is no longer in the group; the record stays."), "good")
        return redirect(url_for("homes.resident_groups", resident_id=resident_id), SAVED)
    context.discard_session()
    return make_response(_end_page(service_group_member_id, form, changed=status == CHANGED), status)


def _groups_page(resident_id: int, form: GroupForm | None, *, changed: bool = False) -> str:
    session, caller = context.session(), context.caller()
    shown = group_members.list_groups(session, caller, resident_id, opened=True, address=request.remote_addr)
    person = residents.get_resident(session, caller, resident_id)
    version = {"version": str(sources.get_version(session, caller, person.household_id))}
    page_form = form or GroupForm(formdata=None, data=version)
    page_form.service_group_id.choices = _choices(shown)
    if changed:  # a second look decides: sending it again saves it
        page_form.version.data = version["version"]
    return render_template(
        "homes/service_groups.html",
        person=person,
        shown=shown,
        field_sources=group_members.list_sources(session, shown),
        form=page_form,
        changed=changed,
        can_edit=caller.role is Role.STATION,
        uses_english=current_language() == "en",
        sources=sources.SUGGESTED_SOURCES,
    )


def _end_page(membership_id: int, form: GroupEndForm | None, *, changed: bool = False) -> str:
    session, caller = context.session(), context.caller()
    membership = group_members.get_membership(session, caller, membership_id)
    household_id = members.get_member(session, caller, membership.resident_id).household_id
    version = {"version": str(sources.get_version(session, caller, household_id))}
    page_form = form or GroupEndForm(formdata=None, data=version)
    if changed:
        page_form.version.data = version["version"]
    return render_template(
        "homes/leave_group.html",
        person=residents.open_resident(session, caller, membership.resident_id, request.remote_addr),
        membership=membership,
        form=page_form,
        changed=changed,
        uses_english=current_language() == "en",
        sources=sources.SUGGESTED_SOURCES,
    )


def _choices(shown: group_members.ResidentGroups) -> list[tuple[int, str]]:
    names = [(each.id, *each.group.names) for each in shown.choices]
    return [(key, english if current_language() == "en" else chinese) for key, chinese, english in names]
