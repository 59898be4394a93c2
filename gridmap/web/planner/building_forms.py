"""Forms of buildings that change: a new one, its texts, its demolition, counts of its households."""

from collections.abc import Iterable
from datetime import date

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
from gridmap.core.vocabulary import HouseholdKind, PopulationKind
from gridmap.services.land.buildings import MAX_HOUSEHOLDS, BuildingTexts, HouseholdCountRow, NewCount
from gridmap.services.land.count_removal import CountRemoval, parse_count_kind
from gridmap.services.land.population import PopulationCountRow
from gridmap.web.forms import BaseForm, PlainWords, SelectField
from gridmap.web.labels import COUNT_KIND_LABELS, HOUSEHOLD_KIND_LABELS

MAX_SHAPE_LETTERS = 60_000
MAX_LEVELS = 200
MAX_REASON_LETTERS = 400
COUNT_LABEL = N_("{day} · {kind} · {number}")
HOUSEHOLDS = N_("Households")
SOURCE = N_("Source")


class TextsForm(BaseForm):
    """Names, use and storeys of a building."""

    name = StringField(N_("Name or number"), [Optional(), Length(max=MAX_NAME_LETTERS), PlainWords()])
    address = StringField(N_("Address"), [Optional(), Length(max=MAX_ADDRESS_LETTERS), PlainWords()])
    use = StringField(N_("Use"), [Optional(), Length(max=MAX_USE_LETTERS), PlainWords()])
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


class CountRemovalForm(BaseForm):
    """A count of households or of persons that was entered for a wrong day, and why it is removed."""

    id_prefix = "removal"
    count = SelectField(N_("Count"), [InputRequired()], choices=[])
    reason = StringField(N_("Reason"), [InputRequired(), Length(max=MAX_REASON_LETTERS), PlainWords()])

    def set_counts(self, counts: Iterable[HouseholdCountRow], persons: Iterable[PopulationCountRow]) -> None:
        """Set the counts of the building, the newest first; each is named by its kind and day."""
        numbers: list[tuple[date, HouseholdKind | PopulationKind, int]] = []
        numbers += [(each.as_of, each.kind, each.households) for each in counts]
        numbers += [(each.as_of, each.kind, each.persons) for each in persons]
        numbers.sort(key=lambda each: each[0], reverse=True)
        self.count.choices = [
            SelectChoice(f"{kind} {day}", _describe(day, kind, number)) for day, kind, number in numbers
        ]

    def removal(self) -> CountRemoval:
        """Return what was entered."""
        kind, day = self.count.data.split(" ")
        return CountRemoval(parse_count_kind(kind), date.fromisoformat(day), self.reason.data.strip())


def _describe(day: date, kind: HouseholdKind | PopulationKind, number: int) -> Message:
    return Message(COUNT_LABEL, {"day": day, "kind": Message(COUNT_KIND_LABELS[kind]), "number": number})
