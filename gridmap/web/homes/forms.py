"""Forms of homes; each asks where the values come from and for which day they hold."""

from collections.abc import Sequence

from wtforms import BooleanField, DateField, HiddenField, IntegerField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import Occupancy, Residence
from gridmap.services.homes.doors import DoorsRequest
from gridmap.services.homes.group_counts import NewGroupCount
from gridmap.services.homes.households import HouseholdValues
from gridmap.services.homes.members import MemberValues
from gridmap.services.homes.sources import MAX_SOURCE_LENGTH, Origin
from gridmap.services.people.residents import MaskedResident
from gridmap.web.forms import BaseForm, PlainWords, RadioField, SelectField
from gridmap.web.labels import OCCUPANCY_LABELS, RESIDENCE_STATE_LABELS
from gridmap.web.params import parse_id
from gridmap.web.shared.population_form import MAX_PERSONS

DATE_ATTRIBUTES = {"max": "9999-12-31"}
"""Without a maximum, browsers take years of six digits."""
UNKNOWN = SelectChoice("", Message(N_("not known")))


class OriginForm(BaseForm):
    """Source of what is entered, and the day that it describes."""

    source = StringField(N_("Source"), [InputRequired(), Length(max=MAX_SOURCE_LENGTH), PlainWords()])
    as_of = DateField(N_("Day of the source"), [Optional()], render_kw=DATE_ATTRIBUTES)

    def origin(self) -> Origin:
        """Return source and day."""
        return Origin(self.source.data or "", self.as_of.data)


class VersionForm(OriginForm):
    """The same, with the version of the household that the page showed."""

    version = HiddenField(None, [InputRequired()])

    def version_number(self) -> int:
        """Return the version; -1, which no household has, where it is no number."""
        number = parse_id(self.version.data)
        return -1 if number is None else number


class DoorsForm(OriginForm):
    """Units, floors and doors of a building to add."""

    id_prefix = "doors"
    first_unit = IntegerField(N_("First unit"), [Optional(), NumberRange(1, 99)])
    last_unit = IntegerField(N_("Last unit"), [Optional(), NumberRange(1, 99)])
    first_floor = IntegerField(N_("First floor"), [InputRequired(), NumberRange(1, 200)])
    last_floor = IntegerField(N_("Last floor"), [InputRequired(), NumberRange(1, 200)])
    first_door = IntegerField(N_("First door on a floor"), [InputRequired(), NumberRange(1, 99)])
    last_door = IntegerField(N_("Last door on a floor"), [InputRequired(), NumberRange(1, 99)])

    def to_request(self) -> DoorsRequest:
        """Return the ranges; with one end of the units only, it is the other end, too."""
        first, last = self.first_unit.data, self.last_unit.data
        units = (first or last, last or first) if first or last else None
        floors, doors = (self.first_floor, self.last_floor), (self.first_door, self.last_door)
        return DoorsRequest(units, (floors[0].data, floors[1].data), (doors[0].data, doors[1].data))


class DwellingForm(OriginForm):
    """Number, floor and vacancy of a dwelling."""

    id_prefix = "dwelling"
    number = StringField(N_("Number on the door"), [InputRequired(), Length(max=40), PlainWords()])
    floor = IntegerField(N_("Floor"), [Optional(), NumberRange(-9, 200)])
    vacant = BooleanField(N_("Nobody lives there: seen to be vacant"))


class HouseholdForm(VersionForm):
    """Occupancy and residence of a household."""

    id_prefix = "household"
    occupancy = SelectField(
        N_("Occupancy"),
        choices=[UNKNOWN, *(SelectChoice(each.value, Message(OCCUPANCY_LABELS[each])) for each in Occupancy)],
    )
    residence = SelectField(
        N_("Lives and is registered"),
        choices=[UNKNOWN, *(SelectChoice(each.value, Message(RESIDENCE_STATE_LABELS[each])) for each in Residence)],
    )

    def to_values(self) -> HouseholdValues:
        """Return what was chosen."""
        occupancy, residence = self.occupancy.data, self.residence.data
        return HouseholdValues(Occupancy(occupancy) if occupancy else None, Residence(residence) if residence else None)


class MoveInForm(HouseholdForm):
    """A household that moves in; it has no version yet."""

    id_prefix = "move-in"
    version = HiddenField(None)
    first = DateField(N_("First day there"), [Optional()], render_kw=DATE_ATTRIBUTES)


class HomeEndForm(VersionForm):
    """Last day of a household or of a member."""

    id_prefix = "end"
    last = DateField(N_("Last day there"), [InputRequired()], render_kw=DATE_ATTRIBUTES)


class CorrectionForm(VersionForm):
    """Values of a resident; what is left empty stays."""

    id_prefix = "correction"
    name = StringField(N_("Name"), [Length(max=100), PlainWords()])
    birth_year = IntegerField(N_("Year of birth"), [Optional()])
    id_number = StringField(N_("Identity number"), [Length(max=40)])
    phone = StringField(N_("Phone"), [Length(max=40)])

    def to_values(self) -> MemberValues:
        """Return what was entered."""
        texts = self.id_number.data or "", self.phone.data or ""
        return MemberValues(self.name.data or "", self.birth_year.data, *texts)


class MemberForm(CorrectionForm):
    """A new member of a household."""

    id_prefix = "member"
    name = StringField(N_("Name"), [InputRequired(), Length(max=100), PlainWords()])
    first = DateField(N_("First day there"), [Optional()], render_kw=DATE_ATTRIBUTES)


class PlaceForm(VersionForm):
    """Dwelling of a household whose dwelling was not known."""

    id_prefix = "place"
    dwelling_id = SelectField(N_("Dwelling"), [InputRequired()], coerce=int)


class GroupForm(VersionForm):
    """Service group that a resident enters."""

    id_prefix = "group"
    service_group_id = SelectField(N_("Service group"), [InputRequired()], coerce=int)
    first = DateField(N_("First day in the group"), [Optional()], render_kw=DATE_ATTRIBUTES)


class GroupCountForm(BaseForm):
    """A count of the members of a service group in a building."""

    id_prefix = "group-count"
    service_group_id = SelectField(N_("Service group"), [InputRequired()], coerce=int)
    members = IntegerField(N_("Number of members"), [InputRequired(), NumberRange(0, MAX_PERSONS)])
    as_of = DateField(N_("Day of the count"), [InputRequired()])
    source = StringField(N_("Source"), [InputRequired(), Length(max=MAX_SOURCE_LENGTH), PlainWords()])

    def count(self) -> NewGroupCount:
        """Return the count that was entered."""
        return NewGroupCount(self.service_group_id.data, self.members.data, self.as_of.data, self.source.data.strip())


class GroupEndForm(VersionForm):
    """Last day of a resident in a service group."""

    id_prefix = "group-end"
    last = DateField(N_("Last day in the group"), [InputRequired()], render_kw=DATE_ATTRIBUTES)


class MergeForm(VersionForm):
    """Record of a person that stays, and the last day of the other one."""

    id_prefix = "merge"
    kept_id = RadioField(N_("Record that stays"), [InputRequired()], coerce=int)
    last = DateField(N_("Last day of the other record"), [InputRequired()], render_kw=DATE_ATTRIBUTES)
    other_version = HiddenField(None, [InputRequired()])

    def set_choices(self, records: Sequence[MaskedResident]) -> None:
        """Set the two records to choose from."""
        words = [(each.name, each.building, each.dwelling, each.phone) for each in records]
        labels = [" · ".join(filter(None, texts)) for texts in words]
        self.kept_id.choices = [(each.id, label) for each, label in zip(records, labels, strict=True)]

    def other_version_number(self) -> int:
        """Return the version of the household of the other record; -1, which none has, where it is no number."""
        number = parse_id(self.other_version.data)
        return -1 if number is None else number
