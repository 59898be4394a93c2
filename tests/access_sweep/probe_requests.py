"""Requests of the access sweep: every route of the application with every method.

Parameters are filled with own, foreign, missing and malformed values.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Any
from urllib.parse import quote

from flask import Flask
from sqlalchemy import Connection, text
from werkzeug.routing import Rule

from gridmap.store.access.conditions import HIDDEN_TABLES
from gridmap.store.schema import Base
from tests.access_sweep.fixtures import SweptSubdistrict

PathValues = dict[str, str]
PARAMETER_VALUES: dict[str, tuple[str, ...]] = {
    "filename": ("css/gridmap.css", "../gridmap/app.py"),
    "path": ("css/gridmap.css", "../../etc/passwd"),
    "language": ("en", "zh-CN"),
    "field": ("name", "id_number", "phone"),
    "file_format": ("csv", "xlsx", "gpkg", "geojson", "shp"),
    "on": ("2026-01-01",),
    "sheet_kind": ("workers", "residents", "household-counts"),
    "layer": ("buildings", "grids"),
    "handle": ("0123456789abcdef",),
    "photo_id": ("00000000-0000-4000-8000-000000000000",),
    "z": ("14",),
    "x": ("13392",),
    "y": ("6728",),
    "plan_number": ("1", "2"),
}
"""Values of parameters that are no id or code of a table; an unknown parameter of a route is an error."""
TABLE_BY_PARAMETER = {
    "scope": "account_scope",
    "group": "resident_group",
    "home": "subdistrict",
    "heat_code": "subdistrict_code",
}
"""Tables of parameters that have another name."""
ODD_VALUES = (
    "0", "-1", "9" * 30, "' or 1=1 --", "1;select 1", "../../etc/passwd", "%00", "网格", "１２３", "1e3", "null", "{0}",
    "{{7*7}}", "<script>alert(1)</script>", "a" * 2000,
)  # fmt: skip
IMPLICIT_PARAMETERS = ("code", "id", "key")
"""Parameters whose meaning is the path segment before them."""
MISSING_ID = "5500000001"
"""An id without a row."""
QUERY_PARAMETERS = (
    "subdistrict_id", "community_id", "grid_id", "grid_code", "building_id", "resident_id", "account_id", "scope_id",
    "plan_id", "revision_id", "query", "name", "number", "page", "limit", "on", "first", "last", "category", "status",
    "next", "action", "language",
)  # fmt: skip
METHODS = ("GET", "POST", "DELETE", "HEAD", "PUT", "PATCH", "OPTIONS", "TRACE")


@dataclass(frozen=True)
class ProbeRequest:
    """A request of the sweep.

    Parameters
    ----------
    endpoint, rule : str
        Endpoint and rule of the route.
    method, path : str
        HTTP method and path.
    target : {"own", "beyond", "foreign", "nowhere", "odd", "query"}
        Kind of the values in the path; ``beyond`` are rows of the own subdistrict outside the persona's scope, such as
        residents, and for accounts of one community the plans, incidents and accounts of another one.
    echoed_values : tuple of str
        Values that the answer may repeat, since they are part of the request.
    query : dict
        Query parameters.
    """

    endpoint: str
    rule: str
    method: str
    path: str
    target: str
    echoed_values: tuple[str, ...] = ()
    query: PathValues = field(default_factory=dict)


def url_rules(app: Flask) -> list[Rule]:
    """Return every route of the application."""
    return sorted(app.url_map.iter_rules(), key=lambda rule: (rule.rule, rule.endpoint))


def visible_values(
    connection: Connection, subdistrict: SweptSubdistrict, excluded: PathValues | None = None
) -> PathValues:
    """Return ids and codes of a subdistrict by parameter name: ``grid``, ``grid_id``, ``grid_code``.

    Parameters
    ----------
    connection : Connection
        Connection of the account whose view counts; the owner sees everything.
    subdistrict : SweptSubdistrict
        Subdistrict of the rows.
    excluded : dict, optional
        Queries of ids to exclude, by table; other tables are then left out.
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
        rows = f"SELECT {', '.join(columns)} FROM {name} WHERE {condition} ORDER BY {columns[0]} LIMIT 1"
        row = connection.execute(text(rows)).first()
        for column, value in zip(columns, row or (), strict=False):
            found[name if column == "id" else f"{name}_code"] = str(value)
    found |= {parameter: found[table] for parameter, table in TABLE_BY_PARAMETER.items() if table in found}
    return found | {f"{name}_id": value for name, value in found.items() if not name.endswith("_code")}


def _subdistrict_condition(name: str, has_subdistrict: bool, subdistrict: SweptSubdistrict) -> str:
    """Return the SQL condition of the rows of a subdistrict, or an empty text if the table has none."""
    if name == "account":
        scopes = f"SELECT account_id FROM account_scope WHERE subdistrict_id = {subdistrict.subdistrict_id}"
        return f"active AND id IN ({scopes})"
    if name == "subdistrict":
        return f"id = {subdistrict.subdistrict_id}"
    return f"subdistrict_id = {subdistrict.subdistrict_id}" if has_subdistrict else ""


def parameter_names(rule: Rule) -> list[str]:
    """Return the meanings of the parameters of a route: ``/subdistricts/<code>`` is a ``subdistrict_code``."""
    pairs = re.findall(r"([^/<>]*)/<(?:[^<>:]+:)?([^<>]+)>", rule.rule)
    return [
        _singular(before) + {"code": "_code"}.get(name, "") if name in IMPLICIT_PARAMETERS else name
        for before, name in pairs
    ]


def _singular(word: str) -> str:
    return f"{word[:-3]}y" if word.endswith("ies") else word.removesuffix("s").replace("-", "_")


def parameter_values(name: str, values: PathValues) -> tuple[str, ...]:
    """Return the values of a parameter.

    Raises
    ------
    LookupError
        If the parameter is unknown.
    """
    if name in values:
        return (values[name],)
    if name in PARAMETER_VALUES:
        return PARAMETER_VALUES[name]
    raise LookupError(f"add values of the parameter {name} to PARAMETER_VALUES in tests/access_sweep/probe_requests.py")


@dataclass(frozen=True)
class ValueSets:
    """Values of parameters: own, of the own subdistrict outside the scope, and foreign.

    ``places_beyond`` are fields of forms that name places outside the scope, one dict for each place.
    """

    own: PathValues
    out_of_scope: PathValues
    foreign: PathValues
    places_beyond: tuple[PathValues, ...] = ()


def build_requests(
    app: Flask, value_sets: ValueSets, *, quick: bool = False, path_prefix: str = ""
) -> list[ProbeRequest]:
    """Return all requests except forms, of routes with a prefix."""
    requests = (
        chain(
            _own_requests(rule, value_sets.own, quick),
            _foreign_requests(rule, value_sets),
            _odd_requests(rule, quick),
            _query_requests(rule, value_sets, quick),
        )
        for rule in url_rules(app)
        if rule.rule.startswith(path_prefix)
    )
    return list(chain.from_iterable(requests))


def fill_path(rule: Rule, values: Sequence[str]) -> str:
    """Return the path of a route with values in place of its parameters."""
    remaining = iter(values)
    return re.sub(r"<[^<>]+>", lambda _: quote(next(remaining), safe="/"), rule.rule)


def _request(rule: Rule, method: str, target: str, values: Sequence[str], **more: Any) -> ProbeRequest:
    return ProbeRequest(rule.endpoint, rule.rule, method, fill_path(rule, values), target, tuple(values), **more)


def _own_requests(rule: Rule, own: PathValues, quick: bool) -> Iterator[ProbeRequest]:
    """Yield requests with own values, by every method, allowed or not."""
    names = parameter_names(rule)
    first = [parameter_values(name, own)[0] for name in names]
    for method in METHODS[: 3 if quick else None]:
        yield _request(rule, method, "own", first)
    for position, name in enumerate(names):
        for value in parameter_values(name, own)[1:]:
            yield _request(rule, "GET", "odd", [*first[:position], value, *first[position + 1 :]])


def _foreign_requests(rule: Rule, value_sets: ValueSets) -> Iterator[ProbeRequest]:
    """Yield requests with foreign values, all or one at a time, with missing ones, and with those outside the scope."""
    names = parameter_names(rule)
    own, foreign = (
        [parameter_values(name, values)[0] for name in names] for values in (value_sets.own, value_sets.foreign)
    )
    if own == foreign:
        return
    if value_sets.out_of_scope.keys() & set(names):
        values = value_sets.own | value_sets.out_of_scope
        for method in METHODS[:3]:
            yield _request(rule, method, "beyond", [parameter_values(name, values)[0] for name in names])
    for method in ("GET", "POST", "PUT", "DELETE"):
        yield _request(rule, method, "foreign", foreign)
    yield _request(rule, "GET", "nowhere", [MISSING_ID if a != b else a for a, b in zip(own, foreign, strict=True)])
    for position in range(len(names) if len(names) > 1 else 0):
        mixed = [*own[:position], foreign[position], *own[position + 1 :]]
        if mixed != own:
            yield _request(rule, "GET", "foreign", mixed)


def _odd_requests(rule: Rule, quick: bool) -> Iterator[ProbeRequest]:
    names = parameter_names(rule)
    return (_request(rule, "GET", "odd", [value] * len(names)) for value in ODD_VALUES[: 4 if quick else None] if names)


def _query_requests(rule: Rule, value_sets: ValueSets, quick: bool) -> Iterator[ProbeRequest]:
    """Yield requests with one query parameter, foreign if it names a row, else malformed."""
    if "GET" not in (rule.methods or ()) or rule.endpoint == "static":
        return
    first = [parameter_values(name, value_sets.own)[0] for name in parameter_names(rule)]
    for name in QUERY_PARAMETERS:
        value = value_sets.foreign.get(name)
        for each in [value] if value else () if quick else (*PARAMETER_VALUES.get(name, ()), *ODD_VALUES[:6]):
            request = _request(rule, "GET", "query", first, query={name: each})
            yield replace(request, echoed_values=(*first, each))
