"""A browser of each person, signed in by the form as people are; and forms filled in as pages give them."""

from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gridmap.web.access import SIGN_IN
from gridmap.web.frame import OWN_ACCOUNT
from tests.sweep.asking import Question, Values
from tests.sweep.country import PASSWORD, Persona

TOKEN = "csrf_token"
TYPED = {"password": PASSWORD, "date": "2026-12-24", "number": "1", "checkbox": "y"}


class Form(HTMLParser):
    """Fields of all forms of a page, with what they hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: Values = {}
        self.kinds: Values = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attributes}
        if tag in ("input", "textarea", "select") and told.get("name"):
            self.fields.setdefault(told["name"], told.get("value", ""))
            self.kinds[told["name"]] = told.get("type", tag)
            self._select = told["name"] if tag == "select" else ""
        elif tag == "option" and self._select and told.get("value"):
            self.fields[self._select] = self.fields[self._select] or told["value"]

    def typed(self, values: Values) -> Values:
        """All fields filled in: with a key or code of that name where there is one."""
        filled = {name: self._value(name, held, values) for name, held in self.fields.items()}
        return {name: value for name, value in filled.items() if value}

    def _value(self, name: str, held: str, values: Values) -> str:
        if name != TOKEN and name in values:
            return values[name]
        return held or TYPED.get(self.kinds[name], "visit")


class Browser:
    """Somebody's browser; nobody's has no sign-in."""

    def __init__(self, app: Flask, persona: Persona, name: str = "") -> None:
        self.app, self.persona, self.name = app, persona, name
        self.client = self._new()

    def _new(self) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    def sign_in(self, password: str = PASSWORD) -> TestResponse:
        """By the form, with no cookie from before."""
        self.client = self._new()
        fields = Form(self.client.get(SIGN_IN).text).fields
        return self.client.post(SIGN_IN, data={**fields, "name": self.name, "password": password})

    def signed_in(self) -> bool:
        """Whether the cookie is worth anything."""
        return self.client.get(OWN_ACCOUNT).status_code == 200

    def ask(self, question: Question, **more: Any) -> TestResponse:
        """The answer to a question."""
        asked = {"method": question.method, "query_string": question.query, **more}
        return self.client.open(question.path, buffered=True, **asked)

    def token(self) -> str:
        """What forms of this browser prove themselves with."""
        return self.form(OWN_ACCOUNT if self.name else SIGN_IN).fields.get(TOKEN, "")

    def form(self, path: str) -> Form:
        """The forms of a page."""
        answer = self.client.get(path)
        return Form(answer.text if answer.mimetype == "text/html" else "")
