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
from gridmap.store.policies import BY_BUILDING, tables
from gridmap.web import current
from tests.sweep import asking, country, forms
from tests.sweep.asking import Question, Values, Whose
from tests.sweep.browser import TOKEN, Browser
from tests.sweep.country import NOBODY, Country, Persona, Side
from tests.sweep.direct import acting, eyes_of
from tests.sweep.judging import Judge, Leak, without

CHANGING = re.compile(rb'nonce-[\w-]+|nonce="[^"]+"|name="csrf_token"[^>]*>')
MOVING = {"account", "account_scope", "audit"}
"""Tables that signing in and out changes."""


@dataclass
class Told:
    """What the sweep found: leaks, and how routes answered whom."""

    leaks: list[Leak] = field(default_factory=list)
    answers: dict[tuple[str, str], Counter[int]] = field(default_factory=dict)

    def add(self, asked: Question, persona: Persona, status: int, leaks: Sequence[Leak]) -> None:
        """Note an answer."""
        self.answers.setdefault((asked.rule, persona.name), Counter())[status] += 1
        self.leaks += leaks

    def asked(self) -> int:
        """How many questions there were."""
        return sum(sum(counted.values()) for counted in self.answers.values())


@dataclass(frozen=True)
class Sweep:
    """An application, the country it serves, and who judges."""

    app: Flask
    country: Country
    judge: Judge
    quick: bool = False
    only: str = ""
    brief: bool = False
    """What the tests have time for: every page and every answer of the API, no odd values and no forms."""

    def run(self) -> Told:
        """Everybody in both subdistricts, and nobody, about what is theirs and what is the other's."""
        told = Told()
        sides = self.country.sides
        for own, foreign in [sides] if self.quick else [sides, sides[::-1]]:
            before = self.rows(foreign)
            for persona in [*self.country.at_home(own), NOBODY]:
                self.everything(persona, own, foreign, told)
            changed = [name for name, rows in self.rows(foreign).items() if rows != before[name]]
            told.leaks += [Leak(f"those of {own.preset}", "SQL", name, "foreign rows were changed") for name in changed]
        return told

    def everything(self, persona: Persona, own: Side, foreign: Side, told: Told) -> None:
        """One person's questions: first what only reads, then forms, each with accounts as they were."""
        whose = self.whose(persona, own, foreign)
        browser = self.browser(persona)
        missing: dict[str, TestResponse] = {}
        for asked in asking.questions(self.app, whose, quick=self.quick, only=self.only):
            if self.left_out(persona, asked):
                continue
            answer = self.ask(browser, asked, told)
            if asked.about in ("foreign", "nowhere") and asked.method == "GET" and not self.judge.public(asked):
                told.leaks += _unlike(persona, asked, answer, missing)
        for asked, fields in () if self.brief else forms.questions(self.app, browser, whose, self.only):
            self.form(browser, asked, fields, told)

    def left_out(self, persona: Persona, asked: Question) -> bool:
        """Who is turned away at the door is not asked for more; in brief nobody is."""
        more = asked.about in ("odd", "query")
        if self.brief:
            return more or asked.method != "GET"
        return more and not self.judge.allowed(persona, asked)

    def ask(self, browser: Browser, asked: Question, told: Told, **more: Any) -> TestResponse:
        """One question, judged."""
        answer = browser.ask(asked, **more)
        told.add(asked, browser.persona, answer.status_code, self.judge.leaks(browser.persona, asked, answer))
        return answer

    def form(self, browser: Browser, asked: Question, fields: Values, told: Told) -> None:
        """One form: without its token it is refused, with it it is judged; then everything is as it was."""
        bare = self.ask(browser, asked, told, data={name: fields[name] for name in fields if name != TOKEN})
        if bare.status_code < 400 and not bare.headers.get("Location", "").startswith("/sign-in"):
            told.leaks.append(
                Leak(browser.persona.name, "POST", asked.path, f"taken without its token: {bare.status_code}")
            )
        self.ask(browser, asked, told, data=fields)
        country.restored(self.country)
        if browser.persona.role and not browser.signed_in():
            self.enter(browser)

    def browser(self, persona: Persona) -> Browser:
        """The browser of somebody, signed in."""
        with closing(create_engine(self.country.owner, poolclass=NullPool).connect()) as owner:
            query = text("SELECT name FROM account WHERE id = :id")
            name = owner.execute(query, {"id": persona.account}).scalar() if persona.account else ""
        browser = Browser(self.app, persona, name or "")
        if browser.name:
            self.enter(browser)
        return browser

    def enter(self, browser: Browser) -> None:
        """Sign in; who is out of use was not yet at that moment."""
        active = text("UPDATE account SET active = true WHERE id = :id")
        with create_engine(self.country.owner, poolclass=NullPool).begin() as owner:
            owner.execute(active, {"id": browser.persona.account})
        status = browser.sign_in().status_code
        if status != 303:
            raise RuntimeError(f"{browser.persona.name} cannot sign in: {status}")
        country.restored(self.country)

    def close(self) -> None:
        """Give the application's connections back."""
        self.app.extensions[current.DATABASE].close()

    def whose(self, persona: Persona, own: Side, foreign: Side) -> Whose:
        """What somebody's questions are about: rows that the person sees, where there are such."""
        with closing(create_engine(self.country.owner, poolclass=NullPool).connect()) as owner:
            mine, theirs = (self._with_number(asking.known(owner, side), side) for side in (own, foreign))
            with eyes_of(self.country) as app, acting(app, persona) as eyes:
                seen = asking.known(eyes, own)
                visible = {
                    name: f"SELECT id FROM {name} WHERE id = ANY ('{_keys(eyes, name)}')" for name in BY_BUILDING
                }
            return Whose({**mine, **seen}, asking.known(owner, own, visible), theirs)

    def _with_number(self, values: Values, side: Side) -> Values:
        number = self.country.numbers[side.mark][0].decode()
        return {**values, "number": number, "q": number}

    def rows(self, side: Side) -> dict[str, str]:
        """What every table holds of a subdistrict, as a digest."""
        with closing(create_engine(self.country.owner, poolclass=NullPool).connect()) as owner:
            names = [name for name in tables() if name not in MOVING]
            return {name: str(owner.execute(text(_digest(name, side))).scalar()) for name in names}

    def same(self, persona: Persona, own: Side, foreign: Side) -> Iterator[tuple[str, bytes]]:
        """What somebody is told of what is theirs, but for words that are drawn for each answer."""
        browser = self.browser(persona)
        for asked in asking.questions(self.app, self.whose(persona, own, foreign), quick=True, only=self.only):
            if asked.about == "own" and asked.method == "GET" and not self.judge.public(asked):
                yield asked.path, CHANGING.sub(b"", browser.ask(asked).data)


def opened(
    country: Country, app: Flask | None = None, *, quick: bool = False, only: str = "", brief: bool = False
) -> Sweep:
    """The real application on the database of a country; asked for routes that begin so."""
    made = app or create_app(
        Settings(cookie_secret=b"only for a sweep, where nothing is secret", database_url=country.app)
    )
    return Sweep(made, country, Judge(made, country, country.in_clear()), quick, only, brief)


def interference(sweep: Sweep, own: Side, foreign: Side) -> list[Leak]:
    """Answers about one subdistrict that change when only the other one does; what changes by itself is passed over."""
    people = sweep.country.at_home(own)
    first = {each.name: dict(sweep.same(each, own, foreign)) for each in people}
    again = {each.name: dict(sweep.same(each, own, foreign)) for each in people}
    changed(sweep.country, foreign)
    found = []
    for each in people:
        for path, body in sweep.same(each, own, foreign):
            steady = first[each.name].get(path) == again[each.name].get(path)
            if steady and body != again[each.name].get(path):
                found.append(Leak(each.name, "GET", path, f"changes with {foreign.preset}"))
    return found


def changed(country: Country, side: Side) -> None:
    """Names, counts, incidents and workers of a subdistrict become others."""
    of = f"WHERE subdistrict_id = {side.id}"
    with create_engine(country.owner, poolclass=NullPool).begin() as owner:
        for change in (
            f"UPDATE subdistrict SET name = name || 'x' WHERE id = {side.id}",
            f"UPDATE community SET name = name || 'x' {of}",
            f"UPDATE household_count SET households = households + 1000, high = high + 1000 {of}",
            f"UPDATE worker SET name = name || 'x' {of}",
            f"DELETE FROM incident {of} AND id % 3 > 0",
            f"UPDATE resident SET birth_year = 1930 {of}",
            f"DELETE FROM shop {of} AND id % 2 > 0",
        ):
            owner.execute(text(change))


def _keys(eyes: Connection, name: str) -> str:
    """Keys of the rows of a table that somebody sees, as an array of SQL."""
    return str(eyes.execute(text(f"SELECT coalesce(array_agg(id), '{{}}')::text FROM {name}")).scalar())


def _digest(name: str, side: Side) -> str:
    whose = "id" if name == "subdistrict" else "subdistrict_id"
    row = "md5(t::text)"
    digest = f"md5(string_agg({row}, '' ORDER BY {row}))"
    return f"SELECT count(*) || coalesce({digest}, '') FROM {name} t WHERE {whose} = {side.id}"


def _unlike(persona: Persona, asked: Question, answer: TestResponse, missing: dict[str, TestResponse]) -> list[Leak]:
    """A foreign thing is answered as one that is nowhere: that it exists is not told, either."""
    known = missing.setdefault(asked.rule, answer).status_code
    if known == answer.status_code:
        return []
    why = f"{answer.status_code}, but {known} for one that is nowhere or elsewhere"
    return [Leak(persona.name, "GET", asked.path, why, asked.rule)]


__all__ = ["Sweep", "Told", "changed", "interference", "opened", "without"]
