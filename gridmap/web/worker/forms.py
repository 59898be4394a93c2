"""Forms of an incident report, and of one that is mended."""

from collections.abc import Iterable
from uuid import uuid4

from wtforms import (
    BooleanField,
    DateTimeLocalField,
    FloatField,
    HiddenField,
    MultipleFileField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from gridmap.core.errors import N_, Message
from gridmap.services.cases.field_reports import FieldReport, MendedReport
from gridmap.services.incidents.categories import GroupedNames
from gridmap.services.incidents.reporting import IncidentReport
from gridmap.web.forms import BaseForm, SelectField, fingerprint_texts
from gridmap.web.params import parse_id

CHOOSE_LABEL = N_("Choose …")
TIME_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
"""Formats of browsers, whose seconds are optional."""
MAX_RECENT = 4
"""Categories that a reporter gets as first buttons: two rows on a phone."""
MAP_POINT_LABEL = N_("the place on the map")


class IncidentForm(BaseForm):
    """Category, title, place and urgency of an incident."""

    category = SelectField(N_("What kind?"), [InputRequired()])
    title = StringField(N_("What happened?"), [Length(max=400)])
    occurred_at = DateTimeLocalField(N_("When did it happen?"), [Optional()], format=TIME_FORMATS)
    building = SelectField(N_("Where?"), coerce=str)
    urgent = BooleanField(N_("It cannot wait"))
    longitude = FloatField(None, [Optional(), NumberRange(-180, 180)], widget=HiddenInput())
    latitude = FloatField(None, [Optional(), NumberRange(-90, 90)], widget=HiddenInput())
    form_token = HiddenField(None, [Length(max=64)], default=lambda: uuid4().hex)
    outside_confirmed = HiddenField()
    time_confirmed = HiddenField()
    numbers_confirmed = HiddenField()
    known_id = HiddenField()
    photos = MultipleFileField(N_("Photos"))
    settled = BooleanField(N_("I have settled it on the spot"))
    result = TextAreaField(N_("What did you do about it?"), [Length(max=2000)])

    def set_choices(self, categories: GroupedNames, buildings: dict[int, str]) -> None:
        """Set the choices of the lists."""
        self.category.choices = [SelectChoice("", Message(CHOOSE_LABEL)), *_list_category_choices(categories)]
        building_choices = [SelectChoice(str(key), name) for key, name in buildings.items()]
        self.building.choices = [SelectChoice("", Message(MAP_POINT_LABEL)), *building_choices]

    def set_recent(self, label: str, categories: Iterable[str]) -> None:
        """Put the categories that were reported lately in front of the list, the latest first."""
        first, *others = self.category.choices
        by_key = {choice.value: choice for choice in others}
        recent = [by_key[key] for key in dict.fromkeys(categories) if key in by_key][:MAX_RECENT]
        copies = [SelectChoice(choice.value, choice.label, optgroup=label) for choice in recent]
        self.category.choices = [first, *copies, *others]

    def to_report(self, subdistrict_id: int) -> FieldReport:
        """Return the report for the service."""
        files = [file.read() for file in self.photos.data or () if getattr(file, "filename", "")]
        return FieldReport(
            self._to_incident(subdistrict_id),
            files,
            (self.result.data or "") if self.settled.data else None,
            numbers_confirmed=self.numbers_confirmed.data == self.text_fingerprint,
            known_id=parse_id(self.known_id.data),
        )

    def _to_incident(self, subdistrict_id: int) -> IncidentReport:
        building_id = int(self.building.data) if self.building.data else None
        return IncidentReport(
            subdistrict_id=subdistrict_id,
            category=self.category.data,
            title=(self.title.data or "").strip(),
            building_id=building_id,
            longitude=self.longitude.data if building_id is None else None,
            latitude=self.latitude.data if building_id is None else None,
            urgent=self.urgent.data,
            form_token=self.form_token.data or uuid4().hex,
            outside_confirmed=self.outside_confirmed.data == "yes",
            occurred_at=self.occurred_at.data,
            time_confirmed=self.time_confirmed.data == self.asked_time,
        )

    @property
    def text_fingerprint(self) -> str:
        """Hash of the words that a confirmation of numbers is for."""
        return fingerprint_texts(self.title.data, self.result.data if self.settled.data else "")

    @property
    def asked_time(self) -> str:
        """Time that a confirmation is for; another time needs a new one."""
        return self.occurred_at.data.isoformat() if self.occurred_at.data else ""


class MendingForm(BaseForm):
    """Category and title of an own report that is mended."""

    category = SelectField(N_("What kind?"), [InputRequired()])
    title = StringField(N_("What happened?"), [Length(max=400)])
    numbers_confirmed = HiddenField()

    def set_choices(self, categories: GroupedNames) -> None:
        """Set the categories."""
        self.category.choices = _list_category_choices(categories)

    def to_mended(self) -> MendedReport:
        """Return what the report is to have."""
        confirmed = self.numbers_confirmed.data == self.text_fingerprint
        return MendedReport(self.category.data, self.title.data or "", confirmed)

    @property
    def text_fingerprint(self) -> str:
        """Hash of the words that a confirmation of numbers is for."""
        return fingerprint_texts(self.title.data)


def _list_category_choices(categories: GroupedNames) -> list[SelectChoice]:
    return [
        SelectChoice(key, name, optgroup=main_category)
        for main_category, names in categories.items()
        for key, name in names.items()
    ]
