"""Forms of accounts and of the audit."""

from typing import Any

from wtforms import DateField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from gridmap.core.errors import N_, Message
from gridmap.core.names import Role
from gridmap.services.scopes import Place
from gridmap.web.forms import Form, SelectField
from gridmap.web.frame import ROLE_NAMES

Choices = list[tuple[str, str]]


class Scoped(Form):
    """Where and how long."""

    subdistrict = SelectField(N_("Subdistrict"), [InputRequired()])
    community = SelectField(N_("Community"))
    grid = StringField(N_("Grid"), [Length(max=60)])
    first = DateField(N_("First day"), [Optional()])
    last = DateField(N_("Last day"), [Optional()])

    def offer(self, subdistricts: Choices, communities: Choices) -> None:
        """Offer the places that may be given."""
        self.subdistrict.choices = [SelectChoice(code, name) for code, name in subdistricts]
        whole = SelectChoice("", Message(N_("the whole subdistrict")))
        self.community.choices = [whole, *(SelectChoice(code, name) for code, name in communities)]

    def place(self) -> Place:
        """What was filled in."""
        community, grid = self.community.data or None, (self.grid.data or "").strip() or None
        return Place(self.subdistrict.data, community, grid, self.first.data, self.last.data)


class NewAccount(Scoped):
    """Who, as what, and where."""

    display_name = StringField(N_("Shown as"), [InputRequired(), Length(max=100)])
    name = StringField(N_("Name to sign in with"), [InputRequired(), Length(max=80)])
    role = SelectField(
        N_("Role"), [InputRequired()], choices=[SelectChoice(each.value, Message(ROLE_NAMES[each])) for each in Role]
    )


class Deed(Form):
    """One button: only the protection against forgery is checked."""


class Wanted(Form):
    """Which rows of the audit; sent in the address, so that a list can be kept as a link."""

    class Meta(Form.Meta):
        """It changes nothing, so nobody can forge it."""

        csrf = False

    action = SelectField(N_("What"), [Optional()])
    account = SelectField(N_("Account"), [Optional()])
    first = DateField(N_("From day"), [Optional()])
    last = DateField(N_("To day"), [Optional()])

    def offer(self, actions: list[SelectChoice], accounts: list[Any]) -> None:
        """Offer the actions and accounts that there are."""
        everything = SelectChoice("", Message(N_("all")))
        self.action.choices = [everything, *actions]
        self.account.choices = [everything, *(SelectChoice(str(each.id), each.display_name) for each in accounts)]
