"""Access sweep of one application: requests of all personas, their leaks, and changes of foreign rows."""

import logging
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import Connection, text
from werkzeug.test import TestResponse

from gridmap.app import create_app
from gridmap.store.access.conditions import BUILDING_CONDITIONS, protected_tables
from tests.access_sweep import fixtures, forms, probe_requests
from tests.access_sweep.communities import other_community
from tests.access_sweep.fixtures import ANONYMOUS, Persona, SweepData, SweptSubdistrict
from tests.access_sweep.oracle import Leak, LeakOracle, without_request_values
from tests.access_sweep.persona_client import CSRF_FIELD, PersonaClient
from tests.access_sweep.probe_requests import PathValues, ProbeRequest, ValueSets
from tests.access_sweep.sql import app_engine, transaction_as
from tests.fixtures.subdistricts import app_settings
from tests.fixtures.web_app import close_databases

log = logging.getLogger(__name__)
VOLATILE_TEXT = re.compile(rb'nonce-[\w-]+|nonce="[^"]+"|name="(?:csrf_token|request_key)"[^>]*>')
WITHOUT_STEPS = """id NOT IN (SELECT incident_id FROM case_step)
    AND id NOT IN (SELECT duplicate_of FROM incident_case WHERE duplicate_of IS NOT NULL)"""
SIGN_IN_TABLES = {"account", "account_scope", "audit"}
"""Tables that a sign-in or sign-out changes."""


@dataclass
class SweepResult:
    """Leaks of a sweep, and statuses by route and persona."""

    leaks: list[Leak] = field(default_factory=list)
    statuses: dict[tuple[str, str], Counter[int]] = field(default_factory=dict)

    def add(self, request: ProbeRequest, persona: Persona, status: int, leaks: Sequence[Leak]) -> None:
        """Add an answer."""
        self.statuses.setdefault((request.rule, persona.name), Counter())[status] += 1
        self.leaks += leaks

    def request_count(self) -> int:
        """Return the number of requests."""
        return sum(counts.total() for counts in self.statuses.values())


@dataclass(frozen=True)
class Sweep:
    """Sweep of an application with its data and the oracle."""

    app: Flask
    sweep_data: SweepData
    oracle: LeakOracle
    quick: bool = False
    path_prefix: str = ""
    both_ways: bool = False
    """True if accounts of the second subdistrict also request rows of the first one."""
    brief: bool = False
    """Whether only GET requests with proper values are sent, and no forms."""

    def run(self) -> SweepResult:
        """Send the requests of all personas of both subdistricts and of an anonymous visitor."""
        result = SweepResult()
        subdistricts = self.sweep_data.subdistricts
        for own, foreign in [subdistricts, subdistricts[::-1]] if self.both_ways else [subdistricts]:
            before = self.table_digests(foreign)
            for persona in [*self.sweep_data.personas_of(own, brief=self.brief), ANONYMOUS]:
                log.info("%s, after %d answers", persona.name, result.request_count())
                with self.watch_other_community(persona, result):
                    self.probe_persona(persona, own, foreign, result)
            changed = [name for name, digest in self.table_digests(foreign).items() if digest != before[name]]
            result.leaks += [Leak(f"personas of {own.preset}", "SQL", name, "foreign rows changed") for name in changed]
        return result

    @contextmanager
    def watch_other_community(self, persona: Persona, result: SweepResult) -> Iterator[None]:
        """Add a leak for each table of which an account of one community changes rows of another one."""
        before = self._community_digests(persona)
        yield
        for table, digest in self._community_digests(persona).items():
            if digest != before[table]:
                result.leaks.append(Leak(persona.name, "SQL", table, "rows of another community changed"))

    def _community_digests(self, persona: Persona) -> dict[str, str]:
        if not persona.community_id or self.brief:
            return {}
        with closing(fixtures.owner_engine(self.sweep_data.owner_url).connect()) as owner:
            return other_community.community_digests(owner, persona.community_id)

    def probe_persona(
        self,
        persona: Persona,
        own_subdistrict: SweptSubdistrict,
        foreign_subdistrict: SweptSubdistrict,
        result: SweepResult,
    ) -> None:
        """Send the requests of one persona: first those without forms, then forms, each with restored accounts.

        Narrow accounts send few malformed values: another account of their role sends all of them.
        """
        values = self.value_sets(persona, own_subdistrict, foreign_subdistrict)
        client = self.open_client(persona)
        missing: dict[str, TestResponse] = {}
        quick = self.quick or persona.is_narrow
        for request in probe_requests.build_requests(self.app, values, quick=quick, path_prefix=self.path_prefix):
            if self.is_skipped(persona, request):
                continue
            answer = self.send(client, request, result)
            is_private_get = request.method == "GET" and not self.oracle.is_public(request)
            if request.target in ("foreign", "nowhere") and is_private_get:
                result.leaks += _difference_from_missing(persona, request, answer, missing)
        if not self.brief:
            for request, fields in forms.build_form_requests(self.app, client, values, self.path_prefix):
                self.submit_form(client, request, fields, result)

    def is_skipped(self, persona: Persona, request: ProbeRequest) -> bool:
        """Return whether to skip a request: a malformed or query value in brief, or if the role is refused anyway.

        In brief, an account of one community asks for rows of its subdistrict only: another account of its role asks
        for those of another subdistrict.
        """
        is_extra = request.target in ("odd", "query") or (
            self.brief and bool(persona.community_id) and request.target in ("foreign", "nowhere")
        )
        if self.brief:
            return is_extra or request.method != "GET"
        return is_extra and not self.oracle.is_allowed(persona, request)

    def send(self, client: PersonaClient, request: ProbeRequest, result: SweepResult, **more: Any) -> TestResponse:
        """Send a request and add its answer and leaks to the result."""
        answer = client.send(request, **more)
        result.add(request, client.persona, answer.status_code, self.oracle.find_leaks(client.persona, request, answer))
        return answer

    def submit_form(
        self, client: PersonaClient, request: ProbeRequest, fields: PathValues, result: SweepResult
    ) -> None:
        """Send a form without its token, which must be refused, then with it; restore the accounts.

        A page with several forms has several tokens, with the prefix of their form, and each is valid for all.
        """
        without_token = {name: value for name, value in fields.items() if not name.endswith(CSRF_FIELD)}
        answer = self.send(client, request, result, data=without_token)
        if answer.status_code < 400 and not answer.headers.get("Location", "").startswith("/sign-in"):
            reason = f"accepted without its token: {answer.status_code}"
            result.leaks.append(Leak(client.persona.name, "POST", request.path, reason))
        self.send(client, request, result, data=fields)
        if client.persona.community_id:
            self.check_rights(client.persona, request, result)
        fixtures.restore_accounts(self.sweep_data)
        if client.persona.role and not client.is_signed_in():
            self.sign_in(client)

    def check_rights(self, persona: Persona, request: ProbeRequest, result: SweepResult) -> None:
        """Add the changes of rights by a form that an account of one community may not cause."""
        with closing(fixtures.owner_engine(self.sweep_data.owner_url).connect()) as owner:
            last_audit = other_community.last_audit_id(owner)
            for fault in other_community.rights_beyond(owner, persona, last_audit):
                result.leaks.append(Leak(persona.name, "POST", request.path, fault, request.rule))

    def open_client(self, persona: Persona) -> PersonaClient:
        """Return the client of a persona, signed in."""
        with closing(fixtures.owner_engine(self.sweep_data.owner_url).connect()) as owner:
            query = text("SELECT name FROM account WHERE id = :id")
            name = owner.execute(query, {"id": persona.account_id}).scalar() if persona.account_id else ""
        client = PersonaClient(self.app, persona, name or "")
        if client.name:
            self.sign_in(client)
        return client

    def sign_in(self, client: PersonaClient) -> None:
        """Sign in; an inactive account is active for that moment."""
        active = text("UPDATE account SET active = true WHERE id = :id")
        with fixtures.owner_engine(self.sweep_data.owner_url).begin() as owner:
            owner.execute(active, {"id": client.persona.account_id})
        status = client.sign_in().status_code
        if status != 303:
            raise RuntimeError(f"{client.persona.name} cannot sign in: {status}")
        fixtures.restore_accounts(self.sweep_data)

    def close(self) -> None:
        """Close the connections of the application."""
        close_databases(self.app)

    def value_sets(
        self, persona: Persona, own_subdistrict: SweptSubdistrict, foreign_subdistrict: SweptSubdistrict
    ) -> ValueSets:
        """Return the values of a persona's requests: own rows that the persona sees, if any."""
        with closing(fixtures.owner_engine(self.sweep_data.owner_url).connect()) as owner:
            own, foreign = (
                self._with_id_number(probe_requests.visible_values(owner, each), each)
                for each in (own_subdistrict, foreign_subdistrict)
            )
            with app_engine(self.sweep_data.app_url) as app, transaction_as(app, persona) as connection:
                seen = probe_requests.visible_values(connection, own_subdistrict)
                visible = {
                    name: f"SELECT id FROM {name} WHERE id = ANY ('{_visible_ids(connection, name)}')"
                    for name in BUILDING_CONDITIONS
                }
            out_of_scope = probe_requests.visible_values(owner, own_subdistrict, visible)
            places: tuple[PathValues, ...] = ()
            if persona.community_id:
                out_of_scope |= other_community.foreign_values(owner, persona.community_id)
                places = other_community.places_beyond(owner, persona.community_id)
            return ValueSets({**own, **seen}, out_of_scope, foreign, places)

    def _with_id_number(self, values: PathValues, subdistrict: SweptSubdistrict) -> PathValues:
        number = self.sweep_data.sensitive_numbers[subdistrict.text_tag][0].decode()
        return {**values, "number": number, "query": number}

    def table_digests(self, subdistrict: SweptSubdistrict) -> dict[str, str]:
        """Return a digest of the rows of a subdistrict by table."""
        with closing(fixtures.owner_engine(self.sweep_data.owner_url).connect()) as owner:
            names = [name for name in protected_tables() if name not in SIGN_IN_TABLES]
            return {name: str(owner.execute(text(_digest_sql(name, subdistrict))).scalar()) for name in names}

    def stable_answers(
        self, persona: Persona, own_subdistrict: SweptSubdistrict, foreign_subdistrict: SweptSubdistrict
    ) -> Iterator[tuple[str, bytes]]:
        """Yield path and body of answers about own rows, without nonces and tokens."""
        client = self.open_client(persona)
        for request in probe_requests.build_requests(
            self.app,
            self.value_sets(persona, own_subdistrict, foreign_subdistrict),
            quick=True,
            path_prefix=self.path_prefix,
        ):
            if request.target == "own" and request.method == "GET" and not self.oracle.is_public(request):
                yield request.path, VOLATILE_TEXT.sub(b"", client.send(request).data)


def open_sweep(
    sweep_data: SweepData,
    app: Flask | None = None,
    *,
    quick: bool = False,
    path_prefix: str = "",
    both_ways: bool = False,
    brief: bool = False,
) -> Sweep:
    """Return a sweep of the real application on the data of the sweep, of routes with a prefix."""
    app = app or create_app(app_settings(sweep_data.owner_url))
    oracle = LeakOracle(app, sweep_data, sweep_data.all_sensitive_numbers())
    return Sweep(app, sweep_data, oracle, quick, path_prefix, both_ways, brief)


def find_interference(
    sweep: Sweep, own_subdistrict: SweptSubdistrict, foreign_subdistrict: SweptSubdistrict
) -> list[Leak]:
    """Return answers about one subdistrict that change when only the other one changes.

    Answers that change by themselves are left out.
    """
    personas = sweep.sweep_data.personas_of(own_subdistrict)
    first = {each.name: dict(sweep.stable_answers(each, own_subdistrict, foreign_subdistrict)) for each in personas}
    second = {each.name: dict(sweep.stable_answers(each, own_subdistrict, foreign_subdistrict)) for each in personas}
    change_subdistrict(sweep.sweep_data, foreign_subdistrict)
    leaks = []
    for each in personas:
        for path, body in sweep.stable_answers(each, own_subdistrict, foreign_subdistrict):
            is_stable = first[each.name][path] == second[each.name][path]
            if is_stable and body != second[each.name][path]:
                leaks.append(Leak(each.name, "GET", path, f"changes with {foreign_subdistrict.preset}"))
    return leaks


def change_subdistrict(sweep_data: SweepData, subdistrict: SweptSubdistrict) -> None:
    """Change names, counts, incidents and workers of a subdistrict."""
    condition = f"WHERE subdistrict_id = {subdistrict.subdistrict_id}"
    with fixtures.owner_engine(sweep_data.owner_url).begin() as owner:
        for change in (
            f"UPDATE subdistrict SET name = name || 'x' WHERE id = {subdistrict.subdistrict_id}",
            f"UPDATE community SET name = name || 'x' {condition}",
            f"UPDATE household_count SET households = households + 1000, high = high + 1000 {condition}",
            f"UPDATE worker SET name = name || 'x' {condition}",
            f"DELETE FROM incident {condition} AND id % 3 > 0 AND {WITHOUT_STEPS}",
            f"UPDATE resident SET birth_year = 1930 {condition}",
            f"DELETE FROM shop {condition} AND id % 2 > 0",
        ):
            owner.execute(text(change))


def _visible_ids(connection: Connection, name: str) -> str:
    """Return the visible ids of a table as an SQL array."""
    return str(connection.execute(text(f"SELECT coalesce(array_agg(id), '{{}}')::text FROM {name}")).scalar())


def _digest_sql(name: str, subdistrict: SweptSubdistrict) -> str:
    key = "id" if name == "subdistrict" else "subdistrict_id"
    row = "md5(t::text)"
    digest = f"md5(string_agg({row}, '' ORDER BY {row}))"
    return f"SELECT count(*) || coalesce({digest}, '') FROM {name} t WHERE {key} = {subdistrict.subdistrict_id}"


def _difference_from_missing(
    persona: Persona, request: ProbeRequest, response: TestResponse, missing: dict[str, TestResponse]
) -> list[Leak]:
    """Return a leak if a foreign row is answered otherwise than a missing one, which discloses that it exists."""
    known = missing.setdefault(request.rule, response).status_code
    if known == response.status_code:
        return []
    reason = f"{response.status_code}, but {known} for a missing or another foreign row"
    return [Leak(persona.name, "GET", request.path, reason, request.rule)]


__all__ = ["Sweep", "SweepResult", "change_subdistrict", "find_interference", "open_sweep", "without_request_values"]
