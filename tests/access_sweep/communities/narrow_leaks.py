"""Deliberate leaks within a subdistrict: a function or a policy that no longer asks for the community."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.pool import NullPool

from tests.access_sweep.communities import narrow_sql
from tests.access_sweep.fixtures import SweepData
from tests.access_sweep.oracle import Leak

ACCOUNT_SETTING = "current_setting('gridmap.account', true)"
FUNCTION_CHANGES: dict[str, dict[str, tuple[str, str]]] = {
    "a community's admin resets the password of the subdistrict's leader": {
        "can_manage_account": (
            "is_in_my_scope(subdistrict_id, community_id)",
            "subdistrict_id = ANY (my_subdistricts())",
        )
    },
    "a community's admin gives another community or the whole subdistrict": {
        "can_grant_scope": (
            "is_in_my_scope(p_subdistrict_id, p_community_id)",
            "p_subdistrict_id = ANY (my_subdistricts())",
        )
    },
    "an admin gives himself a scope": {"grant_scope": ("AND p_account_id IS DISTINCT FROM my_account()", "")},
    "a station opens residents of another community": {
        "my_cells": ("c.community_id = ANY ((SELECT my_communities())::bigint[])", "true")
    },
    "the roster opens residents to a planner": {
        "grids_of": ("IS DISTINCT FROM 'worker'", "= ''"),
        "my_cells": ("(SELECT my_role()) = 'worker'", "true"),
        "my_buildings": ("= 'worker'", "IN ('worker', 'planner')"),
    },
    "an account that is no worker's is linked to the roster": {"link_worker": ("AND role = 'worker'", "")},
    "a setting says who one is": {
        "my_account": (
            "IF token IS NULL THEN",
            f"IF {ACCOUNT_SETTING} <> '' THEN RETURN {ACCOUNT_SETTING}; END IF; IF token IS NULL THEN",
        )
    },
    "the record of another community is written": {
        "record_audit": ("OR is_in_my_scope(p_subdistrict_id, p_community_id)", "OR true")
    },
    "counts of another community are shown": {
        "residents_by_grid": (
            "communities constant bigint[] := my_communities()",
            "communities constant bigint[] := (SELECT array_agg(id) FROM community)",
        )
    },
    "a line of one community shows incidents of another": {
        "lines_of": ("SELECT s.subdistrict_id, s.community_id,", "SELECT s.subdistrict_id, NULL::bigint,")
    },
    "the authors of another community's plans are named": {
        "plan_authors": ("w.community_id = ANY ((SELECT my_communities())::bigint[])", "true")
    },
}
"""Text of functions that is replaced, by the fault and the function."""
WEAK_POLICIES = {
    "a planner changes adoptions of another community": "adoption",
    "a leader reads incidents of another community": "incident",
    "the contents of another community's plans are read": "assignment",
    "the border streets of another community's plans are read": "revision_street",
    "the roster of another community is changed": "worker",
}
"""Tables whose policies ask for the subdistrict only, by the fault."""


@contextmanager
def weakened_function(owner: Connection, name: str, present: str, weaker: str) -> Iterator[None]:
    """Replace a part of a function, and restore the function at the end."""
    definition = str(owner.scalar(text("SELECT pg_get_functiondef(CAST(:name AS regproc))"), {"name": name}))
    if present not in definition:
        raise LookupError(f"{name} has no part {present}: adapt FUNCTION_CHANGES in {__file__}")
    _execute(owner, definition.replace(present, weaker))
    try:
        yield
    finally:
        _execute(owner, definition)


@contextmanager
def weakened_policies(owner: Connection, table: str) -> Iterator[None]:
    """Let the policies of a table ask for the subdistrict only, and restore them at the end."""
    query = "SELECT policyname, qual, with_check FROM pg_policies WHERE tablename = :table AND policyname LIKE 'app_%'"
    policies = owner.execute(text(query), {"table": table}).all()
    weak = "subdistrict_id = ANY ((SELECT my_subdistricts())::bigint[])"
    for name, qual, check in policies:
        _alter_policy(owner, table, name, weak if qual else None, weak if check else None)
    try:
        yield
    finally:
        for name, qual, check in policies:
            _alter_policy(owner, table, name, qual, check)


def _alter_policy(owner: Connection, table: str, name: str, qual: str | None, check: str | None) -> None:
    using = f" USING ({qual})" if qual else ""
    _execute(owner, f"ALTER POLICY {name} ON {table}{using}" + (f" WITH CHECK ({check})" if check else ""))


def _execute(owner: Connection, statement: str) -> None:
    owner.execute(text(statement.replace(":", r"\:")))


@contextmanager
def owner_connection(sweep_data: SweepData) -> Iterator[Connection]:
    """Open a connection of the owner that commits every statement."""
    engine = create_engine(sweep_data.owner_url, poolclass=NullPool, isolation_level="AUTOCOMMIT")
    with engine.connect() as connection:
        yield connection


def leaks_of_functions(changes: dict[str, tuple[str, str]], sweep_data: SweepData) -> list[Leak]:
    """Return the leaks by SQL while functions are weakened."""
    with owner_connection(sweep_data) as owner, ExitStack() as stack:
        for name, (present, weaker) in changes.items():
            stack.enter_context(weakened_function(owner, name, present, weaker))
        return narrow_sql.find_leaks(sweep_data)


def leaks_of_policies(table: str, sweep_data: SweepData) -> list[Leak]:
    """Return the leaks by SQL while the policies of a table are weakened."""
    with owner_connection(sweep_data) as owner, weakened_policies(owner, table):
        return narrow_sql.find_leaks(sweep_data)


NARROW_LEAKS: dict[str, Callable[[SweepData], list[Leak]]] = {
    **{fault: partial(leaks_of_functions, changes) for fault, changes in FUNCTION_CHANGES.items()},
    **{fault: partial(leaks_of_policies, table) for fault, table in WEAK_POLICIES.items()},
}
