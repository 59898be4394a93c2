"""Forms of accounts and of the audit log."""

from collections.abc import Sequence

from wtforms import BooleanField, DateField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import Role
from gridmap.services.accounts.accounts import AccountSummary
from gridmap.services.accounts.roster_links import RosterPerson
from gridmap.services.accounts.scopes import ScopeChoices, ScopeRequest
from gridmap.web.forms import BaseForm, SelectField
from gridmap.web.navigation import ROLE_NAMES


class ScopeForm(BaseForm):
    """Area and period of a scope."""

    subdistrict = SelectField(N_("Subdistrict"), [InputRequired()])
    community = SelectField(N_("Community"))
    grid = StringField(N_("Grid"), [Length(max=60)])
    first = DateField(N_("First day"), [Optional()])
    last = DateField(N_("Last day"), [Optional()])
    can_approve = BooleanField(N_("May approve plans"))

    def set_choices(self, choices: ScopeChoices) -> None:
        """Set the places that may be given."""
        self.subdistrict.choices = [SelectChoice(code, name) for code, name in choices.subdistricts]
        whole = [SelectChoice("", Message(N_("the whole subdistrict")))] if choices.whole_subdistrict else []
        self.community.choices = [*whole, *(SelectChoice(code, name) for code, name in choices.communities)]

    def to_scope(self) -> ScopeRequest:
        """Return the scope that was filled in."""
        community, grid = self.community.data or None, (self.grid.data or "").strip() or None
        period = self.first.data, self.last.data
        return ScopeRequest(self.subdistrict.data, community, grid, *period, can_approve=self.can_approve.data)


class NewAccountForm(ScopeForm):
    """Name, role and first scope of a new account."""

    display_name = StringField(N_("Shown as"), [InputRequired(), Length(max=100)])
    name = StringField(N_("Name to sign in with"), [InputRequired(), Length(max=80)])
    role = SelectField(
        N_("Role"), [InputRequired()], choices=[SelectChoice(each.value, Message(ROLE_NAMES[each])) for each in Role]
    )


class RosterLinkForm(BaseForm):
    """Person of the roster who signs in with an account."""

    worker_id = SelectField(N_("Person of the roster"))

    def set_choices(self, people: Sequence[RosterPerson]) -> None:
        """Set the people who may be chosen; the one who has the account now is selected in a new form."""
        nobody = SelectChoice("", Message(N_("nobody")))
        options = [SelectChoice(str(each.id), f"{each.name} · {each.community}") for each in people]
        self.worker_id.choices = [nobody, *options]

    def chosen_id(self) -> int | None:
        """Return the key of the chosen person, or None."""
        return int(self.worker_id.data) if self.worker_id.data else None


class ConfirmForm(BaseForm):
    """Button alone: only the CSRF token is checked."""


class AuditFilterForm(BaseForm):
    """Filters of the audit log; they are sent in the URL, so that a list can be kept as a link."""

    class Meta(BaseForm.Meta):
        """No CSRF protection: the form changes nothing."""

        csrf = False

    action = SelectField(N_("What"), [Optional()])
    account_id = SelectField(N_("Account"), [Optional()])
    first = DateField(N_("From day"), [Optional()])
    last = DateField(N_("To day"), [Optional()])

    def set_choices(self, actions: list[SelectChoice], accounts: Sequence[AccountSummary]) -> None:
        """Set the existing actions and accounts."""
        everything = SelectChoice("", Message(N_("all")))
        self.action.choices = [everything, *actions]
        self.account_id.choices = [everything, *(SelectChoice(str(each.id), each.display_name) for each in accounts)]
