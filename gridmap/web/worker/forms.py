"""The form that reports an incident: as few fields as a thumb has patience for."""

from typing import Any
from uuid import uuid4

from wtforms import BooleanField, FloatField, HiddenField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional
from wtforms.widgets import HiddenInput

from gridmap.core.errors import N_, Message
from gridmap.services.incidents.reporting import IncidentReport
from gridmap.web.forms import BaseForm, SelectField

CHOOSE_LABEL = N_("Choose …")
MAP_POINT_LABEL = N_("the place on the map")


class IncidentForm(BaseForm):
    """What happened, where, and whether it cannot wait."""

    category = SelectField(N_("What kind?"), [InputRequired()])
    title = StringField(N_("What happened?"), [Length(max=400)])
    building = SelectField(N_("Where?"), coerce=str)
    urgent = BooleanField(N_("It cannot wait"))
    longitude = FloatField(None, [Optional(), NumberRange(-180, 180)], widget=HiddenInput())
    latitude = FloatField(None, [Optional(), NumberRange(-90, 90)], widget=HiddenInput())
    form_token = HiddenField(None, [Length(max=64)], default=lambda: uuid4().hex)
    outside_confirmed = HiddenField()

    def set_choices(self, categories: dict[str, str], buildings: dict[int, str]) -> None:
        """Give the lists their choices."""
        first = SelectChoice("", Message(CHOOSE_LABEL))
        self.category.choices = [first, *[SelectChoice(key, name) for key, name in categories.items()]]
        places = [SelectChoice(str(key), name) for key, name in buildings.items()]
        self.building.choices = [SelectChoice("", Message(MAP_POINT_LABEL)), *places]

    def to_report(self, subdistrict_id: int) -> IncidentReport:
        """What the service takes in."""
        at: dict[str, Any] = {"longitude": self.longitude.data, "latitude": self.latitude.data}
        building = int(self.building.data) if self.building.data else None
        if building is not None:
            at = {"longitude": None, "latitude": None}
        return IncidentReport(
            subdistrict_id=subdistrict_id,
            category=self.category.data,
            title=(self.title.data or "").strip(),
            building_id=building,
            urgent=self.urgent.data,
            form_token=self.form_token.data or uuid4().hex,
            outside_confirmed=self.outside_confirmed.data == "yes",
            **at,
        )
