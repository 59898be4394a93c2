"""Base classes of forms: WTForms with CSRF protection and messages in the reader's language."""

import hashlib
import secrets
from collections.abc import Iterator
from typing import Any, ClassVar

import wtforms
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict
from wtforms.fields import Choice

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.core.privacy.free_text import find_personal_numbers, hide_number
from gridmap.texts import translate
from gridmap.web.language import current_language

WTFORMS_MESSAGES = (
    N_("This field is required."),
    N_("Not a valid choice."),
    N_("Not a valid integer value."),
    N_("Not a valid decimal value."),
    N_("Not a valid date value."),
    N_("Not a valid datetime value."),
    N_("Number must be at least %(min)s."),
    N_("Number must be at most %(max)s."),
    N_("Number must be between %(min)s and %(max)s."),
    N_("Field must be at least %(min)d characters long."),
    N_("Field cannot be longer than %(max)d characters."),
    N_("Field must be between %(min)d and %(max)d characters long."),
)
"""Messages of WTForms' validators, word for word."""


NUMBER_OF_PERSON = N_("This looks like a person's number: {numbers}. Say it without the number.")


class PlainWords:
    """Validator of free words: they hold no identity number and no private mobile phone.

    For words that are kept with records or shown to others, where no such number belongs. Texts of cases, in which a
    number may be that of an office, are asked about by the service instead.
    """

    def __call__(self, _form: object, field: Any) -> None:
        """Raise ValidationError if the text has such a number."""
        if numbers := find_personal_numbers(field.data or ""):
            raise wtforms.ValidationError(Message(NUMBER_OF_PERSON, {"numbers": ", ".join(map(hide_number, numbers))}))


def fingerprint_texts(*texts: str | None) -> str:
    """Return the hash of texts that a confirmation is for; others need a new one."""
    return hashlib.sha256("\0".join((each or "").strip() for each in texts).encode()).hexdigest()


class FormTranslations:
    """Translations of WTForms' messages."""

    def gettext(self, message: str) -> str:
        """Translate a message into the reader's language."""
        return translate(message, current_language())

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """Translate a message with a count; Chinese has the plural only."""
        return self.gettext(singular if count == 1 and current_language() == "en" else plural)


class BaseForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """Form with CSRF protection. Labels are untranslated; templates translate them.

    Forms that share a page have an `id_prefix`, so that no id occurs twice; names of fields stay as they are.
    """

    id_prefix: ClassVar[str] = ""

    def __init__(self, *args: Any, **values: Any) -> None:
        super().__init__(*args, **values)
        for field in self if self.id_prefix else ():
            field.id = field.label.field_id = f"{self.id_prefix}-{field.short_name}"

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # likewise
        """Settings of WTForms."""

        def get_translations(self, form: FlaskForm) -> FormTranslations:  # noqa: ARG002 - WTForms calls it so
            """Return the translations of the service's catalogues."""
            return FormTranslations()

        def wrap_formdata(self, form: FlaskForm, formdata: object) -> MultiDict[str, object] | None:
            """Return the submitted data without NUL characters, which no database stores in a text."""
            data = super().wrap_formdata(form, formdata)
            return data and MultiDict((name, _strip_nul(value)) for name, value in data.items(multi=True))


def new_request_key() -> str:
    """Return the key of a form that asks for a job: the same form makes one job, however often it is sent."""
    return secrets.token_urlsafe(16)


class ConfirmForm(BaseForm):
    """Button alone: only the CSRF token is checked."""


class SelectField(wtforms.SelectField):  # type: ignore[misc]  # no types, either
    """Drop-down list. A label that is a `Message` is translated; a label that is a string is data."""

    def iter_choices(self) -> list[Choice]:
        """Return the choices with labels in the reader's language."""
        return [_translate_choice(choice) for choice in super().iter_choices()]

    def iter_groups(self) -> Iterator[tuple[str | None, list[Choice]]]:
        """Yield the groups with labels of their choices in the reader's language."""
        for name, choices in super().iter_groups():
            yield name, [_translate_choice(choice) for choice in choices]


class RadioField(wtforms.RadioField):  # type: ignore[misc]  # likewise
    """Radio buttons; labels as in `SelectField`."""

    def iter_choices(self) -> list[Choice]:
        """Return the choices with labels in the reader's language."""
        return [_translate_choice(choice) for choice in super().iter_choices()]


class CheckboxGroup(wtforms.SelectMultipleField):  # type: ignore[misc]  # likewise
    """Check boxes of which any number may be chosen; labels as in `SelectField`."""

    widget = wtforms.widgets.ListWidget(prefix_label=False)
    option_widget = wtforms.widgets.CheckboxInput()

    def iter_choices(self) -> list[Choice]:
        """Return the choices with labels in the reader's language."""
        return [_translate_choice(choice) for choice in super().iter_choices()]


def _strip_nul(value: object) -> object:
    return value.replace("\0", "") if isinstance(value, str) else value


def _translate_choice(choice: Choice) -> Choice:
    return (
        choice._replace(label=translate(choice.label, current_language()))
        if isinstance(choice.label, Message)
        else choice
    )


def add_form_errors(form: BaseForm, error: InvalidInput) -> None:
    """Show the faults of a service at the fields that they name, and the others above the form."""
    fields = {field.short_name: field for field in form}
    for fault in error.faults:
        field = fields.get(fault.column or "")
        if field is None:
            form.form_errors.append(fault.problem)
        else:
            field.errors = [*field.errors, fault.problem]
