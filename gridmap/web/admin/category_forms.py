"""Forms of incident categories and of their access class."""

from collections.abc import Mapping

from wtforms import IntegerField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from gridmap.core.errors import N_, Message
from gridmap.core.incidents.categories import IncidentCategory
from gridmap.core.vocabulary import AccessClass
from gridmap.services.incidents.category_administration import list_main_categories
from gridmap.texts import LANGUAGES
from gridmap.web.forms import BaseForm, PlainWords, SelectField
from gridmap.web.labels import ACCESS_CLASS_LABELS
from gridmap.web.language import current_language

MAX_PROMISED_DAYS = 366


def _class_choices() -> list[SelectChoice]:
    return [SelectChoice(each.value, Message(ACCESS_CLASS_LABELS[each])) for each in AccessClass]


class CategoryForm(BaseForm):
    """Names, main category, purpose, legal basis and line of work of a category."""

    name_zh = StringField(N_("Name in Chinese"), [InputRequired(), Length(max=80), PlainWords()])
    name_en = StringField(N_("Name in English"), [InputRequired(), Length(max=80), PlainWords()])
    main_category = SelectField(N_("Main category"), [InputRequired()])
    line_of_work = SelectField(N_("Service line that deals with it"))
    promised_days = IntegerField(
        N_("Days until a case is to be closed"), [InputRequired(), NumberRange(1, MAX_PROMISED_DAYS)], default=7
    )
    purpose = StringField(N_("Purpose"), [Length(max=200), PlainWords()])
    legal_basis = StringField(N_("Legal basis"), [Length(max=200), PlainWords()])

    def set_choices(self, line_names: Mapping[str, str]) -> None:
        """Set the main categories and the service lines, named in the reader's language."""
        language = current_language()
        main = list_main_categories()
        self.main_category.choices = [
            SelectChoice(key, names[LANGUAGES.index(language)]) for key, names in main.items()
        ]
        if self.main_category.data and self.main_category.data not in main:
            self.main_category.choices.append(SelectChoice(self.main_category.data, self.main_category.data))
        lines = [SelectChoice(key, name) for key, name in line_names.items()]
        self.line_of_work.choices = [SelectChoice("", Message(N_("none"))), *lines]

    def to_category(self, access_class: AccessClass) -> IncidentCategory:
        """Return the category that was filled in, without a key."""
        texts = ((self[name].data or "").strip() or None for name in ("purpose", "legal_basis", "line_of_work"))
        purpose, legal_basis, line_of_work = texts
        names = self.name_zh.data.strip(), self.name_en.data.strip()
        return IncidentCategory(
            *("", self.main_category.data, *names, access_class, purpose, legal_basis, line_of_work),
            promised_days=self.promised_days.data,
        )


class NewCategoryForm(CategoryForm):
    """A new category with its access class."""

    subdistrict_id = SelectField(N_("Subdistrict"), [InputRequired()], coerce=int)
    access_class = SelectField(N_("Access class"), [InputRequired()], choices=_class_choices())


class ClassChangeForm(BaseForm):
    """Proposed access class of a category."""

    access_class = SelectField(N_("Access class"), [InputRequired()], choices=_class_choices())
    purpose = StringField(N_("Purpose"), [Length(max=200), PlainWords()])
    legal_basis = StringField(N_("Legal basis"), [Length(max=200), PlainWords()])
    reason = StringField(N_("Reason"), [InputRequired(), Length(max=400), PlainWords()])
