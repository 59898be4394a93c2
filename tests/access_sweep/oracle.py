"""Oracle of the access sweep: faults of an answer with respect to roles, scopes, disclosure and caches."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from html import escape
from json import dumps
from urllib.parse import quote, quote_plus

from flask import Flask
from sqlalchemy import text
from werkzeug.test import TestResponse

from gridmap.web.access import SIGN_IN_PATH, can_access
from tests.access_sweep.fixtures import (
    OTHER_COMMUNITY_TAG,
    SENSITIVE_NUMBER,
    Persona,
    SweepData,
    owner_engine,
)
from tests.access_sweep.line_data import CLASS_TAGS
from tests.access_sweep.probe_requests import ProbeRequest

CHANGING_METHODS = ("POST", "PUT", "PATCH", "DELETE")
REFUSED_STATUSES = {400, 401, 403, 404, 405, 413, 415, 422}
ABSENT_STATUSES = {403, 404, 405}
STATIC_ENDPOINT = "static"
DIGEST_ETAG = re.compile(r'ETag: (?:W/)?"[0-9a-f]{32,64}"')


@dataclass(frozen=True)
class Leak:
    """An answer that discloses too much."""

    persona_name: str
    method: str
    path: str
    reason: str
    rule: str = ""

    def summary(self) -> str:
        """Return a line for the report."""
        return f"{self.method} {self.path} as {self.persona_name}: {self.reason}"


@dataclass(frozen=True)
class LeakOracle:
    """Judge of answers, with the data of the sweep."""

    app: Flask
    sweep_data: SweepData
    sensitive_numbers: frozenset[bytes]

    def find_leaks(self, persona: Persona, request: ProbeRequest, response: TestResponse) -> list[Leak]:
        """Return the leaks of an answer."""
        reasons = (
            *self._role_faults(persona, request, response),
            *self._foreign_row_faults(request, response),
            *self._disclosure_faults(persona, request, response),
        )
        reasons += (*_cache_faults(request, response, self.is_public(request)),)
        return [Leak(persona.name, request.method, request.path[:120], reason, request.rule) for reason in reasons]

    def is_allowed(self, persona: Persona, request: ProbeRequest) -> bool:
        """Return whether the role of a persona may use the route."""
        with self.app.app_context():
            return can_access(request.endpoint, persona.role)

    def is_public(self, request: ProbeRequest) -> bool:
        """Return whether the route is public."""
        with self.app.app_context():
            return can_access(request.endpoint, None)

    def _role_faults(self, persona: Persona, request: ProbeRequest, response: TestResponse) -> Iterator[str]:
        if response.status_code >= 500:
            yield f"internal error {response.status_code}"
        routed = request.method in self._allowed_methods(request)
        if routed and not self.is_allowed(persona, request) and not is_turned_away(response):
            yield f"answered with {response.status_code} though not for this role"

    def _allowed_methods(self, request: ProbeRequest) -> set[str]:
        rules = [rule for rule in self.app.url_map.iter_rules() if rule.rule == request.rule]
        return {method for rule in rules if rule.endpoint == request.endpoint for method in rule.methods or ()} - {
            "OPTIONS"
        }

    def _foreign_row_faults(self, request: ProbeRequest, response: TestResponse) -> Iterator[str]:
        status = response.status_code
        expected = REFUSED_STATUSES if request.method in CHANGING_METHODS else ABSENT_STATUSES | {401, 422}
        if self.is_public(request):
            return
        if request.target in ("foreign", "beyond") and status not in expected and not is_turned_away(response):
            yield f"a foreign row answered with {status}"

    def _disclosure_faults(self, persona: Persona, request: ProbeRequest, response: TestResponse) -> Iterator[str]:
        content = response.data + b"\n" + _header_bytes(response)
        content = without_request_values(content, request)
        content = content.replace(str(persona.account_id).encode(), b"")  # the own account is no secret
        if self.is_public(request):
            content = remove_values(content, self.sweep_data.public_texts)
        for subdistrict in persona.foreign_subdistricts():
            if match := subdistrict.trace_pattern().search(content):
                yield f"discloses {subdistrict.preset}: {_excerpt(content, match)}"
        if persona.community_id and (match := re.search(OTHER_COMMUNITY_TAG.encode(), content)):
            yield f"discloses another community: {_excerpt(content, match)}"
        for access_class in sorted(persona.hidden_classes() & CLASS_TAGS.keys()):
            if match := re.search(CLASS_TAGS[access_class].encode(), content):
                yield f"discloses a {access_class} incident: {_excerpt(content, match)}"
        clear_texts = self._clear_texts(content)
        if clear_texts and not (len(clear_texts) == 1 and self._is_audited(persona, request)):
            yield f"in clear without audit: {', '.join(each[:12].decode() for each in sorted(clear_texts)[:3])}…"

    def _clear_texts(self, content: bytes) -> set[bytes]:
        """Return names and numbers of residents in clear."""
        patterns = [subdistrict.resident_name_pattern() for subdistrict in self.sweep_data.subdistricts]
        names = {match[0] for pattern in patterns for match in pattern.finditer(content)}
        return names | set(SENSITIVE_NUMBER.findall(content)) & self.sensitive_numbers

    def _is_audited(self, persona: Persona, request: ProbeRequest) -> bool:
        """Return whether the request was a permitted reveal of an own resident that is in the audit."""
        if request.method != "POST" or request.target != "own" or persona.role not in ("worker", "station"):
            return False
        query = "SELECT 1 FROM audit WHERE action = 'reveal' AND account_id = :who AND reason <> '' AND :then < at"
        then = datetime.now(UTC) - timedelta(seconds=5)
        with owner_engine(self.sweep_data.owner_url).connect() as owner:
            return owner.execute(text(query), {"who": persona.account_id, "then": then}).first() is not None


def is_turned_away(response: TestResponse) -> bool:
    """Return whether an answer refuses the role or redirects to the sign-in."""
    to_sign_in = response.status_code == 303 and response.headers.get("Location", "").startswith(SIGN_IN_PATH)
    return to_sign_in or response.status_code in (401, 403)


def without_request_values(body: bytes, request: ProbeRequest) -> bytes:
    """Remove the values of the request from an answer."""
    return remove_values(body, (*request.echoed_values, request.path))


def remove_values(body: bytes, values: Iterable[str]) -> bytes:
    """Remove values from an answer in every escaped form."""
    for value in sorted(values, key=len, reverse=True):
        quoted = {quote(value), quote(value, safe=""), quote_plus(value)}
        for escaped in {value, escape(value), dumps(value)[1:-1], *quoted}:
            if len(escaped) > 3:
                body = body.replace(escaped.encode(), b"")
    return body


def _header_bytes(response: TestResponse) -> bytes:
    """Return the headers without cookies, and without digests: some contain ten digits like those of an id."""
    lines = [f"{name}: {value}" for name, value in response.headers if name != "Set-Cookie"]
    return "\n".join(line for line in lines if not DIGEST_ETAG.fullmatch(line)).encode()


def _excerpt(body: bytes, match: re.Match[bytes]) -> str:
    return body[max(0, match.start() - 30) : match.end() + 10].decode("utf-8", "replace").replace("\n", " ")


def _cache_faults(request: ProbeRequest, response: TestResponse, is_public: bool) -> Iterator[str]:
    """Yield faults of the cache headers; only the browser itself may store an answer that is not public."""
    cache_control = response.headers.get("Cache-Control", "")
    if is_public or "no-store" in cache_control:
        return
    if "private" not in cache_control:
        yield f"may be stored by shared caches: Cache-Control {cache_control!r}"
    if "ETag" in response.headers and "Cookie" not in response.headers.get("Vary", ""):
        yield "an ETag that other accounts share"
