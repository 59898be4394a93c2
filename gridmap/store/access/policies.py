"""Row-level security: roles, functions, grants and policies, which every upgrade replaces by those of this module.

There are three roles. The owner migrates the database and runs commands. The web signs in as `gridmap_app`, which owns
nothing. `gridmap_reader` cannot sign in; it runs the functions of ``sql/`` and reads what they need.
"""

from collections.abc import Iterator
from importlib.resources import files

from sqlalchemy import Connection, text

from gridmap.store.schema import Base

APP_ROLE, READER_ROLE = "gridmap_app", "gridmap_reader"
POLICY_NAMES = ("reader_select", "reader_insert", "reader_all", "app_select", "app_insert", "app_update")

HIDDEN_TABLES = ("credential", "known_device", "sign_in_throttle", "web_session")
"""Tables that the application reaches through functions only."""

READ_ONLY_TABLES = ("account", "account_scope", "data_version")
"""Tables that the application reads, and changes through functions or triggers only."""

BUILDING_CONDITIONS = {
    "household": "building_id IN (SELECT my_buildings())",
    "resident": "household_id IN (SELECT id FROM household)",
    "dwelling": "building_id IN (SELECT my_buildings())",
}
"""Conditions of tables about persons and dwellings, beside that of the subdistrict."""

ROW_CONDITIONS = {
    **BUILDING_CONDITIONS,
    "incident": "((SELECT my_role()) IN ('planner', 'leader') OR cell_id IN (SELECT my_cells())"
    " OR reported_by = (SELECT my_account()) OR (cell_id IS NULL AND (SELECT my_role()) = 'station'))",
    "audit": "(SELECT my_role()) = 'admin'",
    "account_scope": "(account_id = my_account() OR (SELECT my_role()) = 'admin')",
}

INSERT_ROLES = {
    "plan": ("planner",),
    "revision": ("planner",),
    "grid": ("planner",),
    "revision_grid": ("planner",),
    "micro_grid": ("planner",),
    "assignment": ("planner",),
    "adoption": ("planner",),
    "worker": ("planner", "admin"),
    "duty": ("planner", "admin"),
    "incident": ("worker", "station"),
    "household": ("station",),
    "resident": ("station",),
}
UPDATE_ROLES = {
    "plan": ("planner",),
    "adoption": ("planner",),
    "worker": ("planner", "admin"),
    "duty": ("planner", "admin"),
    "incident": ("worker", "station"),
    "household": ("station",),
    "resident": ("worker", "station"),
    "subdistrict": ("admin",),
}
IMMUTABLE_TABLES = ("audit", "revision", "revision_grid", "assignment")
"""Tables whose rows nobody changes or deletes, not even the owner."""


def apply_policies(connection: Connection, password: str) -> None:
    """Replace roles, functions, grants, policies and triggers by those of this module, in the caller's transaction.

    Parameters
    ----------
    connection : Connection
        Connection of the owner.
    password : str
        New password of the application's login.
    """
    for statement in (
        *_role_statements(password),
        *_function_statements(),
        *_grant_statements(),
        *_policy_statements(),
        *_trigger_statements(),
    ):
        connection.execute(text(statement.replace(":", r"\:")))


def protected_tables() -> list[str]:
    """Return the tables under row-level security: all with rows of a subdistrict."""
    names = [name for name, table in Base.metadata.tables.items() if "subdistrict_id" in table.c]
    return sorted({*names, "subdistrict", "account"})


def _role_statements(password: str) -> Iterator[str]:
    for role, login in ((READER_ROLE, "NOLOGIN"), (APP_ROLE, "LOGIN")):
        yield (
            f"DO $$ BEGIN CREATE ROLE {role} {login} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    quoted = password.replace("'", "''")
    yield f"ALTER ROLE {APP_ROLE} PASSWORD '{quoted}'"
    yield f"GRANT {READER_ROLE} TO CURRENT_USER"


def _function_statements() -> Iterator[str]:
    yield f"GRANT USAGE, CREATE ON SCHEMA public TO {READER_ROLE}"
    yield "SET LOCAL check_function_bodies = off"  # functions call one another across files
    for source in sorted(path for path in files("gridmap.store").joinpath("sql").iterdir()):  # type: ignore[type-var]
        yield source.read_text("utf-8")
    yield _for_each_security_definer(f"ALTER FUNCTION %s OWNER TO {READER_ROLE}")
    yield _for_each_security_definer(
        f"REVOKE ALL ON FUNCTION %s FROM PUBLIC; GRANT EXECUTE ON FUNCTION %1$s TO {APP_ROLE}"
    )
    yield f"REVOKE CREATE ON SCHEMA public FROM {READER_ROLE}, PUBLIC"


def _for_each_security_definer(statement: str) -> str:
    """Return a block that runs a statement for every SECURITY DEFINER function."""
    return (
        "DO $$ DECLARE function regprocedure; BEGIN FOR function IN SELECT oid FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')"
        f" LOOP EXECUTE format('{statement}', function); END LOOP; END $$"
    )


def _grant_statements() -> Iterator[str]:
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP_ROLE}, {READER_ROLE}"
    yield f"GRANT USAGE ON SCHEMA public TO {APP_ROLE}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(HIDDEN_TABLES)} TO {READER_ROLE}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER_ROLE}"
    yield f"GRANT SELECT ON {', '.join(protected_tables())}, spatial_ref_sys, alembic_version TO {APP_ROLE}"
    yield f"GRANT INSERT ON {', '.join(INSERT_ROLES)} TO {APP_ROLE}"
    yield f"GRANT UPDATE ON {', '.join(UPDATE_ROLES)} TO {APP_ROLE}"
    yield f"GRANT INSERT ON audit TO {READER_ROLE}"
    yield f"GRANT INSERT, UPDATE, DELETE ON {', '.join(READ_ONLY_TABLES)} TO {READER_ROLE}"


def _policy_statements() -> Iterator[str]:
    for table in protected_tables():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        for name in POLICY_NAMES:
            yield f"DROP POLICY IF EXISTS {name} ON {table}"
        yield f"CREATE POLICY reader_select ON {table} FOR SELECT TO {READER_ROLE} USING (true)"
        if table != "account":
            yield f"CREATE POLICY app_select ON {table} FOR SELECT TO {APP_ROLE} USING ({_visible_condition(table)})"
        if table in INSERT_ROLES:
            allowed = _write_condition(table, INSERT_ROLES[table])
            yield f"CREATE POLICY app_insert ON {table} FOR INSERT TO {APP_ROLE} WITH CHECK ({allowed})"
        if table in UPDATE_ROLES:
            allowed = _write_condition(table, UPDATE_ROLES[table])
            # the visible condition is repeated: an update that reads no column does not have to meet app_select
            updatable = f"{_visible_condition(table)} AND {allowed}"
            yield (
                f"CREATE POLICY app_update ON {table} FOR UPDATE TO {APP_ROLE}"
                f" USING ({updatable}) WITH CHECK ({allowed})"
            )
    yield from _account_policies()


def _account_policies() -> Iterator[str]:
    """Yield the policies of accounts and the audit, which no subdistrict alone decides."""
    managed = (
        "(SELECT my_role()) = 'admin' AND id IN (SELECT account_id FROM account_scope"
        " WHERE subdistrict_id = ANY ((SELECT my_subdistricts())::bigint[]))"
    )
    yield f"CREATE POLICY app_select ON account FOR SELECT TO {APP_ROLE} USING (id = my_account() OR ({managed}))"
    for table in READ_ONLY_TABLES:
        yield f"CREATE POLICY reader_all ON {table} TO {READER_ROLE} USING (true) WITH CHECK (true)"
    yield f"CREATE POLICY reader_insert ON audit FOR INSERT TO {READER_ROLE} WITH CHECK (true)"


def _visible_condition(table: str) -> str:
    """Return the condition of the rows that the application sees: those of the account's subdistricts, or fewer."""
    condition = _subdistrict_condition(table)
    return f"{condition} AND {ROW_CONDITIONS[table]}" if table in ROW_CONDITIONS else condition


def _write_condition(table: str, roles: tuple[str, ...]) -> str:
    """Return the condition of the rows that accounts with one of the roles may write."""
    role_list = ", ".join(f"'{role}'" for role in roles)
    condition = f"{_subdistrict_condition(table)} AND (SELECT my_role()) IN ({role_list})"
    return f"{condition} AND {BUILDING_CONDITIONS[table]}" if table in BUILDING_CONDITIONS else condition


def _subdistrict_condition(table: str) -> str:
    column = "id" if table == "subdistrict" else "subdistrict_id"
    return f"{column} = ANY ((SELECT my_subdistricts())::bigint[])"


def _trigger_statements() -> Iterator[str]:
    for table in IMMUTABLE_TABLES:
        yield f"DROP TRIGGER IF EXISTS reject_change ON {table}"
        yield (
            f"CREATE TRIGGER reject_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION reject_change()"
        )
