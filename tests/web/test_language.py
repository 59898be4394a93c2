"""The language of pages, and the escaping of values in translated text."""

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
    ("accepted", "expected"),
    [("en-GB", "en"), ("fr, en;q=0.5", "en"), ("zh-TW", "zh-CN"), ("fr", "zh-CN"), ("", "zh-CN")],
)
def test_the_browser_chooses_the_language_and_chinese_is_the_default(app: Flask, accepted: str, expected: str) -> None:
    assert language_tag(open_client(app, accepted)) == expected


def test_a_chosen_language_is_remembered(client: FlaskClient) -> None:
    assert language_tag(client, "/style-guide?language=zh-CN") == "zh-CN"
    assert language_tag(client) == "zh-CN"


def test_an_unsupported_language_changes_nothing(client: FlaskClient) -> None:
    assert language_tag(client, "/style-guide?language=xx") == "en"


def test_the_language_link_keeps_the_other_parameters(client: FlaskClient) -> None:
    assert 'href="?page=2&amp;endpoint=x&amp;language=zh-CN"' in client.get("/style-guide?page=2&endpoint=x").text


def test_no_path_makes_the_language_link_lead_to_another_site(client: FlaskClient) -> None:
    assert "evil.example" not in client.get("//evil.example/").text


def test_values_are_escaped(app: Flask) -> None:
    with app.test_request_context("/"):
        assert translate_markup("Error {status}", status="<b>") == "错误 &lt;b&gt;"


def test_markup_values_are_not_escaped(app: Flask) -> None:
    with app.test_request_context("/"):
        assert translate_markup("Error {status}", status=Markup("<b>5</b>")) == "错误 <b>5</b>"


def test_a_sentence_from_data_is_escaped_and_keeps_its_braces(app: Flask) -> None:
    with app.test_request_context("/"):
        assert translate_markup("<i>{x}</i>") == "&lt;i&gt;{x}&lt;/i&gt;"


def test_a_message_is_translated_with_the_messages_among_its_values(app: Flask) -> None:
    with app.test_request_context("/"):
        assert translate_markup(Message("Error {status}", {"status": Message("in range")})) == "错误 达标"


def test_a_page_varies_by_language_and_cookie_and_the_liveness_check_does_not(client: FlaskClient) -> None:
    assert client.get("/style-guide").vary.as_set() == {"accept-encoding", "accept-language", "cookie"}
    assert not client.get("/livez").vary
