"""Forms that speak our languages: WTForms' own sentences go through the same catalogues as everything else."""

from typing import Any

import wtforms
from flask_wtf import FlaskForm
from werkzeug.datastructures import MultiDict

from gridmap.core.errors import N_, InvalidInput, Message
from gridmap.texts import translate
from gridmap.web.language import current_language

WTFORMS_MESSAGES = (
    N_("This field is required."),
    N_("Not a valid choice."),
    N_("Not a valid integer value."),
    N_("Not a valid decimal value."),
    N_("Not a valid date value."),
    N_("Number must be at least %(min)s."),
    N_("Number must be at most %(max)s."),
    N_("Number must be between %(min)s and %(max)s."),
    N_("Field must be at least %(min)d characters long."),
    N_("Field cannot be longer than %(max)d characters."),
    N_("Field must be between %(min)d and %(max)d characters long."),
)
"""What WTForms' validators say, word for word."""


class FormTranslations:
    """What WTForms asks for its sentences."""

    def gettext(self, message: str) -> str:
        """A sentence in the reader's language."""
        return translate(message, current_language())

    def ngettext(self, singular: str, plural: str, count: int) -> str:
        """The same for a count; what is meant is told well enough by the plural."""
        return self.gettext(singular if count == 1 and current_language() == "en" else plural)


class BaseForm(FlaskForm):  # type: ignore[misc]  # flask-wtf has no types
    """A form with protection against forgery; labels and choices are templates, said where the form is drawn."""

    class Meta(FlaskForm.Meta):  # type: ignore[misc]  # likewise
        """Where WTForms' sentences come from."""

        def get_translations(self, form: FlaskForm) -> FormTranslations:  # noqa: ARG002 - WTForms calls it so
            """Ours."""
            return FormTranslations()

        def wrap_formdata(self, form: FlaskForm, formdata: Any) -> Any:
            """What was sent, without the letter nought: no database keeps it in a text."""
            sent = super().wrap_formdata(form, formdata)
            return sent and MultiDict((name, _strip_nul(value)) for name, value in sent.items(multi=True))


class SelectField(wtforms.SelectField):  # type: ignore[misc]  # no types, either
    """One of several from a list; of its choices' labels, a `Message` is said and a string is data."""

    def iter_choices(self) -> list[Any]:
        """Choices with their labels in the reader's language."""
        return [_translate_choice(choice) for choice in super().iter_choices()]


class RadioField(wtforms.RadioField):  # type: ignore[misc]  # likewise
    """One of several, all visible; labels as in `SelectField`."""

    def iter_choices(self) -> list[Any]:
        """Choices with their labels in the reader's language."""
        return [_translate_choice(choice) for choice in super().iter_choices()]


def _strip_nul(value: Any) -> Any:
    return value.replace("\0", "") if isinstance(value, str) else value


def _translate_choice(choice: Any) -> Any:
    return (
        choice._replace(label=translate(choice.label, current_language()))
        if isinstance(choice.label, Message)
        else choice
    )


def add_form_errors(form: BaseForm, error: InvalidInput) -> None:
    """Show what a service found wrong beside the fields it speaks of, and the rest above the form."""
    fields = {field.short_name: field for field in form}
    for fault in error.faults:
        field = fields.get(fault.column or "")
        if field is None:
            form.form_errors.append(fault.problem)
        else:
            field.errors = [*field.errors, fault.problem]
