"""Forms of norms: a new one for a place, and the end of one."""

from datetime import date

from wtforms import DateField, HiddenField, IntegerField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.field_lengths import MAX_SOURCE_LETTERS
from gridmap.core.plans.norm import MAX_GRID_PERSONS, MAX_RADIUS_M, Norm, PersonRange
from gridmap.core.plans.profile import MAX_GRID_HOUSEHOLDS
from gridmap.core.vocabulary import HouseholdKind
from gridmap.services.norms.changes import NormChange
from gridmap.web.forms import BaseForm, PlainWords, SelectField, add_form_errors
from gridmap.web.labels import HOUSEHOLD_KIND_LABELS

MAXIMUM_BELOW_MINIMUM = N_("The maximum must not be below the minimum.")
TARGET_OUTSIDE = N_("The target must lie between minimum and maximum.")
BOTH_OR_NONE = N_("Give both numbers of persons, or none.")


class NormNumbersForm(BaseForm):
    """Numbers of a norm, and the version of what they were entered for."""

    version = HiddenField()
    minimum = IntegerField(N_("Minimum of households"), [InputRequired(), NumberRange(1, MAX_GRID_HOUSEHOLDS)])
    maximum = IntegerField(N_("Maximum of households"), [InputRequired(), NumberRange(1, MAX_GRID_HOUSEHOLDS)])
    target = IntegerField(N_("Target"), [Optional(), NumberRange(1, MAX_GRID_HOUSEHOLDS)])
    person_minimum = IntegerField(N_("or minimum of persons"), [Optional(), NumberRange(1, MAX_GRID_PERSONS)])
    person_maximum = IntegerField(N_("Maximum of persons"), [Optional(), NumberRange(1, MAX_GRID_PERSONS)])
    max_radius_m = IntegerField(N_("Radius of a grid at most, metres"), [Optional(), NumberRange(1, MAX_RADIUS_M)])

    def to_norm(self, kind: HouseholdKind = HouseholdKind.RESIDENT) -> Norm | None:
        """Return the norm that was filled in; None with the errors at their fields."""
        is_valid, faults = self.validate(), self.find_faults()
        add_form_errors(self, InvalidInput(faults))
        if faults or not is_valid:
            return None
        persons = PersonRange(self.person_minimum.data, self.person_maximum.data) if self.person_minimum.data else None
        radius_m = self.max_radius_m.data or 0
        return Norm(self.minimum.data, self.maximum.data, self.target.data or 0, kind, persons, radius_m)

    def find_faults(self) -> list[InputFault]:
        """Return the faults of numbers that do not fit each other."""
        low, high, target = self.minimum.data, self.maximum.data, self.target.data
        persons = self.person_minimum.data, self.person_maximum.data
        is_reversed = _is_reversed(low, high)
        is_outside = not is_reversed and (_is_reversed(low, target) or _is_reversed(target, high))
        faults = [
            (is_reversed, MAXIMUM_BELOW_MINIMUM, "maximum"),
            (is_outside, TARGET_OUTSIDE, "target"),
            (None in persons and persons != (None, None), BOTH_OR_NONE, "person_maximum"),
            (_is_reversed(*persons), MAXIMUM_BELOW_MINIMUM, "person_maximum"),
        ]
        return [InputFault(Message(text), column=column) for is_fault, text, column in faults if is_fault]


class NormForm(NormNumbersForm):
    """A norm with its kind of households, its document and its first day."""

    household_kind = SelectField(
        N_("Households counted"),
        [InputRequired()],
        choices=[SelectChoice(kind.value, Message(HOUSEHOLD_KIND_LABELS[kind])) for kind in HouseholdKind],
    )
    source = StringField(N_("Document"), [InputRequired(), Length(max=MAX_SOURCE_LETTERS), PlainWords()])
    source_date = DateField(N_("Date of the document"), [InputRequired()])
    first = DateField(N_("Holds from"), [InputRequired()])

    def to_change(self) -> NormChange | None:
        """Return the norm that was filled in, with its document; None with the errors at their fields."""
        known = {kind.value: kind for kind in HouseholdKind}
        norm = self.to_norm(known.get(self.household_kind.data, HouseholdKind.RESIDENT))
        if norm is None:
            return None
        return NormChange(norm, self.source.data.strip(), self.source_date.data, self.first.data)


def _is_reversed(low: int | None, high: int | None) -> bool:
    """Return whether two numbers are given and the first one is larger."""
    return low is not None and high is not None and low > high


class EndNormForm(BaseForm):
    """First day without a norm of the place."""

    version = HiddenField()
    first_without = DateField(N_("First day without it"), [InputRequired()])


def norm_values(norm: Norm) -> dict[str, int | None]:
    """Return the values of a form with the numbers of a norm."""
    return {
        "minimum": norm.minimum,
        "maximum": norm.maximum,
        "target": norm.target if norm.target != Norm(norm.minimum, norm.maximum).target else None,
        "person_minimum": norm.persons.minimum if norm.persons else None,
        "person_maximum": norm.persons.maximum if norm.persons else None,
        "max_radius_m": norm.max_radius_m or None,
    }


def new_norm_form(norm: Norm, version: str, first: date) -> NormForm:
    """Return a form that is filled with the norm of today."""
    values = {**norm_values(norm), "household_kind": norm.household_kind.value, "first": first, "version": version}
    return NormForm(formdata=None, data=values)
