"""Removal of one of the two layers of defence, the filter or the policies, and a search for unfiltered queries."""

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
from gridmap.store.access.conditions import protected_tables
from gridmap.store.queries.grids import day_cache

PACKAGE = Path(gridmap.__file__).parent
FILTER_MODULES = {"row_filter", "scope_filter", "grids_in_force"}
UNFILTERED_MODULES = {
    "store/access/row_filter.py": "the filter itself",
    "store/queries/backups.py": "commands of the owner",
    "store/queries/demo.py": "commands of the owner",
    "store/queries/encrypted_values.py": "commands of the owner",
    "store/catalogue_rows.py": "commands of the owner",
    "store/statistical_areas.py": "commands of the owner",
    "store/writes/bulk.py": "commands of the owner",
    "store/writes/demo.py": "commands of the owner",
    "store/writes/encrypted_values.py": "commands of the owner",
    "store/writes/features.py": "commands of the owner",
    "store/writes/installation.py": "commands of the owner",
    "store/writes/imports/drafts.py": "writes rows of the caller's account, and the policies check them",
    "store/writes/imports/runs.py": "writes rows in the name of the caller, and the policies check them",
    "store/writes/incidents.py": "inserts a row of the caller, and the policies check it",
    "store/writes/land/buildings.py": "writes rows that its caller read through the filter; the policies check them",
    "store/writes/land/new_land.py": "commands of the owner, and jobs of planners, whose rows the policies check",
    "store/writes/land/place_links.py": "calls a function that checks the land of its transaction",
    "store/writes/people.py": "commands of the owner",
    "store/writes/plans.py": "writes rows that its caller read through the filter, and the policies check every row",
    "store/writes/towns.py": "commands of the owner",
}
"""Modules with permitted queries without the filter, and the reasons."""


@contextmanager
def without_filter() -> Iterator[None]:
    """Disable the filter of queries, so that only the policies protect the rows."""

    def all_rows(*_: Any) -> ColumnElement[bool]:
        return true()

    with (
        patch.object(row_filter, "visible", all_rows),
        patch.object(scope_filter, "in_scope_communities", all_rows),
        patch.object(scope_filter, "in_scope_grids", all_rows),
        patch.object(scope_filter, "is_in_scope", all_rows),
        empty_day_cache(),
    ):
        yield


@contextmanager
def empty_day_cache() -> Iterator[None]:
    """Let no figure that was read with both layers be used with one of them, and the other way round."""
    day_cache.CACHE.clear()
    try:
        yield
    finally:
        day_cache.CACHE.clear()


@contextmanager
def without_policies(owner_url: str) -> Iterator[None]:
    """Disable row-level security, so that only the filter protects the rows."""
    _set_row_security(owner_url, "DISABLE")
    try:
        with empty_day_cache():
            yield
    finally:
        _set_row_security(owner_url, "ENABLE")


def _set_row_security(owner_url: str, action: str) -> None:
    with create_engine(owner_url, poolclass=NullPool).begin() as connection:
        for name in protected_tables():
            connection.execute(text(f"ALTER TABLE {name} {action} ROW LEVEL SECURITY"))


def filter_imports() -> list[str]:
    """Return direct imports of filter functions, which `without_filter` cannot disable."""
    imports = (
        f"{path.relative_to(PACKAGE)}: {alias.name}"
        for path in sorted(PACKAGE.rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text("utf-8")))
        if isinstance(node, ast.ImportFrom)
        and node.module in ("gridmap.store.access.row_filter", "gridmap.store.access.scope_filter")
        for alias in node.names
    )
    return list(imports)


def unfiltered_functions() -> list[str]:
    """Return the functions of services and store that query tables without the filter."""
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
    """Return whether a function has a query that names a table."""
    calls = [node for node in ast.walk(function) if isinstance(node, ast.Call)]
    queries = [node for node in calls if _node_name(node.func) in ("select", "update", "delete", "insert", "query")]
    return any(_node_name(part) in schema.__all__ for node in queries for each in node.args for part in ast.walk(each))


def _has_filter(function: ast.FunctionDef, path: Path) -> bool:
    """Return whether a function uses the filter, directly or through a function of its module."""
    names = {_node_name(node) for node in ast.walk(function)}
    if names & FILTER_MODULES:
        return True
    called = {each.name: each for each in _functions(path) if each.name in names and each is not function}
    return any({_node_name(node) for node in ast.walk(each)} & FILTER_MODULES for each in called.values())


def _node_name(node: ast.AST) -> str:
    return str(getattr(node, "attr", None) or getattr(node, "id", ""))
