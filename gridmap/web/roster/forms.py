"""Forms of the roster."""

from collections.abc import Iterable, Mapping, Sequence

from wtforms import BooleanField, DateField, HiddenField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from gridmap.core.errors import N_, Message
from gridmap.core.privacy.phones import MAX_PHONE_LETTERS
from gridmap.core.vocabulary import RosterRole
from gridmap.services.workers.duties import GRID_ROLES, PLACE_ROLES, DutyRequest
from gridmap.services.workers.leave import LeaveRequest
from gridmap.services.workers.people import PersonRequest
from gridmap.services.workers.roster import WorkerRow
from gridmap.web.forms import BaseForm, PlainWords, SelectField
from gridmap.web.labels import ROSTER_ROLE_LABELS
from gridmap.web.params import parse_id

IS_OFFICE_PHONE = N_("It is a phone of the office, not a private one")
DATE_ATTRIBUTES = {"max": "9999-12-31"}
"""Without a maximum, browsers take years of six digits."""
FIRST_DAY = N_("First day")
LAST_DAY = N_("Last day")


class RosterVersionForm(BaseForm):
    """A form with the version of the person or the grid that the page showed."""

    version = HiddenField(None, [InputRequired()])

    def version_number(self) -> int:
        """Return the version; -1, which nothing has, where it is no number."""
        number = parse_id(self.version.data)
        return -1 if number is None else number


class PersonForm(RosterVersionForm):
    """Name and office phone of a person on the roster."""

    name = StringField(N_("Name"), [InputRequired(), Length(max=100), PlainWords()])
    office_phone = StringField(N_("Office phone"), [Length(max=MAX_PHONE_LETTERS)])
    is_office_phone = BooleanField(IS_OFFICE_PHONE)
    full_time = BooleanField(N_("Works full-time as a grid worker"))

    def to_request(self) -> PersonRequest:
        """Return what was filled in."""
        return PersonRequest(
            self.name.data, self.office_phone.data or "", self.full_time.data, self.is_office_phone.data
        )


class NewPersonForm(PersonForm):
    """A new person, in office from a day on; it has no version yet."""

    version = HiddenField(None)
    first = DateField(N_("First day in office"), [Optional()], render_kw=DATE_ATTRIBUTES)


class LastDayForm(RosterVersionForm):
    """Last day of an office or a duty."""

    id_prefix = "end"
    last = DateField(LAST_DAY, [InputRequired()], render_kw=DATE_ATTRIBUTES)


class GridDutyForm(RosterVersionForm):
    """A person's role in a grid."""

    worker_id = SelectField(N_("Person"), [InputRequired()], coerce=int)
    role = SelectField(
        N_("Role"),
        [InputRequired()],
        choices=[SelectChoice(each.value, Message(ROSTER_ROLE_LABELS[each])) for each in GRID_ROLES],
    )
    first = DateField(FIRST_DAY, [Optional()], render_kw=DATE_ATTRIBUTES)
    last = DateField(LAST_DAY, [Optional()], render_kw=DATE_ATTRIBUTES)

    def set_choices(self, people: Iterable[WorkerRow]) -> None:
        """Set the people to choose from."""
        self.worker_id.choices = person_choices(people)

    def to_request(self) -> DutyRequest:
        """Return the duty that was filled in."""
        return DutyRequest(self.worker_id.data, RosterRole(self.role.data), self.first.data, self.last.data)


class LineDutyForm(RosterVersionForm):
    """A line of work of a person in the whole community."""

    id_prefix = "line"
    line_of_work = SelectField(N_("Line of work"), [InputRequired()])
    first = DateField(FIRST_DAY, [Optional()], render_kw=DATE_ATTRIBUTES)
    last = DateField(LAST_DAY, [Optional()], render_kw=DATE_ATTRIBUTES)

    def set_choices(self, lines: Mapping[str, str]) -> None:
        """Set the lines to choose from."""
        self.line_of_work.choices = [SelectChoice(key, name) for key, name in lines.items()]

    def to_request(self, worker_id: int) -> DutyRequest:
        """Return the days that were filled in; a line of work has no role."""
        return DutyRequest(worker_id, RosterRole.GRID_WORKER, self.first.data, self.last.data)


class PlaceDutyForm(RosterVersionForm):
    """A building or a resident group of a person."""

    id_prefix = "place"
    role = SelectField(
        N_("Role"),
        [InputRequired()],
        choices=[SelectChoice(each.value, Message(ROSTER_ROLE_LABELS[each])) for each in PLACE_ROLES],
    )
    building = StringField(N_("Building"), [Length(max=200)])
    resident_group_id = SelectField(N_("Resident group"), default="")
    first = DateField(FIRST_DAY, [Optional()], render_kw=DATE_ATTRIBUTES)
    last = DateField(LAST_DAY, [Optional()], render_kw=DATE_ATTRIBUTES)

    def set_choices(self, groups: Sequence[tuple[int, str]]) -> None:
        """Set the resident groups to choose from."""
        none = SelectChoice("", Message(N_("none")))
        self.resident_group_id.choices = [none, *(SelectChoice(str(key), name) for key, name in groups)]

    def group_id(self) -> int | None:
        """Return the key of the chosen resident group, or None."""
        return int(self.resident_group_id.data) if self.resident_group_id.data else None

    def to_request(self, worker_id: int) -> DutyRequest:
        """Return role and days that were filled in."""
        return DutyRequest(worker_id, RosterRole(self.role.data), self.first.data, self.last.data)


class LeaveForm(BaseForm):
    """Days of a leave, and the substitute."""

    first = DateField(FIRST_DAY, [InputRequired()], render_kw=DATE_ATTRIBUTES)
    last = DateField(LAST_DAY, [InputRequired()], render_kw=DATE_ATTRIBUTES)
    substitute_id = SelectField(N_("Substitute"), [InputRequired()], coerce=int)

    def set_choices(self, people: Iterable[WorkerRow]) -> None:
        """Set the people who may stand in."""
        self.substitute_id.choices = person_choices(people)

    def to_request(self) -> LeaveRequest:
        """Return the leave that was filled in."""
        return LeaveRequest(self.substitute_id.data, self.first.data, self.last.data)


class PhoneForm(BaseForm):
    """Office phone of a workstation, or the phone for complaints of a subdistrict."""

    phone = StringField(N_("Office phone"), [Length(max=MAX_PHONE_LETTERS)])
    shown = HiddenField(None)
    is_office_phone = BooleanField(IS_OFFICE_PHONE)


def person_choices(people: Iterable[WorkerRow]) -> list[SelectChoice]:
    """Return people to choose from; who does not work full-time is told apart."""
    return [
        SelectChoice(each.id, each.name if each.full_time else Message(N_("{name} (part-time)"), {"name": each.name}))
        for each in people
    ]
