"""Forms of planners: how to divide, why to move, from when it holds."""

from typing import Any

from wtforms import BooleanField, DateField, HiddenField, IntegerField, StringField, TextAreaField, ValidationError
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from gridmap.core.errors import N_
from gridmap.core.partition.profile import LARGEST, Profile
from gridmap.web.forms import Form

LARGEST_SEED = 2**31 - 1
FEWER = N_("The most must not be fewer than the fewest.")


class Seen(Form):
    """Which version was the newest when the page was opened; empty where there was none."""

    newest = HiddenField()

    def seen(self) -> int | None:
        """Its key; whatever is none counts as having seen nothing."""
        given = self.newest.data or ""
        return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None


class Divide(Seen):
    """How to divide."""

    minimum = IntegerField(N_("Fewest households of a grid"), [InputRequired(), NumberRange(1, LARGEST)])
    maximum = IntegerField(N_("Most households of a grid"), [InputRequired(), NumberRange(1, LARGEST)])
    seed = IntegerField(N_("Variant"), [InputRequired(), NumberRange(0, LARGEST_SEED)])
    note = StringField(N_("Note"), [Length(max=400)])

    def validate_maximum(self, field: Any) -> None:
        """Hold the range in order."""
        if self.minimum.data is not None and field.data is not None and field.data < self.minimum.data:
            raise ValidationError(FEWER)

    def profile(self) -> Profile:
        """The range."""
        return Profile(self.minimum.data, self.maximum.data)


class Move(Seen):
    """Why a building moves; which and where to is in the address."""

    note = TextAreaField(N_("Reason"), [Length(max=2000)])


class Approve(Form):
    """From when it holds, and on whose word."""

    first = DateField(N_("Effective date"), [InputRequired()])
    note = TextAreaField(N_("Decision it rests on"), [Optional(), Length(max=2000)])
    replace = BooleanField(N_("Replace the version that is approved already"))
