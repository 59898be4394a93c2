"""Whether an answer may be what it is."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from json import dumps
from urllib.parse import quote, quote_plus

from flask import Flask
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool
from werkzeug.test import TestResponse

from gridmap.web.access import SIGN_IN, open_to
from tests.sweep.asking import Question
from tests.sweep.country import NUMBERS, Country, Persona

CHANGES = ("POST", "PUT", "PATCH", "DELETE")
REFUSED = {400, 401, 403, 404, 405, 413, 415, 422}
ABSENT = {403, 404, 405}
STATIC = "static"


@dataclass(frozen=True)
class Leak:
    """An answer that should not be."""

    who: str
    method: str
    path: str
    why: str
    rule: str = ""

    def line(self) -> str:
        """For people."""
        return f"{self.method} {self.path} as {self.who}: {self.why}"


@dataclass(frozen=True)
class Judge:
    """What is right in a country."""

    app: Flask
    country: Country
    clear: frozenset[bytes]

    def leaks(self, persona: Persona, asked: Question, answer: TestResponse) -> list[Leak]:
        """All that is wrong with an answer."""
        reasons = (
            *self._role(persona, asked, answer),
            *self._place(asked, answer),
            *self._told(persona, asked, answer),
        )
        reasons += (*_kept(asked, answer, self.public(asked)),)
        return [Leak(persona.name, asked.method, asked.path[:120], reason, asked.rule) for reason in reasons]

    def allowed(self, persona: Persona, asked: Question) -> bool:
        """Whether the route is for the person's role."""
        with self.app.app_context():
            return open_to(asked.endpoint, persona.role)

    def public(self, asked: Question) -> bool:
        with self.app.app_context():
            return open_to(asked.endpoint, None)

    def _role(self, persona: Persona, asked: Question, answer: TestResponse) -> Iterator[str]:
        if answer.status_code >= 500:
            yield f"an error of ours, {answer.status_code}"
        routed = asked.method in self._methods(asked)
        if routed and not self.allowed(persona, asked) and not turned_away(answer):
            yield f"answered with {answer.status_code} though it is not for this role"

    def _methods(self, asked: Question) -> set[str]:
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.rule == asked.rule]
        return {method for rule in rules if rule.endpoint == asked.endpoint for method in rule.methods or ()} - {
            "OPTIONS"
        }

    def _place(self, asked: Question, answer: TestResponse) -> Iterator[str]:
        status = answer.status_code
        fine = REFUSED if asked.method in CHANGES else ABSENT | {401, 422}
        if self.public(asked):
            return
        if asked.about in ("foreign", "beyond") and status not in fine and not turned_away(answer):
            yield f"a foreign thing answered with {status}"

    def _told(self, persona: Persona, asked: Question, answer: TestResponse) -> Iterator[str]:
        told = without(answer.data, asked) + b"\n" + without(_headers(answer), asked)
        told = told.replace(str(persona.account).encode(), b"")  # one's own account is no secret
        if self.public(asked):
            told = leaving_out(told, self.country.public)
        for side in persona.foreign():
            if found := side.traces().search(told):
                yield f"tells of {side.preset}: {_around(told, found)}"
        clear = {found[0] for side in self.country.sides for found in side.names().finditer(told)}
        clear |= set(NUMBERS.findall(told)) & self.clear
        if clear and not (len(clear) == 1 and self._written_down(persona, asked)):
            yield f"in clear, and not revealed: {', '.join(each[:12].decode() for each in sorted(clear)[:3])}…"

    def _written_down(self, persona: Persona, asked: Question) -> bool:
        """Whether the audit has the reveal that the question was, by somebody who may, of one of the own residents."""
        if asked.method != "POST" or asked.about != "own" or persona.role not in ("worker", "station"):
            return False
        query = "SELECT 1 FROM audit WHERE action = 'reveal' AND account_id = :who AND reason <> '' AND :then < at"
        then = datetime.now(UTC) - timedelta(seconds=5)
        with create_engine(self.country.owner, poolclass=NullPool).connect() as owner:
            return owner.execute(text(query), {"who": persona.account, "then": then}).first() is not None


def turned_away(answer: TestResponse) -> bool:
    """Whether the answer says no to the role, or asks to sign in."""
    to_sign_in = answer.status_code == 303 and answer.headers.get("Location", "").startswith(SIGN_IN)
    return to_sign_in or answer.status_code in (401, 403)


def without(told: bytes, asked: Question) -> bytes:
    """An answer without what the question said itself."""
    return leaving_out(told, (*asked.given, asked.path))


def leaving_out(told: bytes, values: Iterable[str]) -> bytes:
    """An answer without some values, however they are spelled in it."""
    for value in sorted(values, key=len, reverse=True):
        for spelled in {
            value,
            escape(value),
            quote(value),
            quote(value, safe=""),
            quote_plus(value),
            dumps(value)[1:-1],
        }:
            if len(spelled) > 3:
                told = told.replace(spelled.encode(), b"")
    return told


def _headers(answer: TestResponse) -> bytes:
    return "\n".join(f"{name}: {value}" for name, value in answer.headers if name != "Set-Cookie").encode()


def _around(told: bytes, found: re.Match[bytes]) -> str:
    return told[max(0, found.start() - 30) : found.end() + 10].decode("utf-8", "replace").replace("\n", " ")


def _kept(asked: Question, answer: TestResponse, public: bool) -> Iterator[str]:
    """What is not for everybody is kept by nobody but perhaps the browser that asked."""
    keeping = answer.headers.get("Cache-Control", "")
    if not public and "no-store" not in keeping and "private" not in keeping:
        yield f"may be kept by others: Cache-Control {keeping!r}"
    if (
        not public
        and "ETag" in answer.headers
        and "no-store" not in keeping
        and "Cookie" not in answer.headers.get("Vary", "")
    ):
        yield "an ETag that other accounts share"
