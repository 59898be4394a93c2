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

from gridmap.web.access import SIGN_IN_PATH, can_access
from tests.access_sweep.fixtures import SENSITIVE_NUMBER, Persona, SweepData
from tests.access_sweep.probe_requests import ProbeRequest

CHANGING_METHODS = ("POST", "PUT", "PATCH", "DELETE")
REFUSED_STATUSES = {400, 401, 403, 404, 405, 413, 415, 422}
ABSENT_STATUSES = {403, 404, 405}
STATIC_ENDPOINT = "static"


@dataclass(frozen=True)
class Leak:
    """An answer that should not be."""

    persona_name: str
    method: str
    path: str
    reason: str
    rule: str = ""

    def summary(self) -> str:
        """For people."""
        return f"{self.method} {self.path} as {self.persona_name}: {self.reason}"


@dataclass(frozen=True)
class LeakOracle:
    """What is right in a country."""

    app: Flask
    sweep_data: SweepData
    sensitive_numbers: frozenset[bytes]

    def find_leaks(self, persona: Persona, request: ProbeRequest, response: TestResponse) -> list[Leak]:
        """All that is wrong with an answer."""
        reasons = (
            *self._role_faults(persona, request, response),
            *self._foreign_row_faults(request, response),
            *self._disclosure_faults(persona, request, response),
        )
        reasons += (*_cache_faults(request, response, self.is_public(request)),)
        return [Leak(persona.name, request.method, request.path[:120], reason, request.rule) for reason in reasons]

    def is_allowed(self, persona: Persona, request: ProbeRequest) -> bool:
        """Whether the route is for the person's role."""
        with self.app.app_context():
            return can_access(request.endpoint, persona.role)

    def is_public(self, request: ProbeRequest) -> bool:
        with self.app.app_context():
            return can_access(request.endpoint, None)

    def _role_faults(self, persona: Persona, request: ProbeRequest, response: TestResponse) -> Iterator[str]:
        if response.status_code >= 500:
            yield f"an error of ours, {response.status_code}"
        routed = request.method in self._allowed_methods(request)
        if routed and not self.is_allowed(persona, request) and not is_turned_away(response):
            yield f"answered with {response.status_code} though it is not for this role"

    def _allowed_methods(self, request: ProbeRequest) -> set[str]:
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.rule == request.rule]
        return {method for rule in rules if rule.endpoint == request.endpoint for method in rule.methods or ()} - {
            "OPTIONS"
        }

    def _foreign_row_faults(self, request: ProbeRequest, response: TestResponse) -> Iterator[str]:
        status = response.status_code
        fine = REFUSED_STATUSES if request.method in CHANGING_METHODS else ABSENT_STATUSES | {401, 422}
        if self.is_public(request):
            return
        if request.target in ("foreign", "beyond") and status not in fine and not is_turned_away(response):
            yield f"a foreign thing answered with {status}"

    def _disclosure_faults(self, persona: Persona, request: ProbeRequest, response: TestResponse) -> Iterator[str]:
        told = (
            without_request_values(response.data, request)
            + b"\n"
            + without_request_values(_header_bytes(response), request)
        )
        told = told.replace(str(persona.account_id).encode(), b"")  # one's own account is no secret
        if self.is_public(request):
            told = remove_values(told, self.sweep_data.public_texts)
        for side in persona.foreign_subdistricts():
            if found := side.trace_pattern().search(told):
                yield f"tells of {side.preset}: {_excerpt(told, found)}"
        clear = {
            found[0] for side in self.sweep_data.subdistricts for found in side.resident_name_pattern().finditer(told)
        }
        clear |= set(SENSITIVE_NUMBER.findall(told)) & self.sensitive_numbers
        if clear and not (len(clear) == 1 and self._is_audited(persona, request)):
            yield f"in clear, and not revealed: {', '.join(each[:12].decode() for each in sorted(clear)[:3])}…"

    def _is_audited(self, persona: Persona, request: ProbeRequest) -> bool:
        """Whether the audit has the reveal that the question was, by somebody who may, of one of the own residents."""
        if request.method != "POST" or request.target != "own" or persona.role not in ("worker", "station"):
            return False
        query = "SELECT 1 FROM audit WHERE action = 'reveal' AND account_id = :who AND reason <> '' AND :then < at"
        then = datetime.now(UTC) - timedelta(seconds=5)
        with create_engine(self.sweep_data.owner_url, poolclass=NullPool).connect() as owner:
            return owner.execute(text(query), {"who": persona.account_id, "then": then}).first() is not None


def is_turned_away(response: TestResponse) -> bool:
    """Whether the answer says no to the role, or asks to sign in."""
    to_sign_in = response.status_code == 303 and response.headers.get("Location", "").startswith(SIGN_IN_PATH)
    return to_sign_in or response.status_code in (401, 403)


def without_request_values(body: bytes, request: ProbeRequest) -> bytes:
    """An answer without what the question said itself."""
    return remove_values(body, (*request.echoed_values, request.path))


def remove_values(body: bytes, values: Iterable[str]) -> bytes:
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
                body = body.replace(spelled.encode(), b"")
    return body


def _header_bytes(response: TestResponse) -> bytes:
    return "\n".join(f"{name}: {value}" for name, value in response.headers if name != "Set-Cookie").encode()


def _excerpt(body: bytes, match: re.Match[bytes]) -> str:
    return body[max(0, match.start() - 30) : match.end() + 10].decode("utf-8", "replace").replace("\n", " ")


def _cache_faults(request: ProbeRequest, response: TestResponse, is_public: bool) -> Iterator[str]:
    """What is not for everybody is kept by nobody but perhaps the browser that asked."""
    keeping = response.headers.get("Cache-Control", "")
    if not is_public and "no-store" not in keeping and "private" not in keeping:
        yield f"may be kept by others: Cache-Control {keeping!r}"
    if (
        not is_public
        and "ETag" in response.headers
        and "no-store" not in keeping
        and "Cookie" not in response.headers.get("Vary", "")
    ):
        yield "an ETag that other accounts share"
