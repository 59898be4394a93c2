"""Test client of a persona, signed in through the form, and a parser that fills in forms."""

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
    """Fields of all forms of a page, with their values."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: PathValues = {}
        self.kinds: PathValues = {}
        self._select = ""
        self.feed(page)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attributes}
        if tag in ("input", "textarea", "select") and values.get("name"):
            self.fields.setdefault(values["name"], values.get("value", ""))
            self.kinds[values["name"]] = values.get("type", tag)
            self._select = values["name"] if tag == "select" else ""
        elif tag == "option" and self._select and values.get("value"):
            self.fields[self._select] = self.fields[self._select] or values["value"]

    def filled_fields(self, values: PathValues) -> PathValues:
        """Return all fields, each with the id or code of its name if there is one."""
        filled = {name: self._value(name, current, values) for name, current in self.fields.items()}
        return {name: value for name, value in filled.items() if value}

    def _value(self, name: str, current: str, values: PathValues) -> str:
        if name != CSRF_FIELD and name in values:
            return values[name]
        return current or DEFAULT_INPUT.get(self.kinds[name], "visit")


class PersonaClient:
    """Test client of a persona; an anonymous one never signs in."""

    def __init__(self, app: Flask, persona: Persona, name: str = "") -> None:
        self.app, self.persona, self.name = app, persona, name
        self.client = self._new_client()

    def _new_client(self) -> FlaskClient:
        client = self.app.test_client()
        client.environ_base["HTTP_ACCEPT_LANGUAGE"] = "en"
        return client

    def sign_in(self, password: str = PASSWORD) -> TestResponse:
        """Sign in through the form, without earlier cookies."""
        self.client = self._new_client()
        fields = FormParser(self.client.get(SIGN_IN_PATH).text).fields
        return self.client.post(SIGN_IN_PATH, data={**fields, "name": self.name, "password": password})

    def is_signed_in(self) -> bool:
        """Return whether the session cookie is valid."""
        return self.client.get(ACCOUNT_PATH).status_code == 200

    def send(self, request: ProbeRequest, **more: Any) -> TestResponse:
        """Send a request and return the answer."""
        options = {"method": request.method, "query_string": request.query, **more}
        return self.client.open(request.path, buffered=True, **options)

    def csrf_token(self) -> str:
        """Return the CSRF token of this client."""
        return self.parse_forms(ACCOUNT_PATH if self.name else SIGN_IN_PATH).fields.get(CSRF_FIELD, "")

    def parse_forms(self, path: str) -> FormParser:
        """Return the forms of a page."""
        answer = self.client.get(path)
        return FormParser(answer.text if answer.mimetype == "text/html" else "")
