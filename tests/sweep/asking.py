"""What is asked: every route with every method, its parameters filled with what is one's own, what is foreign, what is
nowhere, and what nobody should write there. Routes are found in the application itself.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import Connection, text
from werkzeug.routing import Rule

from gridmap.store.policies import HIDDEN
from gridmap.store.schema import Base
from tests.sweep.country import Side

Values = dict[str, str]
OTHERWISE: dict[str, tuple[str, ...]] = {
    "filename": ("css/gridmap.css", "../gridmap/app.py"),
    "path": ("css/gridmap.css", "../../etc/passwd"),
    "language": ("en", "zh-CN"),
    "field": ("name", "id_number", "phone"),
    "on": ("2026-01-01",),
    "layer": ("buildings", "grids"),
    "z": ("14",),
    "x": ("13392",),
    "y": ("6728",),
}
"""Parameters that are no key or code of a table: what they are filled with. A route with another one stops the sweep
until it is named here."""
TABLES = {"scope": "account_scope", "group": "resident_group", "home": "subdistrict", "heat_code": "subdistrict_code"}
"""Tables that parameters call otherwise."""
ODD = (
    "0", "-1", "9" * 30, "' or 1=1 --", "1;select 1", "../../etc/passwd", "%00", "网格", "１２３", "1e3", "null", "{0}",
    "{{7*7}}", "<script>alert(1)</script>", "a" * 2000,
)  # fmt: skip
UNSAID = ("code", "id", "key")
"""Names of parameters that mean what stands before them in the address."""
NOWHERE = "5500000001"
"""A key that no row has."""
QUERIES = (
    "subdistrict", "community", "grid", "building", "resident", "account", "scope", "plan", "revision", "q", "name",
    "number", "page", "limit", "on", "first", "last", "category", "status", "next", "action", "language",
)  # fmt: skip
METHODS = ("GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS", "TRACE")


@dataclass(frozen=True)
class Question:
    """A request.

    Parameters
    ----------
    endpoint, rule : str
        Of the route.
    method, path : str
    about : {"own", "beyond", "foreign", "nowhere", "odd", "query"}
        What the parameters of its path are filled with; ``beyond`` are persons of the subdistrict behind doors that are
        not one's own.
    given : tuple of str
        Values that its answer may repeat: whoever asks knows them.
    query : dict
    """

    endpoint: str
    rule: str
    method: str
    path: str
    about: str
    given: tuple[str, ...] = ()
    query: Values = field(default_factory=dict)


def rules(app: Flask) -> list[Rule]:
    """Every route of the application."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def known(connection: Connection, side: Side, but: Values | None = None) -> Values:
    """Keys and codes of a subdistrict, by the name that a parameter would have: ``grid``, ``grid_code``.

    Parameters
    ----------
    connection : Connection
        Of whoever's view it is to be: the owner sees everything.
    side : Side
    but : dict, optional
        Rows to pass over, of the tables it names alone.
    """
    found: Values = {}
    for name, table in Base.metadata.tables.items():
        columns = [column for column in ("id", "code") if column in table.c]
        if not columns or not (condition := _of(name, "subdistrict_id" in table.c, side)) or name in HIDDEN:
            continue
        if but is not None:
            condition += f" AND id NOT IN ({but[name]})" if name in but else " AND false"
        row = connection.execute(text(f"SELECT {', '.join(columns)} FROM {name} WHERE {condition} LIMIT 1")).first()
        for column, value in zip(columns, row or (), strict=False):
            found[name if column == "id" else f"{name}_code"] = str(value)
    return found


def _of(name: str, has_home: bool, side: Side) -> str:
    """Condition for rows of a subdistrict."""
    if name == "account":
        return f"active AND id IN (SELECT account_id FROM account_scope WHERE subdistrict_id = {side.id})"
    if name == "subdistrict":
        return f"id = {side.id}"
    return f"subdistrict_id = {side.id}" if has_home else ""


def arguments(rule: Rule) -> list[str]:
    """What the parameters of a route mean, in their order: ``/subdistricts/<code>`` is a ``subdistrict_code``."""
    found = re.findall(r"([^/<>]*)/<(?:[^<>:]+:)?([^<>]+)>", rule.rule)
    return [_singular(before) + {"code": "_code"}.get(name, "") if name in UNSAID else name for before, name in found]


def _singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s").replace("-", "_")


def choices(name: str, values: Values) -> tuple[str, ...]:
    """What a parameter is filled with.

    Raises
    ------
    LookupError
        If nobody has said what it means.
    """
    plain = TABLES.get(name, name.removesuffix("_id"))
    if plain in values:
        return (values[plain],)
    if name in OTHERWISE:
        return OTHERWISE[name]
    raise LookupError(f"tests/sweep/asking.py, OTHERWISE: say what the parameter {name} is filled with")


@dataclass(frozen=True)
class Whose:
    """What parameters are filled with: one's own, what is behind other doors, what is foreign."""

    own: Values
    beyond: Values
    foreign: Values


def questions(app: Flask, whose: Whose, *, quick: bool = False, only: str = "") -> list[Question]:
    """Everything that is asked, but for forms; of routes that begin so."""
    each = (
        chain(_plain(rule, whose.own, quick), _elsewhere(rule, whose), _odd(rule, quick), _queries(rule, whose, quick))
        for rule in rules(app)
        if rule.rule.startswith(only)
    )
    return list(chain.from_iterable(each))


def filled(rule: Rule, values: Sequence[str]) -> str:
    """The address of a route."""
    left = iter(values)
    return re.sub(r"<[^<>]+>", lambda _: quote(next(left), safe="/"), rule.rule)


def _asked(rule: Rule, method: str, about: str, values: Sequence[str], **more: Any) -> Question:
    return Question(rule.endpoint, rule.rule, method, filled(rule, values), about, tuple(values), **more)


def _plain(rule: Rule, own: Values, quick: bool) -> Iterator[Question]:
    """With what is one's own, by every method there is, allowed or not."""
    names = arguments(rule)
    first = [choices(name, own)[0] for name in names]
    for method in METHODS[: 3 if quick else None]:
        yield _asked(rule, method, "own", first)
    for position, name in enumerate(names):
        for value in choices(name, own)[1:]:
            yield _asked(rule, "GET", "odd", [*first[:position], value, *first[position + 1 :]])


def _elsewhere(rule: Rule, whose: Whose) -> Iterator[Question]:
    """With what is foreign, all of it or one parameter at a time; with what is nowhere, or behind other doors."""
    names = arguments(rule)
    mine, theirs = ([choices(name, values)[0] for name in names] for values in (whose.own, whose.foreign))
    if mine == theirs:
        return
    if whose.beyond.keys() & set(names):
        yield _asked(rule, "GET", "beyond", [choices(name, whose.own | whose.beyond)[0] for name in names])
    for method in ("GET", "POST", "PUT", "DELETE"):
        yield _asked(rule, method, "foreign", theirs)
    yield _asked(rule, "GET", "nowhere", [NOWHERE if a != b else a for a, b in zip(mine, theirs, strict=True)])
    for position in range(len(names) if len(names) > 1 else 0):
        mixed = [*mine[:position], theirs[position], *mine[position + 1 :]]
        if mixed != mine:
            yield _asked(rule, "GET", "foreign", mixed)


def _odd(rule: Rule, quick: bool) -> Iterator[Question]:
    names = arguments(rule)
    return (_asked(rule, "GET", "odd", [value] * len(names)) for value in ODD[: 4 if quick else None] if names)


def _queries(rule: Rule, whose: Whose, quick: bool) -> Iterator[Question]:
    """With one parameter in the query, foreign where it means a row, odd otherwise."""
    if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
        return
    first = [choices(name, whose.own)[0] for name in arguments(rule)]
    for name in QUERIES:
        value = whose.foreign.get(TABLES.get(name, name))
        for each in [value] if value else () if quick else (*OTHERWISE.get(name, ()), *ODD[:6]):
            asked = _asked(rule, "GET", "query", first, query={name: each})
            yield Question(**{**vars(asked), "given": (*first, each)})
