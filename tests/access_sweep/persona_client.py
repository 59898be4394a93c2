"""A browser of each person, signed in by the form as people are; and forms filled in as pages give them."""

from html.parser import HTMLParser
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from gridmap.web.access import SIGN_IN_PATH
from gridmap.web.navigation import ACCOUNT_PATH
from tests.access_sweep.fixtures import PASSWORD, Persona
from tests.access_sweep.probe_requests import PathValues, ProbeRequest

CSRF_FIELD = "csrf_token"
DEFAULT_INPUT = {"password": PASSWORD, "date": "2026-12-24", "number": "1", "checkbox": "y"}


class FormParser(HTMLParser):
    """Fields of all forms of a page, with what they hold."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: PathValues = {}
        self.kinds: PathValues = {}
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

    def filled_fields(self, values: PathValues) -> PathValues:
        """All fields filled in: with a key or code of that name where there is one."""
        filled = {name: self._value(name, held, values) for name, held in self.fields.items()}
        return {name: value for name, value in filled.items() if value}

    def _value(self, name: str, current: str, values: PathValues) -> str:
        if name != CSRF_FIELD and name in values:
            return values[name]
        return current or DEFAULT_INPUT.get(self.kinds[name], "visit")


class PersonaClient:
    """Somebody's browser; nobody's has no sign-in."""

    def __init__(self, app: Flask, persona: Persona, name: str = "") -> None:
        self.app, self.persona, self.name = app, persona, name
        self.client = self._new_client()

    def _new_client(self) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    def sign_in(self, password: str = PASSWORD) -> TestResponse:
        """By the form, with no cookie from before."""
        self.client = self._new_client()
        fields = FormParser(self.client.get(SIGN_IN_PATH).text).fields
        return self.client.post(SIGN_IN_PATH, data={**fields, "name": self.name, "password": password})

    def is_signed_in(self) -> bool:
        """Whether the cookie is worth anything."""
        return self.client.get(ACCOUNT_PATH).status_code == 200

    def send(self, request: ProbeRequest, **more: Any) -> TestResponse:
        """The answer to a question."""
        asked = {"method": request.method, "query_string": request.query, **more}
        return self.client.open(request.path, buffered=True, **asked)

    def csrf_token(self) -> str:
        """What forms of this browser prove themselves with."""
        return self.parse_forms(ACCOUNT_PATH if self.name else SIGN_IN_PATH).fields.get(CSRF_FIELD, "")

    def parse_forms(self, path: str) -> FormParser:
        """The forms of a page."""
        answer = self.client.get(path)
        return FormParser(answer.text if answer.mimetype == "text/html" else "")
