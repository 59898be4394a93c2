"""Form of a call or a visit that a station records."""

import hashlib
from collections.abc import Sequence
from uuid import uuid4

from wtforms import BooleanField, DateTimeLocalField, HiddenField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from gridmap.core.errors import N_, Message
from gridmap.services.cases.calls import CHANNELS, CallRecord
from gridmap.services.grids import code_tables
from gridmap.services.incidents.categories import GroupedNames
from gridmap.services.places.location import BuildingCandidate
from gridmap.web.forms import BaseForm, RadioField, SelectField
from gridmap.web.language import current_language
from gridmap.web.params import parse_id

CHOOSE_LABEL = N_("Choose …")
TIME_FORMATS = ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]


class CallForm(BaseForm):
    """Category, title, channel, time and place of what the station was told."""

    channel = SelectField(N_("How did it come in?"), [InputRequired()])
    category = SelectField(N_("What kind?"), [InputRequired()], validate_choice=False)
    title = StringField(N_("What happened?"), [InputRequired(), Length(max=400)])
    occurred_at = DateTimeLocalField(N_("When did it happen?"), [Optional()], format=TIME_FORMATS)
    address = StringField(N_("Address"), [Length(max=400)])
    building_id = RadioField(N_("Building that is meant"), validate_choice=False, choices=[])
    shape = StringField(N_("Place on the map"), [Length(max=200)])
    urgent = BooleanField(N_("It cannot wait"))
    form_token = HiddenField(None, [InputRequired(), Length(max=64)], default=lambda: uuid4().hex)
    time_confirmed = HiddenField()
    numbers_confirmed = HiddenField()
    near_confirmed = HiddenField()
    known_id = HiddenField()

    def set_choices(self, categories: GroupedNames) -> None:
        """Set the categories that may be reported, and the channels."""
        channels = code_tables.list_names("channels", current_language())
        self.channel.choices = [SelectChoice(key, channels[key]) for key in CHANNELS]
        kinds = [
            SelectChoice(key, name, optgroup=main_category)
            for main_category, names in categories.items()
            for key, name in names.items()
        ]
        self.category.choices = [SelectChoice("", Message(CHOOSE_LABEL)), *kinds]

    def set_candidates(self, candidates: Sequence[BuildingCandidate]) -> None:
        """Set the buildings that the address may mean."""
        self.building_id.choices = [SelectChoice(str(each.building.id), each.building.title()) for each in candidates]

    def to_record(self, subdistrict_id: int) -> CallRecord:
        """Return the record for the service."""
        return CallRecord(
            subdistrict_id,
            self.category.data or "",
            self.title.data or "",
            self.channel.data or "",
            self.shape.data or "",
            self.address.data or "",
            parse_id(self.building_id.data),
            bool(self.urgent.data),
            self.form_token.data or "",
            self.occurred_at.data,
            self.time_confirmed.data == self.asked_time,
            self.numbers_confirmed.data == self.title_fingerprint,
            self.near_confirmed.data == self.place_fingerprint,
            parse_id(self.known_id.data),
        )

    @property
    def asked_time(self) -> str:
        """Time that a confirmation is for."""
        return self.occurred_at.data.isoformat() if self.occurred_at.data else ""

    @property
    def title_fingerprint(self) -> str:
        """Hash of the title that a confirmation is for."""
        return hashlib.sha256((self.title.data or "").encode()).hexdigest()

    @property
    def place_fingerprint(self) -> str:
        """Hash of category and place that a confirmation is for; another place is compared anew."""
        values = self.category.data, self.shape.data, self.address.data, self.building_id.data
        return hashlib.sha256(repr(values).encode()).hexdigest()
