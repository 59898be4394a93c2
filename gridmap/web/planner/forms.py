"""Forms of planners: how to divide, why to move, from when it holds."""

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, IntegerField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from gridmap.core.errors import N_
from gridmap.core.plans.profile import MAX_GRID_HOUSEHOLDS, Profile
from gridmap.web.forms import BaseForm

MAX_SEED = 2**31 - 1
RANGE_ERROR = N_("The most must not be fewer than the fewest.")


class BaseRevisionForm(BaseForm):
    """Which version was the newest when the page was opened; empty where there was none."""

    base_revision_id = HiddenField()

    def base_revision(self) -> int | None:
        """Its key; whatever is none counts as having seen nothing."""
        given = self.base_revision_id.data or ""
        return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


class PartitionForm(BaseRevisionForm):
    """How to divide."""

    minimum = IntegerField(N_("Fewest households of a grid"), [InputRequired(), NumberRange(1, MAX_GRID_HOUSEHOLDS)])
    maximum = IntegerField(N_("Most households of a grid"), [InputRequired(), NumberRange(1, MAX_GRID_HOUSEHOLDS)])
    seed = IntegerField(N_("Variant"), [InputRequired(), NumberRange(0, MAX_SEED)])
    note = StringField(N_("Note"), [Length(max=400)])

    def validate_maximum(self, field: Any) -> None:
        """Hold the range in order."""
        if self.minimum.data is not None and field.data is not None and field.data < self.minimum.data:
            raise ValidationError(RANGE_ERROR)

    def profile(self) -> Profile:
        """The range."""
        return Profile(self.minimum.data, self.maximum.data)


class MoveForm(BaseRevisionForm):
    """Why a building moves; which and where to is in the address."""

    note = TextAreaField(N_("Reason"), [Length(max=2000)])


class ApprovalForm(BaseForm):
    """From when it holds, and on whose word."""

    effective_date = DateField(N_("Effective date"), [InputRequired()])
    note = TextAreaField(N_("Decision it rests on"), [Optional(), Length(max=2000)])
    replace = BooleanField(N_("Replace the version that is approved already"))
