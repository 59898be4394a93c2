"""Forms of planners: partition, move of a building, approval."""

from collections.abc import Sequence
from decimal import Decimal

from wtforms import (
    BooleanField,
    DateField,
    DecimalField,
    HiddenField,
    IntegerField,
    StringField,
    TextAreaField,
    ValidationError,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from gridmap.core.errors import N_, Message
from gridmap.core.plans.norm import MAX_RADIUS_M, Norm
from gridmap.core.plans.profile import MAX_GRID_HOUSEHOLDS
from gridmap.core.repartition.figures import DEFAULT_ALTERNATIVES, MAX_ALTERNATIVES, RepartitionWeights
from gridmap.services.plans.streets import BorderStreet
from gridmap.web.forms import BaseForm, CheckboxGroup, PlainWords, SelectField, new_request_key
from gridmap.web.params import parse_id

MAX_SEED = 2**31 - 1
MAX_MOVED = 10_000_000
MAX_WEIGHT, MIN_BORDER_WEIGHT = 100_000, 0.0001
"""Bounds of weights, in households; beyond them, sums of prices would lose the households that move."""
STREET_FIELD_PREFIX = "street-"
COUNTS_IN = N_("Counts in")
AS_DRAWN = N_("both, as drawn")
RANGE_ERROR = N_("The maximum must not be below the minimum.")


class BaseRevisionForm(BaseForm):
    """Form that carries the latest revision at the time when the page was opened; empty if there was none."""

    base_revision_id = HiddenField()

    def base_revision(self) -> int | None:
        """Return its key, or None if there was none or the value is no key."""
        return parse_id(self.base_revision_id.data)


class RangeForm(BaseForm):
    """Range of households, radius and note of a partition."""

    minimum = IntegerField(
        N_("Minimum of households of a grid"), [InputRequired(), NumberRange(1, MAX_GRID_HOUSEHOLDS)]
    )
    maximum = IntegerField(
        N_("Maximum of households of a grid"), [InputRequired(), NumberRange(1, MAX_GRID_HOUSEHOLDS)]
    )
    max_radius_m = IntegerField(
        N_("Farthest home from the centre of its grid, metres"), [Optional(), NumberRange(1, MAX_RADIUS_M)]
    )
    note = StringField(N_("Note"), [Length(max=400), PlainWords()])
    request_key = HiddenField(default=new_request_key)

    def note_text(self) -> str | None:
        """Return the note without surrounding spaces, or None if it is empty."""
        return (self.note.data or "").strip() or None

    def radius_m(self) -> int:
        """Return the largest radius, metres; 0 where the field is empty."""
        return self.max_radius_m.data or 0

    def validate_maximum(self, field: IntegerField) -> None:
        """Refuse a maximum below the minimum."""
        if self.minimum.data is not None and field.data is not None and field.data < self.minimum.data:
            raise ValidationError(RANGE_ERROR)


class PartitionAllForm(RangeForm):
    """Partition from scratch."""

    seed = IntegerField(N_("Variant"), [InputRequired(), NumberRange(0, MAX_SEED)])


class PartitionSubdistrictForm(PartitionAllForm):
    """Partition of all communities of a subdistrict, or of those without a revision."""

    only_without_revision = BooleanField(N_("Only communities without a revision"))


class PartitionForm(PartitionAllForm, BaseRevisionForm):
    """Partition of one community, based on the latest revision that the page shows."""


class RepartitionForm(RangeForm, BaseRevisionForm):
    """Partition of one community from today's grids."""

    id_prefix = "repartition"
    max_moved = IntegerField(N_("Households that may move, at most"), [Optional(), NumberRange(0, MAX_MOVED)])
    alternatives = IntegerField(
        N_("Plans to compare"), [InputRequired(), NumberRange(1, MAX_ALTERNATIVES)], default=DEFAULT_ALTERNATIVES
    )
    locked = CheckboxGroup(N_("Locked grids"), validate_choice=False)
    cut_weight = DecimalField(
        N_("Households that a newly cut estate, courtyard or resident group is worth"),
        [InputRequired(), NumberRange(0, MAX_WEIGHT)],
        places=None,
        default=Decimal(f"{RepartitionWeights().cut:g}"),
    )
    border_weight = DecimalField(
        N_("Households that a metre of border is worth"),
        [InputRequired(), NumberRange(MIN_BORDER_WEIGHT, MAX_WEIGHT)],
        places=None,
        default=Decimal(f"{RepartitionWeights().border_m:g}"),
    )

    def weights(self) -> RepartitionWeights:
        """Return the weights of what a plan changes."""
        return RepartitionWeights(float(self.cut_weight.data), float(self.border_weight.data))


class JobForm(BaseForm):
    """Button that asks for a job."""

    request_key = HiddenField(default=new_request_key)


class LandRebuildForm(BaseForm):
    """Reason why the land of a community is built anew."""

    note = TextAreaField(N_("Reason"), [Length(max=2000), PlainWords()])
    request_key = HiddenField(default=new_request_key)

    def note_text(self) -> str | None:
        """Return the reason without surrounding spaces, or None if it is empty."""
        return (self.note.data or "").strip() or None


class MoveForm(BaseRevisionForm):
    """Reason of a move; building and grid are in the URL."""

    note = TextAreaField(N_("Reason"), [Length(max=2000), PlainWords()])


class StreetsForm(BaseRevisionForm):
    """Note on the streets that are given; a subclass has a field for each street."""

    note = StringField(N_("Note"), [Length(max=400), PlainWords()])

    def choices(self) -> dict[str, int | None]:
        """Return the grid chosen for each street, by its key; None for streets that count as drawn."""
        fields = (each for each in self if each.name.startswith(STREET_FIELD_PREFIX))
        return {each.name.removeprefix(STREET_FIELD_PREFIX): parse_id(each.data) for each in fields}


def range_values(norm: Norm) -> dict[str, int | None]:
    """Return the values of a form of a partition by a norm."""
    return {"minimum": norm.minimum, "maximum": norm.maximum, "max_radius_m": norm.max_radius_m or None}


def make_streets_form(streets: Sequence[BorderStreet]) -> type[StreetsForm]:
    """Return the class of a form with a list of choices for each street."""
    fields = {STREET_FIELD_PREFIX + street.key: _street_field(street) for street in streets}
    return type("StreetsFormOfRevision", (StreetsForm,), fields)


def _street_field(street: BorderStreet) -> SelectField:
    sides = [SelectChoice(str(side.grid_id), f"{side.short_code} {side.name or ''}".strip()) for side in street.sides]
    chosen = str(street.grid_id) if street.grid_id else ""
    return SelectField(COUNTS_IN, choices=[SelectChoice("", Message(AS_DRAWN)), *sides], default=chosen)


class ApprovalForm(BaseForm):
    """Effective date and decision of an approval."""

    effective_date = DateField(N_("Effective date"), [InputRequired()])
    note = TextAreaField(N_("Decision it rests on"), [Optional(), Length(max=2000), PlainWords()])
    replace = BooleanField(N_("Replace the revision that is approved already"))

    def note_text(self) -> str | None:
        """Return the note without surrounding spaces, or None if it is empty."""
        return (self.note.data or "").strip() or None
