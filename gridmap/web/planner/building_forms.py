"""Forms of buildings that change: a new one, its texts, its demolition, counts of its households."""

from wtforms import DateField, FloatField, IntegerField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from gridmap.core.errors import N_, Message
from gridmap.core.field_lengths import (
    MAX_ADDRESS_LETTERS,
    MAX_BUILDING_CODE_LETTERS,
    MAX_NAME_LETTERS,
    MAX_SOURCE_LETTERS,
    MAX_USE_LETTERS,
)
from gridmap.core.vocabulary import HouseholdKind
from gridmap.services.land.buildings import MAX_HOUSEHOLDS, BuildingTexts, NewCount
from gridmap.web.forms import BaseForm, PlainWords, SelectField
from gridmap.web.labels import HOUSEHOLD_KIND_LABELS

MAX_SHAPE_LETTERS = 60_000
MAX_LEVELS = 200
HOUSEHOLDS = N_("Households")
SOURCE = N_("Source")


class TextsForm(BaseForm):
    """Names, use and storeys of a building."""

    name = StringField(N_("Name or number"), [Optional(), Length(max=MAX_NAME_LETTERS)])
    address = StringField(N_("Address"), [Optional(), Length(max=MAX_ADDRESS_LETTERS)])
    use = StringField(N_("Use"), [Optional(), Length(max=MAX_USE_LETTERS)])
    levels = FloatField(N_("Storeys"), [Optional(), NumberRange(0.5, MAX_LEVELS)])

    def texts(self) -> BuildingTexts:
        """Return what was entered; an empty field is unknown."""
        name, address, use = ((field.data or "").strip() or None for field in (self.name, self.address, self.use))
        return BuildingTexts(name, address, use, self.levels.data)


class NewBuildingForm(TextsForm):
    """A new building with its place, its first day and its households."""

    code = StringField(N_("Building code"), [InputRequired(), Length(max=MAX_BUILDING_CODE_LETTERS)])
    shape = TextAreaField(N_("Place"), [InputRequired(), Length(max=MAX_SHAPE_LETTERS)])
    first = DateField(N_("Built on"), [InputRequired()])
    households = IntegerField(HOUSEHOLDS, [Optional(), NumberRange(0, MAX_HOUSEHOLDS)])
    source = StringField(SOURCE, [InputRequired(), Length(max=MAX_SOURCE_LETTERS), PlainWords()])


class DemolitionForm(BaseForm):
    """First day on which a building no longer stands."""

    end = DateField(N_("It stands no longer since"), [InputRequired()])


class CountForm(BaseForm):
    """A count of the households of a building."""

    kind = SelectField(
        N_("Kind of households"),
        [InputRequired()],
        choices=[SelectChoice(kind.value, Message(label)) for kind, label in HOUSEHOLD_KIND_LABELS.items()],
    )
    households = IntegerField(HOUSEHOLDS, [InputRequired(), NumberRange(0, MAX_HOUSEHOLDS)])
    as_of = DateField(N_("Day of the count"), [InputRequired()])
    source = StringField(SOURCE, [InputRequired(), Length(max=MAX_SOURCE_LETTERS), PlainWords()])

    def count(self) -> NewCount:
        """Return the count that was entered."""
        kind = HouseholdKind(self.kind.data)
        return NewCount(kind, self.households.data, self.as_of.data, self.source.data.strip())
