"""One of the two layers taken away: the explicit filter, or the policies; and who asks without the filter at all."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import ColumnElement, create_engine, text, true
from sqlalchemy.pool import NullPool

from gridmap.store import access, extent, schema
from gridmap.store.policies import tables

PACKAGE = Path(access.__file__).parent.parent
FILTERS = {"access", "extent", "in_force"}
TRUSTED = {
    "services/demo.py": "a command of the owner",
    "store/access.py": "the filter itself",
    "services/loading.py": "a command of the owner",
    "services/keys.py": "a command of the owner",
    "store/bulk.py": "a command of the owner",
    "store/people.py": "a command of the owner",
    "store/places.py": "a command of the owner",
    "store/plans.py": "writes what its caller has found through the filter, and the policies check every row",
    "store/towns.py": "a command of the owner",
}
"""Modules that ask without the filter, and why they may."""


@contextmanager
def without_filter() -> Iterator[None]:
    """Queries no longer name the rows they are entitled to: the policies are on their own."""

    def everything(*_: Any) -> ColumnElement[bool]:
        return true()

    with (
        patch.object(access, "only", everything),
        patch.object(extent, "communities", everything),
        patch.object(extent, "grids", everything),
    ):
        yield


@contextmanager
def without_policies(owner: str) -> Iterator[None]:
    """The database no longer hides rows: the filter is on its own."""
    _switched(owner, "DISABLE")
    try:
        yield
    finally:
        _switched(owner, "ENABLE")


def _switched(owner: str, word: str) -> None:
    with create_engine(owner, poolclass=NullPool).begin() as connection:
        for name in tables():
            connection.execute(text(f"ALTER TABLE {name} {word} ROW LEVEL SECURITY"))


def imported_by_name() -> list[str]:
    """Modules that take the filter out of its module, where it cannot be switched off."""
    found = (
        f"{path.relative_to(PACKAGE)}: {alias.name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom) and node.module in ("gridmap.store.access", "gridmap.store.extent")
        for alias in node.names
    )
    return list(found)


def unfiltered() -> list[str]:
    """Functions of services and store that select from tables and neither filter nor build on what does."""
    paths = (path for part in ("services", "store") for path in sorted((PACKAGE / part).rglob("*.py")))
    return [
        f"{name}: {function.name}"
        for path in paths
        if (name := path.relative_to(PACKAGE).as_posix()) not in TRUSTED
        for function in _functions(path)
        if _asks(function) and not _filters(function, path)
    ]


def _functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]


def _asks(function: ast.FunctionDef) -> bool:
    """Whether a query begins here that names a table."""
    called = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    selects = [node for node in called if _name(node.func) in ("select", "update", "delete", "insert", "query")]
    return any(_name(part) in schema.__all__ for node in selects for each in node.args for part in ast.walk(each))


def _filters(function: ast.FunctionDef, path: Path) -> bool:
    """Whether the filter is named here, or in a function of the module that this one calls."""
    words = {_name(node) for node in ast.walk(function)}
    if words & FILTERS:
        return True
    near = {each.name: each for each in _functions(path) if each.name in words and each is not function}
    return any({_name(node) for node in ast.walk(each)} & FILTERS for each in near.values())


def _name(node: ast.AST) -> str:
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))
