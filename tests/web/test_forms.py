"""Forms: messages in the language of the reader; label, hint and error tied to their field."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import wtforms
from flask import Flask, render_template_string
from werkzeug.datastructures import MultiDict
from wtforms import IntegerField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length, NumberRange

from gridmap.core.errors import Message
from gridmap.web.forms import WTFORMS_MESSAGES, BaseForm, RadioField, SelectField

CHOICES = [SelectChoice("1", "Overview"), SelectChoice("2", Message("Overview"))]
FIELD_TEMPLATE = """{% from "_macros/forms.html" import error_summary, field %}
{{ field(form.name, hint="<hint>") }}{{ error_summary(form) }}"""


class SampleForm(BaseForm):
    """A form with a field of each kind."""

    name = StringField("Password", [InputRequired(), Length(max=3)])
    count = IntegerField("Grids", [NumberRange(1, 9)])
    place = SelectField(choices=CHOICES)
    kind = RadioField(choices=CHOICES)


@pytest.fixture(autouse=True)
def chinese_request(app: Flask) -> Iterator[None]:
    """Open a request of a reader of Chinese."""
    with app.test_request_context("/?language=zh-CN"):
        yield


def submitted_form(**values: str) -> SampleForm:
    form = SampleForm(MultiDict(values), meta={"csrf": False})
    form.validate()
    return form


def test_messages_of_wtforms_are_translated_into_chinese() -> None:
    assert submitted_form(name="")["name"].errors == ["此项必填。"]
    assert submitted_form(name="long")["name"].errors == ["不得超过 3 个字符。"]
    assert submitted_form(count="x")["count"].errors[0] == "请填写整数。"


@pytest.mark.parametrize("message", WTFORMS_MESSAGES)
def test_the_translated_messages_are_spelled_as_in_wtforms(message: str) -> None:
    sources = Path(wtforms.__file__).parent.rglob("*.py")
    assert any(f'"{message}"' in path.read_text("utf-8") for path in sources)


@pytest.mark.parametrize("name", ["place", "kind"])
def test_a_choice_that_is_a_message_is_translated_and_data_is_not(name: str) -> None:
    assert [choice.label for choice in submitted_form()[name].iter_choices()] == ["Overview", "总览"]


def test_label_hint_and_error_are_tied_to_the_field() -> None:
    html = render_template_string(FIELD_TEMPLATE, form=submitted_form(name=""))
    assert '<label for="name">密码</label>' in html
    assert 'aria-describedby="name-hint name-error"' in html
    assert 'aria-invalid="true"' in html
    assert '<a href="#name">密码 · 此项必填。</a>' in html


def test_hints_and_entered_values_are_escaped() -> None:
    html = render_template_string(FIELD_TEMPLATE, form=submitted_form(name='"><script>'))
    assert "&lt;hint&gt;" in html
    assert "<script>" not in html


def test_a_valid_form_shows_no_error() -> None:
    html = render_template_string(FIELD_TEMPLATE, form=submitted_form(name="abc", count="3", place="1", kind="1"))
    assert "error" not in html
    assert "aria-invalid" not in html
