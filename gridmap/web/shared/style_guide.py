"""Sample data of the style guide: invented accounts, and a form as it opens and with errors."""

from werkzeug.datastructures import MultiDict
from wtforms import BooleanField, DateField, FileField, IntegerField, PasswordField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import Role
from gridmap.web.forms import BaseForm, RadioField, SelectField
from gridmap.web.language import translate_markup
from gridmap.web.navigation import ROLE_NAMES

NAV_TITLES_BY_ROLE = {
    Role.PLANNER: (N_("Overview"), N_("Communities"), N_("Plans"), N_("Grids"), N_("Import"), N_("Reports")),
    Role.WORKER: (N_("My grid"), N_("Incidents"), N_("Visits")),
    Role.LEADER: (N_("Overview"), N_("Incidents"), N_("Reports")),
    Role.STATION: (N_("Incidents"), N_("Workers"), N_("Notices")),
    Role.ADMIN: (N_("Accounts"), N_("Records"), N_("Components")),
}
SUBDISTRICT_NAME = N_("Phoenix Hill subdistrict office")
INVALID_FORM_DATA = MultiDict({"invalid-title": "", "invalid-minimum": "5000", "invalid-kind": "resident"})


class StyleGuideForm(BaseForm):
    """Form with each kind of field."""

    title = StringField(N_("Name of the plan"), [InputRequired(), Length(max=60)])
    minimum = IntegerField(N_("Minimum of households in a grid"), [InputRequired(), NumberRange(100, 1000)])
    effective_date = DateField(N_("In force from"), [InputRequired()])
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
    keep_courtyards = BooleanField(N_("Keep courtyards whole"), default=True)
    drawn_grids = FileField(N_("Grids drawn by hand"))
    reason = TextAreaField(N_("Reason"), [Length(max=500)])
    password = PasswordField(N_("Password"), [InputRequired()])


def sample_forms() -> dict[str, StyleGuideForm]:
    """Return the form as it opens and as it comes back with errors."""
    invalid = StyleGuideForm(INVALID_FORM_DATA, meta={"csrf": False}, prefix="invalid-")
    invalid.validate()
    return {"blank_form": StyleGuideForm(MultiDict(), meta={"csrf": False}), "invalid_form": invalid}


def sample_headers() -> list[dict[str, object]]:
    """Return the page header of each role; its second entry is the current page."""
    return [
        {
            "account": {
                "name": role.value,
                "display_name": translate_markup(ROLE_NAMES[role]),
                "role": role,
                "subdistrict_name": translate_markup(SUBDISTRICT_NAME),
            },
            "nav_items": [
                {"url": "#frame", "title": title, "is_current": index == 1} for index, title in enumerate(titles)
            ],
        }
        for role, titles in NAV_TITLES_BY_ROLE.items()
    ]
