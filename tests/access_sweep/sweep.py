"""Everybody asks everything: what comes of it, and which rows of others it changes."""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool
from werkzeug.test import TestResponse

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.store.access.policies import BUILDING_CONDITIONS, protected_tables
from gridmap.web import context
from tests.access_sweep import fixtures, forms, probe_requests
from tests.access_sweep.fixtures import ANONYMOUS, Persona, SweepData, SweptSubdistrict
from tests.access_sweep.oracle import Leak, LeakOracle, without_request_values
from tests.access_sweep.persona_client import CSRF_FIELD, PersonaClient
from tests.access_sweep.probe_requests import PathValues, ProbeRequest, ValueSets
from tests.access_sweep.sql import app_engine, transaction_as

VOLATILE_TEXT = re.compile(rb'nonce-[\w-]+|nonce="[^"]+"|name="csrf_token"[^>]*>')
SIGN_IN_TABLES = {"account", "account_scope", "audit"}
"""Tables that signing in and out changes."""


@dataclass
class SweepResult:
    """What the sweep found: leaks, and how routes answered whom."""

    leaks: list[Leak] = field(default_factory=list)
    statuses: dict[tuple[str, str], Counter[int]] = field(default_factory=dict)

    def add(self, request: ProbeRequest, persona: Persona, status: int, leaks: Sequence[Leak]) -> None:
        """Note an answer."""
        self.statuses.setdefault((request.rule, persona.name), Counter())[status] += 1
        self.leaks += leaks

    def request_count(self) -> int:
        """How many questions there were."""
        return sum(sum(counted.values()) for counted in self.statuses.values())


@dataclass(frozen=True)
class Sweep:
    """An application, the country it serves, and who judges."""

    app: Flask
    sweep_data: SweepData
    oracle: LeakOracle
    quick: bool = False
    path_prefix: str = ""
    brief: bool = False
    """What the tests have time for: every page and every answer of the API, no odd values and no forms."""

    def run(self) -> SweepResult:
        """Everybody in both subdistricts, and nobody, about what is theirs and what is the other's."""
        told = SweepResult()
        sides = self.sweep_data.subdistricts
        for own, foreign in [sides] if self.quick else [sides, sides[::-1]]:
            before = self.table_digests(foreign)
            for persona in [*self.sweep_data.personas_of(own), ANONYMOUS]:
                self.probe_persona(persona, own, foreign, told)
            changed = [name for name, rows in self.table_digests(foreign).items() if rows != before[name]]
            told.leaks += [Leak(f"those of {own.preset}", "SQL", name, "foreign rows were changed") for name in changed]
        return told

    def probe_persona(
        self,
        persona: Persona,
        own_subdistrict: SweptSubdistrict,
        foreign_subdistrict: SweptSubdistrict,
        result: SweepResult,
    ) -> None:
        """One person's questions: first what only reads, then forms, each with accounts as they were."""
        whose = self.value_sets(persona, own_subdistrict, foreign_subdistrict)
        browser = self.open_client(persona)
        missing: dict[str, TestResponse] = {}
        for asked in probe_requests.build_requests(self.app, whose, quick=self.quick, path_prefix=self.path_prefix):
            if self.is_skipped(persona, asked):
                continue
            answer = self.send(browser, asked, result)
            if asked.target in ("foreign", "nowhere") and asked.method == "GET" and not self.oracle.is_public(asked):
                result.leaks += _difference_from_missing(persona, asked, answer, missing)
        for asked, fields in (
            () if self.brief else forms.build_form_requests(self.app, browser, whose, self.path_prefix)
        ):
            self.submit_form(browser, asked, fields, result)

    def is_skipped(self, persona: Persona, request: ProbeRequest) -> bool:
        """Who is turned away at the door is not asked for more; in brief nobody is."""
        more = request.target in ("odd", "query")
        if self.brief:
            return more or request.method != "GET"
        return more and not self.oracle.is_allowed(persona, request)

    def send(self, client: PersonaClient, request: ProbeRequest, result: SweepResult, **more: Any) -> TestResponse:
        """One question, judged."""
        answer = client.send(request, **more)
        result.add(request, client.persona, answer.status_code, self.oracle.find_leaks(client.persona, request, answer))
        return answer

    def submit_form(
        self, client: PersonaClient, request: ProbeRequest, fields: PathValues, result: SweepResult
    ) -> None:
        """One form: without its token it is refused, with it it is judged; then everything is as it was."""
        bare = self.send(client, request, result, data={name: fields[name] for name in fields if name != CSRF_FIELD})
        if bare.status_code < 400 and not bare.headers.get("Location", "").startswith("/sign-in"):
            result.leaks.append(
                Leak(client.persona.name, "POST", request.path, f"taken without its token: {bare.status_code}")
            )
        self.send(client, request, result, data=fields)
        fixtures.restore_accounts(self.sweep_data)
        if client.persona.role and not client.is_signed_in():
            self.sign_in(client)

    def open_client(self, persona: Persona) -> PersonaClient:
        """The browser of somebody, signed in."""
        with closing(create_engine(self.sweep_data.owner_url, poolclass=NullPool).connect()) as owner:
            query = text("SELECT name FROM account WHERE id = :id")
            name = owner.execute(query, {"id": persona.account_id}).scalar() if persona.account_id else ""
        browser = PersonaClient(self.app, persona, name or "")
        if browser.name:
            self.sign_in(browser)
        return browser

    def sign_in(self, client: PersonaClient) -> None:
        """Sign in; who is out of use was not yet at that moment."""
        active = text("UPDATE account SET active = true WHERE id = :id")
        with create_engine(self.sweep_data.owner_url, poolclass=NullPool).begin() as owner:
            owner.execute(active, {"id": client.persona.account_id})
        status = client.sign_in().status_code
        if status != 303:
            raise RuntimeError(f"{client.persona.name} cannot sign in: {status}")
        fixtures.restore_accounts(self.sweep_data)

    def close(self) -> None:
        """Give the application's connections back."""
        self.app.extensions[context.DATABASE_EXTENSION].close()

    def value_sets(
        self, persona: Persona, own_subdistrict: SweptSubdistrict, foreign_subdistrict: SweptSubdistrict
    ) -> ValueSets:
        """What somebody's questions are about: rows that the person sees, where there are such."""
        with closing(create_engine(self.sweep_data.owner_url, poolclass=NullPool).connect()) as owner:
            mine, theirs = (
                self._with_id_number(probe_requests.visible_values(owner, side), side)
                for side in (own_subdistrict, foreign_subdistrict)
            )
            with app_engine(self.sweep_data) as app, transaction_as(app, persona) as eyes:
                seen = probe_requests.visible_values(eyes, own_subdistrict)
                visible = {
                    name: f"SELECT id FROM {name} WHERE id = ANY ('{_visible_ids(eyes, name)}')"
                    for name in BUILDING_CONDITIONS
                }
            return ValueSets({**mine, **seen}, probe_requests.visible_values(owner, own_subdistrict, visible), theirs)

    def _with_id_number(self, values: PathValues, subdistrict: SweptSubdistrict) -> PathValues:
        number = self.sweep_data.sensitive_numbers[subdistrict.text_tag][0].decode()
        return {**values, "number": number, "q": number}

    def table_digests(self, subdistrict: SweptSubdistrict) -> dict[str, str]:
        """What every table holds of a subdistrict, as a digest."""
        with closing(create_engine(self.sweep_data.owner_url, poolclass=NullPool).connect()) as owner:
            names = [name for name in protected_tables() if name not in SIGN_IN_TABLES]
            return {name: str(owner.execute(text(_digest_sql(name, subdistrict))).scalar()) for name in names}

    def stable_answers(
        self, persona: Persona, own_subdistrict: SweptSubdistrict, foreign_subdistrict: SweptSubdistrict
    ) -> Iterator[tuple[str, bytes]]:
        """What somebody is told of what is theirs, but for words that are drawn for each answer."""
        browser = self.open_client(persona)
        for asked in probe_requests.build_requests(
            self.app,
            self.value_sets(persona, own_subdistrict, foreign_subdistrict),
            quick=True,
            path_prefix=self.path_prefix,
        ):
            if asked.target == "own" and asked.method == "GET" and not self.oracle.is_public(asked):
                yield asked.path, VOLATILE_TEXT.sub(b"", browser.send(asked).data)


def open_sweep(
    sweep_data: SweepData, app: Flask | None = None, *, quick: bool = False, path_prefix: str = "", brief: bool = False
) -> Sweep:
    """The real application on the database of a country; asked for routes that begin so."""
    made = app or create_app(
        Settings(cookie_secret=b"only for a sweep, where nothing is secret", database_url=sweep_data.app_url)
    )
    return Sweep(
        made, sweep_data, LeakOracle(made, sweep_data, sweep_data.all_sensitive_numbers()), quick, path_prefix, brief
    )


def find_interference(
    sweep: Sweep, own_subdistrict: SweptSubdistrict, foreign_subdistrict: SweptSubdistrict
) -> list[Leak]:
    """Answers about one subdistrict that change when only the other one does; what changes by itself is passed over."""
    people = sweep.sweep_data.personas_of(own_subdistrict)
    first = {each.name: dict(sweep.stable_answers(each, own_subdistrict, foreign_subdistrict)) for each in people}
    again = {each.name: dict(sweep.stable_answers(each, own_subdistrict, foreign_subdistrict)) for each in people}
    change_subdistrict(sweep.sweep_data, foreign_subdistrict)
    found = []
    for each in people:
        for path, body in sweep.stable_answers(each, own_subdistrict, foreign_subdistrict):
            steady = first[each.name].get(path) == again[each.name].get(path)
            if steady and body != again[each.name].get(path):
                found.append(Leak(each.name, "GET", path, f"changes with {foreign_subdistrict.preset}"))
    return found


def change_subdistrict(sweep_data: SweepData, subdistrict: SweptSubdistrict) -> None:
    """Names, counts, incidents and workers of a subdistrict become others."""
    of = f"WHERE subdistrict_id = {subdistrict.subdistrict_id}"
    with create_engine(sweep_data.owner_url, poolclass=NullPool).begin() as owner:
        for change in (
            f"UPDATE subdistrict SET name = name || 'x' WHERE id = {subdistrict.subdistrict_id}",
            f"UPDATE community SET name = name || 'x' {of}",
            f"UPDATE household_count SET households = households + 1000, high = high + 1000 {of}",
            f"UPDATE worker SET name = name || 'x' {of}",
            f"DELETE FROM incident {of} AND id % 3 > 0",
            f"UPDATE resident SET birth_year = 1930 {of}",
            f"DELETE FROM shop {of} AND id % 2 > 0",
        ):
            owner.execute(text(change))


def _visible_ids(connection: Connection, name: str) -> str:
    """Keys of the rows of a table that somebody sees, as an array of SQL."""
    return str(connection.execute(text(f"SELECT coalesce(array_agg(id), '{{}}')::text FROM {name}")).scalar())


def _digest_sql(name: str, subdistrict: SweptSubdistrict) -> str:
    whose = "id" if name == "subdistrict" else "subdistrict_id"
    row = "md5(t::text)"
    digest = f"md5(string_agg({row}, '' ORDER BY {row}))"
    return f"SELECT count(*) || coalesce({digest}, '') FROM {name} t WHERE {whose} = {subdistrict.subdistrict_id}"


def _difference_from_missing(
    persona: Persona, request: ProbeRequest, response: TestResponse, missing: dict[str, TestResponse]
) -> list[Leak]:
    """A foreign thing is answered as one that is nowhere: that it exists is not told, either."""
    known = missing.setdefault(request.rule, response).status_code
    if known == response.status_code:
        return []
    why = f"{response.status_code}, but {known} for one that is nowhere or elsewhere"
    return [Leak(persona.name, "GET", request.path, why, request.rule)]


__all__ = ["Sweep", "SweepResult", "change_subdistrict", "find_interference", "open_sweep", "without_request_values"]
