"""Form of a count of the persons of a building, for the roles that enter them."""

from wtforms import DateField, IntegerField, StringField
from wtforms.validators import InputRequired, Length, NumberRange, Optional

from gridmap.core.errors import N_
from gridmap.core.field_lengths import MAX_SOURCE_LETTERS
from gridmap.services.land.population import NewPopulationCount
from gridmap.web.forms import BaseForm, PlainWords

MAX_PERSONS = 100_000
"""Persons of one building at most."""


class PopulationForm(BaseForm):
    """A count of the persons of a building."""

    id_prefix = "population"
    residents = IntegerField(N_("Persons"), [InputRequired(), NumberRange(0, MAX_PERSONS)])
    residents_60 = IntegerField(N_("of them 60 and older"), [Optional(), NumberRange(0, MAX_PERSONS)])
    as_of = DateField(N_("Day of the count"), [InputRequired()])
    source = StringField(N_("Source"), [InputRequired(), Length(max=MAX_SOURCE_LETTERS), PlainWords()])

    def count(self) -> NewPopulationCount:
        """Return the count that was entered."""
        return NewPopulationCount(
            self.residents.data, self.residents_60.data, self.as_of.data, self.source.data.strip()
        )
