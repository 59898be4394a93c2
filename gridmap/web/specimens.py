"""What the page of all components shows its components with: invented people, and a form in each of its states."""

from typing import Any

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, FileField, IntegerField, PasswordField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from gridmap.core.errors import N_, Message
from gridmap.core.names import Role
from gridmap.web.forms import Form, RadioField, SelectField
from gridmap.web.frame import ROLE_NAMES
from gridmap.web.language import spoken

PLACES = {
    Role.PLANNER: (N_("Overview"), N_("Communities"), N_("Plans"), N_("Grids"), N_("Import"), N_("Reports")),
    Role.WORKER: (N_("My grid"), N_("Incidents"), N_("Visits")),
    Role.LEADER: (N_("Overview"), N_("Incidents"), N_("Reports")),
    Role.STATION: (N_("Incidents"), N_("Workers"), N_("Notices")),
    Role.ADMIN: (N_("Accounts"), N_("Records"), N_("Components")),
}
SUBDISTRICT = N_("Phoenix Hill subdistrict office")
WRONG = MultiDict({"wrong-title": "", "wrong-fewest": "5000", "wrong-kind": "resident"})


class Specimen(Form):
    """Every kind of field once."""

    title = StringField(N_("Name of the plan"), [InputRequired(), Length(max=60)])
    fewest = IntegerField(N_("Fewest households in a grid"), [InputRequired(), NumberRange(100, 1000)])
    start = DateField(N_("In force from"), [InputRequired()])
    community = SelectField(
        N_("Community"),
        [InputRequired()],
        choices=[SelectChoice("", Message("Please choose")), SelectChoice("PH", Message("Phoenix community"))],
    )
    kind = RadioField(
        N_("What counts as a household"),
        choices=[
            SelectChoice("resident", Message("Who lives here")),
            SelectChoice("registered", Message("Who is registered here")),
        ],
        default="resident",
    )
    whole = BooleanField(N_("Keep courtyards whole"), default=True)
    drawn = FileField(N_("Grids drawn by hand"))
    reason = TextAreaField(N_("Reason"), [Length(max=500)])
    password = PasswordField(N_("Password"), [InputRequired()])


def forms() -> dict[str, Specimen]:
    """The form as it opens and as it comes back."""
    wrong = Specimen(WRONG, meta={"csrf": False}, prefix="wrong-")
    wrong.validate()
    return {"fresh": Specimen(MultiDict(), meta={"csrf": False}), "wrong": wrong}


def heads() -> list[dict[str, Any]]:
    """The head of a page as each role sees it; the second place is where we are."""
    return [
        {
            "account": {
                "name": role.value,
                "display_name": spoken(ROLE_NAMES[role]),
                "role": role,
                "subdistrict_name": spoken(SUBDISTRICT),
            },
            "places": [{"address": "#frame", "title": each, "here": at == 1} for at, each in enumerate(places)],
        }
        for role, places in PLACES.items()
    ]
