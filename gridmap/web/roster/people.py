"""Page of a person on the roster: office, grids, lines of work, buildings and resident groups."""

from dataclasses import dataclass

from flask import make_response, render_template
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.services.workers import duties, people, versions
from gridmap.services.workers import roster as rosters
from gridmap.services.workers.roster import PersonRoster
from gridmap.web import context
from gridmap.web.forms import ConfirmForm
from gridmap.web.labels import ROSTER_ROLE_LABELS
from gridmap.web.language import current_language
from gridmap.web.params import MAX_ID
from gridmap.web.roster.blueprint import (
    CHANGED,
    SAVED,
    editors_required,
    readers_required,
    redirect_to_community,
    redirect_to_person,
    roster,
    submit,
)
from gridmap.web.roster.forms import LastDayForm, LineDutyForm, PersonForm, PlaceDutyForm, RosterVersionForm

PERSON_PATH = f"/people/<int(max={MAX_ID}):worker_id>"


@dataclass
class PersonForms:
    """Forms of the page; the one that was sent has what was entered."""

    person: PersonForm | None = None
    end: LastDayForm | None = None
    line: LineDutyForm | None = None
    place: PlaceDutyForm | None = None


@roster.get(PERSON_PATH)
@readers_required
def person(worker_id: int) -> str:
    """Show a person with all duties."""
    return _person_page(worker_id, PersonForms())


@roster.post(PERSON_PATH)
@editors_required
def change_person(worker_id: int) -> Response | str:
    """Change name, office phone and full time of a person."""
    form, session, caller = PersonForm(), context.session(), context.caller()

    def change() -> None:
        versions.require_person_version(session, caller, worker_id, form.version_number())
        people.change_person(session, caller, worker_id, form.to_request())

    return _answer(worker_id, submit(form, change), PersonForms(person=form), N_("The person is changed."))


@roster.post(f"{PERSON_PATH}/end")
@editors_required
def end_office(worker_id: int) -> Response | str:
    """End the office of a person, with all duties."""
    form, session, caller = LastDayForm(), context.session(), context.caller()

    def change() -> None:
        versions.require_person_version(session, caller, worker_id, form.version_number())
        people.end_office(session, caller, worker_id, form.last.data)

    message = N_("The office ends on this day, and all duties with it.")
    return _answer(worker_id, submit(form, change), PersonForms(end=form), message)


@roster.post(f"{PERSON_PATH}/lines")
@editors_required
def give_line(worker_id: int) -> Response | str:
    """Give a person a line of work."""
    session, caller = context.session(), context.caller()
    form = _line_form(rosters.get_person_roster(session, caller, worker_id), LineDutyForm())

    def change() -> None:
        versions.require_person_version(session, caller, worker_id, form.version_number())
        duties.give_line(session, caller, form.to_request(worker_id), form.line_of_work.data)

    return _answer(worker_id, submit(form, change), PersonForms(line=form), N_("The person has the line of work."))


@roster.post(f"{PERSON_PATH}/places")
@editors_required
def give_place(worker_id: int) -> Response | str:
    """Give a person a building or a resident group."""
    session, caller = context.session(), context.caller()
    form = _place_form(rosters.get_person_roster(session, caller, worker_id), PlaceDutyForm())

    def change() -> None:
        versions.require_person_version(session, caller, worker_id, form.version_number())
        duties.give_place(session, caller, form.to_request(worker_id), form.building.data or "", form.group_id())

    return _answer(worker_id, submit(form, change), PersonForms(place=form), N_("The person has the place."))


@roster.post(f"/duties/<int(max={MAX_ID}):duty_id>/end")
@editors_required
def end_duty(duty_id: int) -> Response:
    """End a duty with yesterday; one that begins today or later is taken back."""
    session, caller = context.session(), context.caller()
    duty = duties.end_duty(session, caller, duty_id)
    community_id = rosters.get_person_roster(session, caller, duty.worker_id).community.id
    return redirect_to_community(community_id, N_("The duty is over."))


def _answer(worker_id: int, status: int, forms: PersonForms, message: str) -> Response | str:
    if status == SAVED:
        return redirect_to_person(worker_id, message)
    context.discard_session()  # a change that was refused half-way leaves nothing
    return make_response(_person_page(worker_id, forms, changed=status == CHANGED), status)


def _person_page(worker_id: int, forms: PersonForms, *, changed: bool = False) -> str:
    session, caller = context.session(), context.caller()
    shown, today = rosters.get_person_roster(session, caller, worker_id), rosters.get_today(session)
    pages = _fill_forms(shown, forms, str(versions.person_version(session, caller, worker_id)), changed=changed)
    return render_template(
        "roster/person.html",
        shown=shown,
        changed=changed,
        lines=rosters.list_lines(session, caller, shown.worker.subdistrict_id, current_language()),
        can_edit=rosters.can_edit(caller),
        today=today,
        role_labels=ROSTER_ROLE_LABELS,
        confirm_form=ConfirmForm(),
        **pages,
    )


def _fill_forms(
    shown: PersonRoster, forms: PersonForms, version: str, *, changed: bool
) -> dict[str, RosterVersionForm]:
    """Return the forms of the page with the present version; the one that was sent keeps its own unless it is stale."""
    worker, data = shown.worker, {"version": version}
    stored = {"name": worker.name, "office_phone": worker.office_phone, "full_time": worker.full_time, **data}
    last = worker.last or rosters.get_today(context.session())
    pages: dict[str, RosterVersionForm] = {
        "person_form": forms.person or PersonForm(formdata=None, data=stored),
        "end_form": forms.end or LastDayForm(formdata=None, data={"last": last, **data}),
        "line_form": forms.line or _line_form(shown, LineDutyForm(formdata=None, data=data)),
        "place_form": forms.place or _place_form(shown, PlaceDutyForm(formdata=None, data=data)),
    }
    if changed:  # a second look decides: sending it again saves it
        for form in pages.values():
            form.version.data = version
    return pages


def _line_form(shown: PersonRoster, form: LineDutyForm) -> LineDutyForm:
    subdistrict_id = shown.worker.subdistrict_id
    form.set_choices(rosters.list_lines(context.session(), context.caller(), subdistrict_id, current_language()))
    return form


def _place_form(shown: PersonRoster, form: PlaceDutyForm) -> PlaceDutyForm:
    form.set_choices(rosters.list_groups(context.session(), context.caller(), shown.community))
    return form
