"""One of the two layers taken away: the explicit filter, or the policies; and who asks without the filter at all."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest.mock import patch

from sqlalchemy import ColumnElement, create_engine, text, true
from sqlalchemy.pool import NullPool

import gridmap
from gridmap.store import schema
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.access.policies import protected_tables

PACKAGE = Path(gridmap.__file__).parent
FILTER_MODULES = {"row_filter", "scope_filter", "grids_in_force"}
UNFILTERED_MODULES = {
    "store/access/row_filter.py": "the filter itself",
    "store/queries/demo.py": "commands of the owner",
    "store/queries/encrypted_values.py": "commands of the owner",
    "store/writes/bulk.py": "commands of the owner",
    "store/writes/demo.py": "commands of the owner",
    "store/writes/encrypted_values.py": "commands of the owner",
    "store/writes/features.py": "commands of the owner",
    "store/writes/incidents.py": "inserts a row of the caller, and the policies check it",
    "store/writes/people.py": "commands of the owner",
    "store/writes/plans.py": "writes what its caller has found through the filter, and the policies check every row",
    "store/writes/towns.py": "commands of the owner",
}
"""Modules that ask without the filter, and why they may."""


@contextmanager
def without_filter() -> Iterator[None]:
    """Queries no longer name the rows they are entitled to: the policies are on their own."""

    def everything(*_: Any) -> ColumnElement[bool]:
        return true()

    with (
        patch.object(row_filter, "visible", everything),
        patch.object(scope_filter, "in_scope_communities", everything),
        patch.object(scope_filter, "in_scope_grids", everything),
    ):
        yield


@contextmanager
def without_policies(owner_url: str) -> Iterator[None]:
    """The database no longer hides rows: the filter is on its own."""
    _set_row_security(owner_url, "DISABLE")
    try:
        yield
    finally:
        _set_row_security(owner_url, "ENABLE")


def _set_row_security(owner_url: str, action: str) -> None:
    with create_engine(owner_url, poolclass=NullPool).begin() as connection:
        for name in protected_tables():
            connection.execute(text(f"ALTER TABLE {name} {action} ROW LEVEL SECURITY"))


def filter_imports() -> list[str]:
    """Modules that take the filter out of its module, where it cannot be switched off."""
    found = (
        f"{path.relative_to(PACKAGE)}: {alias.name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module in ("gridmap.store.access.row_filter", "gridmap.store.access.scope_filter")
        for alias in node.names
    )
    return list(found)


def unfiltered_functions() -> list[str]:
    """Functions of services and store that select from tables and neither filter nor build on what does."""
    paths = (path for part in ("services", "store") for path in sorted((PACKAGE / part).rglob("*.py")))
    return [
        f"{name}: {function.name}"
        for path in paths
        if (name := path.relative_to(PACKAGE).as_posix()) not in UNFILTERED_MODULES
        for function in _functions(path)
        if _has_query(function) and not _has_filter(function, path)
    ]


def _functions(path: Path) -> list[ast.FunctionDef]:
    return [node for node in ast.walk(ast.parse(path.read_text("utf-8"))) if isinstance(node, ast.FunctionDef)]


def _has_query(function: ast.FunctionDef) -> bool:
    """Return whether a query that names a table begins at this node."""
    called = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    selects = [node for node in called if _node_name(node.func) in ("select", "update", "delete", "insert", "query")]
    return any(_node_name(part) in schema.__all__ for node in selects for each in node.args for part in ast.walk(each))


def _has_filter(function: ast.FunctionDef, path: Path) -> bool:
    """Return whether a function names the filter, or calls a function of its module that does."""
    words = {_node_name(node) for node in ast.walk(function)}
    if words & FILTER_MODULES:
        return True
    near = {each.name: each for each in _functions(path) if each.name in words and each is not function}
    return any({_node_name(node) for node in ast.walk(each)} & FILTER_MODULES for each in near.values())


def _node_name(node: ast.AST) -> str:
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))
