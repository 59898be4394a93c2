"""Free words in forms: every field is known, and none that keeps words takes the number of a person unasked."""

import importlib
import pkgutil
from collections.abc import Iterator
from types import SimpleNamespace

import pytest
from wtforms import HiddenField, PasswordField, StringField, ValidationError
from wtforms.fields.core import UnboundField

import gridmap.web
from gridmap.web.forms import BaseForm, PlainWords

ASKED_ABOUT = {"IncidentForm.title", "IncidentForm.result", "MendingForm.title", "CallForm.title", "StepForm.text"}
"""Texts of cases: the service asks about a number, and stores it when it is confirmed."""
NUMBERS_OF_PERSONS = {
    "ResidentSearchForm.number",
    "MemberForm.id_number",
    "MemberForm.phone",
    "CorrectionForm.id_number",
    "CorrectionForm.phone",
    "PersonForm.office_phone",
    "NewPersonForm.office_phone",
    "PhoneForm.phone",
}
"""Fields for such numbers: encrypted or hashed, or office phones, about which their own forms ask."""
NAMES_AND_KEYS = {
    *(
        "address",
        "building",
        "code",
        "display_name",
        "duplicate_number",
        "encoding",
        "grid",
        "matter_number",
        "name",
        "name_en",
    ),
    *("name_zh", "number", "sheet", "query", "query_code", "shape", "title", "use"),
}
"""Names, addresses, keys, shapes: short, of a known form, or looked up and not kept."""
LISTS = {"BuildingListForm.text", "StyleGuideForm.title", "StyleGuideForm.reason"}
"""A list of buildings, which is read row by row; invented forms."""


def form_classes(form: type[BaseForm] = BaseForm) -> Iterator[type[BaseForm]]:
    for each in form.__subclasses__():
        if each.__module__.startswith("gridmap."):
            yield each
        yield from form_classes(each)


def text_fields() -> dict[str, list[object]]:
    """Return the validators of each field of free text, by form and name."""
    for module in pkgutil.walk_packages(gridmap.web.__path__, "gridmap.web."):
        importlib.import_module(module.name)
    found: dict[str, list[object]] = {}
    for form in form_classes():
        for name in dir(form):
            field = getattr(form, name)
            if not isinstance(field, UnboundField) or not issubclass(field.field_class, StringField):
                continue
            if not issubclass(field.field_class, (HiddenField, PasswordField)):
                found[f"{form.__name__}.{name}"] = list(
                    field.kwargs.get("validators") or [*field.args, None, []][1] or []
                )
    return found


def test_every_field_for_free_words_refuses_or_asks_about_numbers_of_persons() -> None:
    fields = text_fields()
    unknown = [
        name
        for name, validators in fields.items()
        if not any(isinstance(each, PlainWords) for each in validators)
        and name not in ASKED_ABOUT | NUMBERS_OF_PERSONS | LISTS
        and name.partition(".")[2] not in NAMES_AND_KEYS
    ]
    assert unknown == []
    assert fields.keys() >= ASKED_ABOUT | NUMBERS_OF_PERSONS | LISTS


@pytest.mark.parametrize("words", ["call 13800138000", "证件 11010519491231002X", "１３８ ００１３ ８０００"])
def test_plain_words_hold_no_number_of_a_person(words: str) -> None:
    with pytest.raises(ValidationError, match="Say it without the number"):
        PlainWords()(None, SimpleNamespace(data=words))


@pytest.mark.parametrize("words", [None, "", "办公电话 010-65252550", "2026-11-30 document 12"])
def test_plain_words_may_hold_other_numbers(words: str | None) -> None:
    PlainWords()(None, SimpleNamespace(data=words))
