"""Forms of accounts and of the audit log."""

from collections.abc import Sequence

from wtforms import BooleanField, DateField, HiddenField, IntegerField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import AnyOf, InputRequired, Length, NumberRange, Optional

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import RevealField, Role
from gridmap.services.accounts.accounts import AccountSummary
from gridmap.services.accounts.roster_links import RosterPerson
from gridmap.services.accounts.scopes import ScopeChoices, ScopeRequest
from gridmap.services.accounts.special_tasks import MAX_BUDGET, MAX_TASK_HOUSEHOLDS, REVEALING_ROLES, NewSpecialTask
from gridmap.web.forms import BaseForm, CheckboxGroup, PlainWords, SelectField
from gridmap.web.labels import REVEAL_FIELD_LABELS
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

    display_name = StringField(N_("Shown as"), [InputRequired(), Length(max=100), PlainWords()])
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


class SpecialTaskForm(BaseForm):
    """Purpose, values, number of households, days and accounts of a special task."""

    subdistrict = SelectField(N_("Subdistrict"), [InputRequired()], coerce=int)
    purpose = StringField(N_("Purpose"), [InputRequired(), Length(max=200), PlainWords()])
    fields = CheckboxGroup(
        N_("Values it needs"),
        [InputRequired()],
        choices=[SelectChoice(each.value, Message(REVEAL_FIELD_LABELS[each])) for each in RevealField],
    )
    households = IntegerField(
        N_("Households for each account, in all"), [InputRequired(), NumberRange(1, MAX_TASK_HOUSEHOLDS)]
    )
    first = DateField(N_("First day"), [InputRequired()])
    last = DateField(N_("Last day"), [InputRequired()])
    account_ids = CheckboxGroup(N_("Who works on it"), [InputRequired()], choices=[])

    def set_choices(self, subdistricts: Sequence[tuple[int, str]], accounts: Sequence[AccountSummary]) -> None:
        """Set the subdistricts, and the workers and stations that may be named."""
        self.subdistrict.choices = [SelectChoice(key, name) for key, name in subdistricts]
        self.account_ids.choices = [
            SelectChoice(str(each.id), f"{each.display_name} ({each.name})") for each in accounts
        ]

    def to_task(self) -> NewSpecialTask:
        """Return the task that was filled in."""
        return NewSpecialTask(
            self.subdistrict.data,
            (self.purpose.data or "").strip(),
            [RevealField(each) for each in self.fields.data],
            self.households.data,
            self.first.data,
            self.last.data,
            [int(each) for each in self.account_ids.data],
        )


class RevealBudgetForm(BaseForm):
    """Households a day of a role."""

    subdistrict_id = HiddenField(None, [InputRequired()])
    role = HiddenField(None, [InputRequired(), AnyOf([each.value for each in REVEALING_ROLES])])
    households = IntegerField(N_("Households a day"), [InputRequired(), NumberRange(0, MAX_BUDGET)])


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
