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
LOOKED_UP = {
    *("SignInForm.name", "CodeForm.code", "ScopeForm.grid", "NewAccountForm.grid", "StepForm.duplicate_number"),
    *("CallForm.address", "CallForm.shape", "PlaceValuesForm.shape", "NewPlaceForm.shape", "PlaceChangeForm.shape"),
    *("NewBuildingForm.shape", "ColumnsForm.encoding", "ColumnsForm.sheet", "PlaceDutyForm.building"),
    *("CaseQueryForm.number", "CaseQueryForm.query_code", "PlaceSearchForm.query"),
}
"""Words that are looked up or parsed, and not kept as they were typed."""
KEYS = {"NewAccountForm.name", "NewBuildingForm.code"}
"""Keys, which may look like a phone: the name of an account is one where the office wants so."""
LISTS = {"BuildingListForm.text", "StyleGuideForm.title", "StyleGuideForm.reason"}
"""A list of buildings, which is read row by row; invented forms."""

EXCEPTIONS = ASKED_ABOUT | NUMBERS_OF_PERSONS | LOOKED_UP | KEYS | LISTS


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


def list_unchecked(fields: dict[str, list[object]]) -> list[str]:
    """Return the fields that take the number of a person unasked, and are none of the known exceptions."""
    checked = {name for name, validators in fields.items() if any(isinstance(each, PlainWords) for each in validators)}
    return sorted(fields.keys() - checked - EXCEPTIONS)


def test_every_field_for_free_words_refuses_or_asks_about_numbers_of_persons() -> None:
    fields = text_fields()
    assert list_unchecked(fields) == []
    assert fields.keys() >= EXCEPTIONS


def test_a_new_field_without_a_check_is_noticed() -> None:
    assert list_unchecked({"NewForm.note": [], "NewForm.name": [PlainWords()]}) == ["NewForm.note"]


@pytest.mark.parametrize("name", sorted(ASKED_ABOUT))
def test_a_form_whose_texts_are_asked_about_has_a_field_for_the_answer(name: str) -> None:
    forms = {each.__name__: each for each in form_classes() if text_fields()}
    assert isinstance(forms[name.partition(".")[0]].numbers_confirmed, UnboundField)


@pytest.mark.parametrize("words", ["call 13800138000", "证件 11010519491231002X", "１３８ ００１３ ８０００"])
def test_plain_words_hold_no_number_of_a_person(words: str) -> None:
    with pytest.raises(ValidationError, match="Say it without the number"):
        PlainWords()(None, SimpleNamespace(data=words))


@pytest.mark.parametrize("words", [None, "", "办公电话 010-65252550", "2026-11-30 document 12"])
def test_plain_words_may_hold_other_numbers(words: str | None) -> None:
    PlainWords()(None, SimpleNamespace(data=words))
