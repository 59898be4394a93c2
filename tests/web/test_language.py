"""Pages speak the reader's language, and data never becomes part of a page's markup."""

import pytest
from flask import Flask
from flask.testing import FlaskClient
from markupsafe import Markup

from gridmap.core.errors import Message
from gridmap.web.language import translate_markup
from tests.web.conftest import open_client


def language_tag(client: FlaskClient, path: str = "/style-guide") -> str:
    return client.get(path).text.split('<html lang="')[1].split('"')[0]


@pytest.mark.parametrize(
    ("wanted", "got"), [("en-GB", "en"), ("fr, en;q=0.5", "en"), ("zh-TW", "zh-CN"), ("fr", "zh-CN"), ("", "zh-CN")]
)
def test_the_browsers_language_decides_and_chinese_where_it_cannot(app: Flask, wanted: str, got: str) -> None:
    assert language_tag(open_client(app, wanted)) == got


def test_a_language_that_was_chosen_is_remembered(client: FlaskClient) -> None:
    assert language_tag(client, "/style-guide?language=zh-CN") == "zh-CN"
    assert language_tag(client) == "zh-CN"


def test_a_language_we_do_not_speak_changes_nothing(client: FlaskClient) -> None:
    assert language_tag(client, "/style-guide?language=xx") == "en"


def test_choosing_a_language_keeps_the_rest_of_the_address(client: FlaskClient) -> None:
    assert 'href="?page=2&amp;endpoint=x&amp;language=zh-CN"' in client.get("/style-guide?page=2&endpoint=x").text


def test_no_path_makes_the_choice_of_language_lead_elsewhere(client: FlaskClient) -> None:
    assert "evil.example" not in client.get("//evil.example/").text


def test_values_are_escaped(app: Flask) -> None:
    with app.test_request_context("/"):
        assert translate_markup("Error {status}", status="<b>") == "错误 &lt;b&gt;"


def test_what_is_markup_already_stays_so(app: Flask) -> None:
    with app.test_request_context("/"):
        assert translate_markup("Error {status}", status=Markup("<b>5</b>")) == "错误 <b>5</b>"


def test_data_that_comes_as_a_sentence_is_escaped_and_its_braces_kept(app: Flask) -> None:
    with app.test_request_context("/"):
        assert translate_markup("<i>{x}</i>") == "&lt;i&gt;{x}&lt;/i&gt;"


def test_a_message_brings_its_values_and_messages_within_it_are_said(app: Flask) -> None:
    with app.test_request_context("/"):
        assert translate_markup(Message("Error {status}", {"status": Message("in range")})) == "错误 达标"


def test_a_page_tells_those_who_keep_it_that_it_is_for_readers_of_one_language(client: FlaskClient) -> None:
    assert client.get("/style-guide").vary.as_set() == {"accept-language", "cookie"}
    assert not client.get("/livez").vary
