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

from gridmap.store.access.policies import HIDDEN_TABLES
from gridmap.store.schema import Base
from tests.access_sweep.fixtures import SweptSubdistrict

PathValues = dict[str, str]
PARAMETER_VALUES: dict[str, tuple[str, ...]] = {
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
TABLE_BY_PARAMETER = {
    "scope": "account_scope",
    "group": "resident_group",
    "home": "subdistrict",
    "heat_code": "subdistrict_code",
}
"""Tables that parameters call otherwise."""
ODD_VALUES = (
    "0", "-1", "9" * 30, "' or 1=1 --", "1;select 1", "../../etc/passwd", "%00", "网格", "１２３", "1e3", "null", "{0}",
    "{{7*7}}", "<script>alert(1)</script>", "a" * 2000,
)  # fmt: skip
IMPLICIT_PARAMETERS = ("code", "id", "key")
"""Names of parameters that mean what stands before them in the address."""
MISSING_ID = "5500000001"
"""A key that no row has."""
QUERY_PARAMETERS = (
    "subdistrict", "community", "grid", "building", "resident", "account", "scope", "plan", "revision", "q", "name",
    "number", "page", "limit", "on", "first", "last", "category", "status", "next", "action", "language",
)  # fmt: skip
METHODS = ("GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS", "TRACE")


@dataclass(frozen=True)
class ProbeRequest:
    """A request.

    Parameters
    ----------
    endpoint, rule : str
        Of the route.
    method, path : str
    target : {"own", "beyond", "foreign", "nowhere", "odd", "query"}
        What the parameters of its path are filled with; ``beyond`` are persons of the subdistrict behind doors that are
        not one's own.
    echoed_values : tuple of str
        Values that its answer may repeat: whoever asks knows them.
    query : dict
    """

    endpoint: str
    rule: str
    method: str
    path: str
    target: str
    echoed_values: tuple[str, ...] = ()
    query: PathValues = field(default_factory=dict)


def url_rules(app: Flask) -> list[Rule]:
    """Every route of the application."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def visible_values(
    connection: Connection, subdistrict: SweptSubdistrict, excluded: PathValues | None = None
) -> PathValues:
    """Keys and codes of a subdistrict, by the name that a parameter would have: ``grid``, ``grid_code``.

    Parameters
    ----------
    connection : Connection
        Of whoever's view it is to be: the owner sees everything.
    subdistrict : SweptSubdistrict
    excluded : dict, optional
        Rows to pass over, of the tables it names alone.
    """
    found: PathValues = {}
    for name, table in Base.metadata.tables.items():
        columns = [column for column in ("id", "code") if column in table.c]
        if (
            not columns
            or not (condition := _subdistrict_condition(name, "subdistrict_id" in table.c, subdistrict))
            or name in HIDDEN_TABLES
        ):
            continue
        if excluded is not None:
            condition += f" AND id NOT IN ({excluded[name]})" if name in excluded else " AND false"
        row = connection.execute(text(f"SELECT {', '.join(columns)} FROM {name} WHERE {condition} LIMIT 1")).first()
        for column, value in zip(columns, row or (), strict=False):
            found[name if column == "id" else f"{name}_code"] = str(value)
    return found


def _subdistrict_condition(name: str, has_subdistrict: bool, subdistrict: SweptSubdistrict) -> str:
    """Condition for rows of a subdistrict."""
    if name == "account":
        return f"active AND id IN (SELECT account_id FROM account_scope WHERE subdistrict_id = {subdistrict.subdistrict_id})"
    if name == "subdistrict":
        return f"id = {subdistrict.subdistrict_id}"
    return f"subdistrict_id = {subdistrict.subdistrict_id}" if has_subdistrict else ""


def parameter_names(rule: Rule) -> list[str]:
    """What the parameters of a route mean, in their order: ``/subdistricts/<code>`` is a ``subdistrict_code``."""
    found = re.findall(r"([^/<>]*)/<(?:[^<>:]+:)?([^<>]+)>", rule.rule)
    return [
        _singular(before) + {"code": "_code"}.get(name, "") if name in IMPLICIT_PARAMETERS else name
        for before, name in found
    ]


def _singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s").replace("-", "_")


def parameter_values(name: str, values: PathValues) -> tuple[str, ...]:
    """What a parameter is filled with.

    Raises
    ------
    LookupError
        If nobody has said what it means.
    """
    plain = TABLE_BY_PARAMETER.get(name, name.removesuffix("_id"))
    if plain in values:
        return (values[plain],)
    if name in PARAMETER_VALUES:
        return PARAMETER_VALUES[name]
    raise LookupError(f"tests/sweep/asking.py, OTHERWISE: say what the parameter {name} is filled with")


@dataclass(frozen=True)
class ValueSets:
    """What parameters are filled with: one's own, what is behind other doors, what is foreign."""

    own: PathValues
    out_of_scope: PathValues
    foreign: PathValues


def build_requests(
    app: Flask, value_sets: ValueSets, *, quick: bool = False, path_prefix: str = ""
) -> list[ProbeRequest]:
    """Everything that is asked, but for forms; of routes that begin so."""
    each = (
        chain(
            _own_requests(rule, value_sets.own, quick),
            _foreign_requests(rule, value_sets),
            _odd_requests(rule, quick),
            _query_requests(rule, value_sets, quick),
        )
        for rule in url_rules(app)
        if rule.rule.startswith(path_prefix)
    )
    return list(chain.from_iterable(each))


def fill_path(rule: Rule, values: Sequence[str]) -> str:
    """The address of a route."""
    left = iter(values)
    return re.sub(r"<[^<>]+>", lambda _: quote(next(left), safe="/"), rule.rule)


def _request(rule: Rule, method: str, target: str, values: Sequence[str], **more: Any) -> ProbeRequest:
    return ProbeRequest(rule.endpoint, rule.rule, method, fill_path(rule, values), target, tuple(values), **more)


def _own_requests(rule: Rule, own: PathValues, quick: bool) -> Iterator[ProbeRequest]:
    """With what is one's own, by every method there is, allowed or not."""
    names = parameter_names(rule)
    first = [parameter_values(name, own)[0] for name in names]
    for method in METHODS[: 3 if quick else None]:
        yield _request(rule, method, "own", first)
    for position, name in enumerate(names):
        for value in parameter_values(name, own)[1:]:
            yield _request(rule, "GET", "odd", [*first[:position], value, *first[position + 1 :]])


def _foreign_requests(rule: Rule, value_sets: ValueSets) -> Iterator[ProbeRequest]:
    """With what is foreign, all of it or one parameter at a time; with what is nowhere, or behind other doors."""
    names = parameter_names(rule)
    mine, theirs = (
        [parameter_values(name, values)[0] for name in names] for values in (value_sets.own, value_sets.foreign)
    )
    if mine == theirs:
        return
    if value_sets.out_of_scope.keys() & set(names):
        yield _request(
            rule,
            "GET",
            "beyond",
            [parameter_values(name, value_sets.own | value_sets.out_of_scope)[0] for name in names],
        )
    for method in ("GET", "POST", "PUT", "DELETE"):
        yield _request(rule, method, "foreign", theirs)
    yield _request(rule, "GET", "nowhere", [MISSING_ID if a != b else a for a, b in zip(mine, theirs, strict=True)])
    for position in range(len(names) if len(names) > 1 else 0):
        mixed = [*mine[:position], theirs[position], *mine[position + 1 :]]
        if mixed != mine:
            yield _request(rule, "GET", "foreign", mixed)


def _odd_requests(rule: Rule, quick: bool) -> Iterator[ProbeRequest]:
    names = parameter_names(rule)
    return (_request(rule, "GET", "odd", [value] * len(names)) for value in ODD_VALUES[: 4 if quick else None] if names)


def _query_requests(rule: Rule, value_sets: ValueSets, quick: bool) -> Iterator[ProbeRequest]:
    """With one parameter in the query, foreign where it means a row, odd otherwise."""
    if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
        return
    first = [parameter_values(name, value_sets.own)[0] for name in parameter_names(rule)]
    for name in QUERY_PARAMETERS:
        value = value_sets.foreign.get(TABLE_BY_PARAMETER.get(name, name))
        for each in [value] if value else () if quick else (*PARAMETER_VALUES.get(name, ()), *ODD_VALUES[:6]):
            asked = _request(rule, "GET", "query", first, query={name: each})
            yield ProbeRequest(**{**vars(asked), "given": (*first, each)})
