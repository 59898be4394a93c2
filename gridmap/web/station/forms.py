"""Forms of residents' pages: search by a number, reveal of a value or of a household."""

from collections.abc import Sequence

from wtforms import StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from gridmap.core.errors import N_, Message
from gridmap.core.vocabulary import RevealField, RevealPurpose
from gridmap.services.people.residents import MaskedResident
from gridmap.services.people.reveals import MAX_MATTER_LENGTH, MAX_REASON_LENGTH, OwnSpecialTask, RevealGrounds
from gridmap.web.forms import BaseForm, PlainWords, RadioField
from gridmap.web.labels import PURPOSE_LABELS, REVEAL_FIELD_LABELS
from gridmap.web.params import parse_id

HOUSEHOLD = "household"
"""Choice of the whole household, in addition to the values of one resident."""
HOUSEHOLD_LABEL = N_("Names and phones of the household, for 30 minutes")
SPECIAL_TASK_LABEL = N_("Special task: {purpose} ({count} households left)")
TASK_PREFIX = "task-"


class ResidentSearchForm(BaseForm):
    """Complete number; it is sent in the body, so that no log or history holds it."""

    number = StringField(N_("Identity number or phone"), [InputRequired(), Length(max=40)])


class RevealForm(BaseForm):
    """Value or household to reveal, the purpose, and further words.

    The choices depend on the resident and on today's special tasks; the service checks what was chosen.
    """

    field = RadioField(N_("What do you need?"), [InputRequired()], validate_choice=False, choices=[])
    purpose = RadioField(N_("What for?"), [InputRequired()], validate_choice=False, choices=[])
    matter_number = StringField(N_("Number of the matter"), [Length(max=MAX_MATTER_LENGTH), PlainWords()])
    reason = StringField(N_("In your words"), [Length(max=MAX_REASON_LENGTH), PlainWords()])

    def set_choices(self, resident: MaskedResident, special_tasks: Sequence[OwnSpecialTask]) -> None:
        """Set the values that are known of a resident, and the purposes."""
        known = {RevealField.NAME: resident.name, RevealField.PHONE: resident.phone}
        fields = [each for each in RevealField if known.get(each, resident.id_number)]
        self.matter_number.flags.required = True  # where the purpose is a matter; the field is hidden otherwise
        self.reason.flags.required = not special_tasks  # the purpose of a special task may stand for it
        self.field.choices = [
            *(SelectChoice(each.value, Message(REVEAL_FIELD_LABELS[each])) for each in fields),
            SelectChoice(HOUSEHOLD, Message(HOUSEHOLD_LABEL)),
        ]
        self.purpose.choices = [
            *(SelectChoice(each.value, Message(PURPOSE_LABELS[each])) for each in RevealPurpose),
            *(SelectChoice(f"{TASK_PREFIX}{task.id}", _task_label(task)) for task in special_tasks),
        ]

    def chosen_field(self) -> RevealField | None:
        """Return the value that was chosen; None for the household, and for what is no choice."""
        return RevealField(self.field.data) if self.field.data in list(RevealField) else None

    def grounds(self) -> RevealGrounds:
        """Return purpose and reason for the service."""
        chosen = self.purpose.data or ""
        purpose = RevealPurpose(chosen) if chosen in list(RevealPurpose) else None
        task_id = parse_id(chosen.removeprefix(TASK_PREFIX)) if chosen.startswith(TASK_PREFIX) else None
        return RevealGrounds(purpose, self.reason.data or "", self.matter_number.data or "", task_id)


def _task_label(task: OwnSpecialTask) -> Message:
    return Message(SPECIAL_TASK_LABEL, {"purpose": task.purpose, "count": task.households_left})
