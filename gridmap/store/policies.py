"""Row-level security: who sees and who writes what, applied anew at every upgrade so that this file is always true.

Three roles beside the owner: `gridmap_app` is what the web signs in as and owns nothing; `gridmap_reader` cannot sign
in, runs the functions of ``sql/`` and reads what they need; the owner migrates and runs commands.
"""

from collections.abc import Iterator
from importlib.resources import files

from sqlalchemy import Connection, text

from gridmap.store.schema import Base

APP, READER = "gridmap_app", "gridmap_reader"

HIDDEN = ("credential", "sign_in_brake", "web_session")
"""Tables that the application reaches through functions only."""

KEPT = ("account", "account_scope", "data_version")
"""Tables that the application reads, and changes through functions only, which note it in the audit."""

BY_BUILDING = {
    "household": "building_id IN (SELECT my_buildings())",
    "resident": "household_id IN (SELECT id FROM household)",
    "dwelling": "building_id IN (SELECT my_buildings())",
}
"""Persons and their doors: the subdistrict is not enough."""

NARROWER = {
    **BY_BUILDING,
    "incident": "((SELECT my_role()) IN ('planner', 'leader') OR cell_id IN (SELECT my_cells())"
    " OR reported_by = (SELECT my_account()) OR (cell_id IS NULL AND (SELECT my_role()) = 'station'))",
    "audit": "(SELECT my_role()) = 'admin'",
    "account_scope": "(account_id = my_account() OR (SELECT my_role()) = 'admin')",
}

INSERT = {
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
UPDATE = {
    "plan": ("planner",),
    "adoption": ("planner",),
    "worker": ("planner", "admin"),
    "duty": ("planner", "admin"),
    "incident": ("worker", "station"),
    "household": ("station",),
    "resident": ("worker", "station"),
    "subdistrict": ("admin",),
}
UNCHANGING = ("audit", "revision", "revision_grid", "assignment")
"""Rows that nobody changes, not even the owner."""


def apply(connection: Connection, password: str) -> None:
    """Bring roles, functions, grants and policies to what this file says, within the caller's transaction.

    Parameters
    ----------
    connection : Connection
        As the owner.
    password : str
        What the application's login is given.
    """
    for statement in (*_roles(password), *_functions(), *_grants(), *_policies(), *_triggers()):
        connection.execute(text(statement.replace(":", r"\:")))


def tables() -> list[str]:
    """Tables with rows of a subdistrict: each is under row-level security."""
    own = [name for name, table in Base.metadata.tables.items() if "subdistrict_id" in table.c]
    return sorted({*own, "subdistrict", "account"})


def _roles(password: str) -> Iterator[str]:
    for role, login in ((READER, "NOLOGIN"), (APP, "LOGIN")):
        yield (
            f"DO $$ BEGIN CREATE ROLE {role} {login} NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE;"
            " EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$"
        )
    quoted = password.replace("'", "''")
    yield f"ALTER ROLE {APP} PASSWORD '{quoted}'"
    yield f"GRANT {READER} TO CURRENT_USER"


def _functions() -> Iterator[str]:
    yield f"GRANT USAGE, CREATE ON SCHEMA public TO {READER}"
    yield "SET LOCAL check_function_bodies = off"  # they call one another across files
    for source in sorted(path for path in files("gridmap.store").joinpath("sql").iterdir()):  # type: ignore[type-var]
        yield source.read_text("utf-8")
    yield _each_definer(f"ALTER FUNCTION %s OWNER TO {READER}")
    yield _each_definer(f"REVOKE ALL ON FUNCTION %s FROM PUBLIC; GRANT EXECUTE ON FUNCTION %1$s TO {APP}")
    yield f"REVOKE CREATE ON SCHEMA public FROM {READER}, PUBLIC"


def _each_definer(statement: str) -> str:
    """The statement for every function that runs with rights of its own."""
    return (
        "DO $$ DECLARE one regprocedure; BEGIN FOR one IN SELECT oid FROM pg_proc"
        " WHERE prosecdef AND pronamespace = 'public'::regnamespace"
        " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_proc.oid AND d.deptype = 'e')"
        f" LOOP EXECUTE format('{statement}', one); END LOOP; END $$"
    )


def _grants() -> Iterator[str]:
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {APP}, {READER}"
    yield f"GRANT USAGE ON SCHEMA public TO {APP}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(HIDDEN)} TO {READER}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {READER}"
    yield f"GRANT SELECT ON {', '.join(tables())}, spatial_ref_sys, alembic_version TO {APP}"
    yield f"GRANT INSERT ON {', '.join(INSERT)} TO {APP}"
    yield f"GRANT UPDATE ON {', '.join(UPDATE)} TO {APP}"
    yield f"GRANT INSERT ON audit TO {READER}"
    yield f"GRANT INSERT, UPDATE, DELETE ON {', '.join(KEPT)} TO {READER}"


def _policies() -> Iterator[str]:
    for table in tables():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        for name in ("reads", "sees", "adds", "changes", "notes", "keeps"):
            yield f"DROP POLICY IF EXISTS {name} ON {table}"
        yield f"CREATE POLICY reads ON {table} FOR SELECT TO {READER} USING (true)"
        if table != "account":
            yield f"CREATE POLICY sees ON {table} FOR SELECT TO {APP} USING ({_own(table)})"
        if table in INSERT:
            allowed = _may(table, INSERT[table])
            yield f"CREATE POLICY adds ON {table} FOR INSERT TO {APP} WITH CHECK ({allowed})"
        if table in UPDATE:
            allowed = _may(table, UPDATE[table])
            seen = f"{_own(table)} AND {allowed}"  # a change that reads no column is not held to the policy above
            yield f"CREATE POLICY changes ON {table} FOR UPDATE TO {APP} USING ({seen}) WITH CHECK ({allowed})"
    yield from _people_of_the_house()


def _people_of_the_house() -> Iterator[str]:
    """Accounts and audit have no subdistrict that alone decides."""
    shared = (
        "(SELECT my_role()) = 'admin' AND id IN (SELECT account_id FROM account_scope"
        " WHERE subdistrict_id = ANY ((SELECT my_subdistricts())::bigint[]))"
    )
    yield f"CREATE POLICY sees ON account FOR SELECT TO {APP} USING (id = my_account() OR ({shared}))"
    for table in KEPT:
        yield f"CREATE POLICY keeps ON {table} TO {READER} USING (true) WITH CHECK (true)"
    yield f"CREATE POLICY notes ON audit FOR INSERT TO {READER} WITH CHECK (true)"


def _own(table: str) -> str:
    """Rows of the account's subdistricts; of some tables, fewer."""
    column = "id" if table == "subdistrict" else "subdistrict_id"
    rule = f"{column} = ANY ((SELECT my_subdistricts())::bigint[])"
    return f"{rule} AND {NARROWER[table]}" if table in NARROWER else rule


def _may(table: str, roles: tuple[str, ...]) -> str:
    listed = ", ".join(f"'{role}'" for role in roles)
    rule = BY_BUILDING.get(table)
    column = "id" if table == "subdistrict" else "subdistrict_id"
    own = f"{column} = ANY ((SELECT my_subdistricts())::bigint[]) AND (SELECT my_role()) IN ({listed})"
    return f"{own} AND {rule}" if rule else own


def _triggers() -> Iterator[str]:
    for table in UNCHANGING:
        yield f"DROP TRIGGER IF EXISTS never_changed ON {table}"
        yield (
            f"CREATE TRIGGER never_changed BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
