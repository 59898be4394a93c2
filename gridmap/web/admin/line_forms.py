"""Forms of service lines: their names and categories, and what a leader is given."""

from collections.abc import Iterable, Sequence

from wtforms import DateField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from gridmap.core.errors import N_, Message
from gridmap.services.accounts.line_grants import LineRequest, LineScope, ServiceLineRow
from gridmap.services.incidents.category_administration import StoredCategory
from gridmap.texts import LANGUAGES
from gridmap.web.forms import BaseForm, CheckboxGroup, PlainWords, SelectField
from gridmap.web.language import current_language


class NewLineForm(BaseForm):
    """Names of a new service line."""

    subdistrict_id = SelectField(N_("Subdistrict"), [InputRequired()], coerce=int)
    name_zh = StringField(N_("Name in Chinese"), [InputRequired(), Length(max=80), PlainWords()])
    name_en = StringField(N_("Name in English"), [InputRequired(), Length(max=80), PlainWords()])

    def names(self) -> tuple[str, str]:
        """Return both names, Chinese first."""
        return self.name_zh.data.strip(), self.name_en.data.strip()


class LineForm(BaseForm):
    """Names of a service line, and its categories."""

    name_zh = StringField(N_("Name in Chinese"), [InputRequired(), Length(max=80), PlainWords()])
    name_en = StringField(N_("Name in English"), [InputRequired(), Length(max=80), PlainWords()])
    categories = CheckboxGroup(N_("Categories"), choices=[])

    def set_choices(self, categories: Iterable[StoredCategory]) -> None:
        """Set the categories to choose from, named in the reader's language."""
        position = LANGUAGES.index(current_language())
        self.categories.choices = [
            SelectChoice(each.category.key, each.category.names[position]) for each in categories
        ]

    def names(self) -> tuple[str, str]:
        """Return both names, Chinese first."""
        return self.name_zh.data.strip(), self.name_en.data.strip()


class LineGrantForm(BaseForm):
    """A service line of a leader: where, for which days, and by which legal basis."""

    scope_id = SelectField(N_("Works in"), [InputRequired()], coerce=int)
    line_id = SelectField(N_("Service line"), [InputRequired()], coerce=int)
    first = DateField(N_("First day"), [Optional()])
    last = DateField(N_("Last day"), [Optional()])
    legal_basis = StringField(N_("Legal basis"), [Length(max=200), PlainWords()])

    def set_choices(self, scopes: Iterable[LineScope], lines: Sequence[ServiceLineRow]) -> None:
        """Set the places and the lines; those with sensitive categories say so."""
        position = LANGUAGES.index(current_language())
        self.scope_id.choices = [
            SelectChoice(each.id, " · ".join(filter(None, (each.subdistrict, each.community)))) for each in scopes
        ]
        self.line_id.choices = [_line_choice(each, position) for each in lines]

    def to_request(self) -> LineRequest:
        """Return the line that was filled in."""
        period = self.first.data, self.last.data
        return LineRequest(self.scope_id.data, self.line_id.data, *period, legal_basis=self.legal_basis.data or "")


def _line_choice(line: ServiceLineRow, position: int) -> SelectChoice:
    name = (line.name_zh, line.name_en)[position]
    return SelectChoice(line.id, Message(N_("{line} (sensitive)"), {"line": name}) if line.is_sensitive else name)
