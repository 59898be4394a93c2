"""Forms of planners: partition, move of a building, approval."""

from wtforms import BooleanField, DateField, HiddenField, IntegerField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from gridmap.core.errors import N_
from gridmap.core.plans.profile import MAX_GRID_HOUSEHOLDS, Profile
from gridmap.web.forms import BaseForm
from gridmap.web.params import parse_id

MAX_SEED = 2**31 - 1
RANGE_ERROR = N_("The maximum must not be below the minimum.")


class BaseRevisionForm(BaseForm):
    """Form that carries the latest revision at the time when the page was opened; empty if there was none."""

    base_revision_id = HiddenField()

    def base_revision(self) -> int | None:
        """Return its key, or None if there was none or the value is no key."""
        return parse_id(self.base_revision_id.data)


class PartitionForm(BaseRevisionForm):
    """Range of households, variant and note of a partition."""

    minimum = IntegerField(
        N_("Minimum of households of a grid"), [InputRequired(), NumberRange(1, MAX_GRID_HOUSEHOLDS)]
    )
    maximum = IntegerField(
        N_("Maximum of households of a grid"), [InputRequired(), NumberRange(1, MAX_GRID_HOUSEHOLDS)]
    )
    seed = IntegerField(N_("Variant"), [InputRequired(), NumberRange(0, MAX_SEED)])
    note = StringField(N_("Note"), [Length(max=400)])

    def validate_maximum(self, field: IntegerField) -> None:
        """Refuse a maximum below the minimum."""
        if self.minimum.data is not None and field.data is not None and field.data < self.minimum.data:
            raise ValidationError(RANGE_ERROR)

    def profile(self) -> Profile:
        """Return the range as a profile."""
        return Profile(self.minimum.data, self.maximum.data)


class MoveForm(BaseRevisionForm):
    """Reason of a move; building and grid are in the URL."""

    note = TextAreaField(N_("Reason"), [Length(max=2000)])


class ApprovalForm(BaseForm):
    """Effective date and decision of an approval."""

    effective_date = DateField(N_("Effective date"), [InputRequired()])
    note = TextAreaField(N_("Decision it rests on"), [Optional(), Length(max=2000)])
    replace = BooleanField(N_("Replace the revision that is approved already"))

    def note_text(self) -> str | None:
        """Return the note without surrounding spaces, or None if it is empty."""
        return (self.note.data or "").strip() or None
