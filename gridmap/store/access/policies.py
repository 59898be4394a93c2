"""Row-level security: who sees and who writes what, applied anew at every upgrade so that this file is always true.

Three roles beside the owner: `gridmap_app` is what the web signs in as and owns nothing; `gridmap_reader` cannot sign
in, runs the functions of ``sql/`` and reads what they need; the owner migrates and runs commands.
"""

from collections.abc import Iterator
from importlib.resources import files

from sqlalchemy import Connection, text

from gridmap.store.schema import Base

APP_ROLE, READER_ROLE = "gridmap_app", "gridmap_reader"

HIDDEN_TABLES = ("credential", "sign_in_brake", "web_session")
"""Tables that the application reaches through functions only."""

READ_ONLY_TABLES = ("account", "account_scope", "data_version")
"""Tables that the application reads, and changes through functions only, which note it in the audit."""

BUILDING_CONDITIONS = {
    "household": "building_id IN (SELECT my_buildings())",
    "resident": "household_id IN (SELECT id FROM household)",
    "dwelling": "building_id IN (SELECT my_buildings())",
}
"""Persons and their doors: the subdistrict is not enough."""

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
"""Rows that nobody changes, not even the owner."""


def apply_policies(connection: Connection, password: str) -> None:
    """Bring roles, functions, grants and policies to what this file says, within the caller's transaction.

    Parameters
    ----------
    connection : Connection
        As the owner.
    password : str
        What the application's login is given.
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
    """Tables with rows of a subdistrict: each is under row-level security."""
    own = [name for name, table in Base.metadata.tables.items() if "subdistrict_id" in table.c]
    return sorted({*own, "subdistrict", "account"})


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
    yield "SET LOCAL check_function_bodies = off"  # they call one another across files
    for source in sorted(path for path in files("gridmap.store").joinpath("sql").iterdir()):  # type: ignore[type-var]
        yield source.read_text("utf-8")
    yield _for_each_security_definer(f"ALTER FUNCTION %s OWNER TO {READER_ROLE}")
    yield _for_each_security_definer(
        f"REVOKE ALL ON FUNCTION %s FROM PUBLIC; GRANT EXECUTE ON FUNCTION %1$s TO {APP_ROLE}"
    )
    yield f"REVOKE CREATE ON SCHEMA public FROM {READER_ROLE}, PUBLIC"


def _for_each_security_definer(statement: str) -> str:
    """The statement for every function that runs with rights of its own."""
    return (
        "DO $$ DECLARE one regprocedure; BEGIN FOR one IN SELECT oid FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')"
        f" LOOP EXECUTE format('{statement}', one); END LOOP; END $$"
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
        for name in ("reads", "sees", "adds", "changes", "notes", "keeps"):
            yield f"DROP POLICY IF EXISTS {name} ON {table}"
        yield f"CREATE POLICY reads ON {table} FOR SELECT TO {READER_ROLE} USING (true)"
        if table != "account":
            yield f"CREATE POLICY sees ON {table} FOR SELECT TO {APP_ROLE} USING ({_visible_condition(table)})"
        if table in INSERT_ROLES:
            allowed = _write_condition(table, INSERT_ROLES[table])
            yield f"CREATE POLICY adds ON {table} FOR INSERT TO {APP_ROLE} WITH CHECK ({allowed})"
        if table in UPDATE_ROLES:
            allowed = _write_condition(table, UPDATE_ROLES[table])
            seen = f"{_visible_condition(table)} AND {allowed}"  # a change that reads no column is not held to the policy above
            yield f"CREATE POLICY changes ON {table} FOR UPDATE TO {APP_ROLE} USING ({seen}) WITH CHECK ({allowed})"
    yield from _account_policies()


def _account_policies() -> Iterator[str]:
    """Accounts and audit have no subdistrict that alone decides."""
    shared = (
        "(SELECT my_role()) = 'admin' AND id IN (SELECT account_id FROM account_scope"
        " WHERE subdistrict_id = ANY ((SELECT my_subdistricts())::bigint[]))"
    )
    yield f"CREATE POLICY sees ON account FOR SELECT TO {APP_ROLE} USING (id = my_account() OR ({shared}))"
    for table in READ_ONLY_TABLES:
        yield f"CREATE POLICY keeps ON {table} TO {READER_ROLE} USING (true) WITH CHECK (true)"
    yield f"CREATE POLICY notes ON audit FOR INSERT TO {READER_ROLE} WITH CHECK (true)"


def _visible_condition(table: str) -> str:
    """Rows of the account's subdistricts; of some tables, fewer."""
    column = "id" if table == "subdistrict" else "subdistrict_id"
    rule = f"{column} = ANY ((SELECT my_subdistricts())::bigint[])"
    return f"{rule} AND {ROW_CONDITIONS[table]}" if table in ROW_CONDITIONS else rule


def _write_condition(table: str, roles: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{role}'" for role in roles)
    rule = BUILDING_CONDITIONS.get(table)
    column = "id" if table == "subdistrict" else "subdistrict_id"
    own = f"{column} = ANY ((SELECT my_subdistricts())::bigint[]) AND (SELECT my_role()) IN ({listed})"
    return f"{own} AND {rule}" if rule else own


def _trigger_statements() -> Iterator[str]:
    for table in IMMUTABLE_TABLES:
        yield f"DROP TRIGGER IF EXISTS never_changed ON {table}"
        yield (
            f"CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
