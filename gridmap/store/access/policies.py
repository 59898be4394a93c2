"""Row-level security: grants and policies, which every upgrade replaces by those of this package."""

from collections.abc import Iterator, Mapping

from sqlalchemy import Connection, text

from gridmap import config
from gridmap.store.access import conditions, functions, roles
from gridmap.store.access.conditions import IMMUTABLE_TABLES, INSERT_ROLES, READ_ONLY_TABLES, UPDATE_ROLES
from gridmap.store.access.roles import LoginPasswords, RoleNames, quote
from gridmap.store.schema import Base
from gridmap.store.schema.journal import JOURNALED_TABLES

POLICY_NAMES = (
    "reader_select",
    "reader_restore",
    "reader_rebuild",
    "reader_insert",
    "reader_all",
    "app_select",
    "app_insert",
    "app_update",
)
FORMER_ROLES = ("gridmap_app", "gridmap_reader")
"""Roles of databases of any name, before role names began with that of the database."""


def apply_policies(connection: Connection, passwords: LoginPasswords, final_name: str | None = None) -> None:
    """Replace roles, functions, grants, policies and triggers by those of this package, in the caller's transaction.

    Parameters
    ----------
    connection : Connection
        Connection of the owner.
    passwords : LoginPasswords
        New passwords of the application's logins.
    final_name : str, optional
        Name that the database will have, if it is renamed after a restore; the names of its roles follow it.
    """
    database = str(connection.scalar(text("SELECT current_database()")))
    names = roles.role_names(final_name or database)
    for statement in (
        *roles.role_statements(names, passwords),
        *roles.database_statements(database, names),
        *functions.function_statements(names),
        *_grant_statements(names),
        *_policy_statements(names),
        *_trigger_statements(),
        f"UPDATE installation SET time_zone = {roles.quote_literal(config.office_time_zone())}",
    ):
        connection.execute(text(statement.replace(":", r"\:")))


def _grant_statements(names: RoleNames) -> Iterator[str]:
    app, reader, logins = quote(names.app), quote(names.reader), ", ".join(map(quote, names.logins))
    yield f"REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {logins}, {reader}"
    for former in set(FORMER_ROLES) - {names.app, names.reader}:
        yield (
            f"DO $$ BEGIN IF to_regrole('{former}') IS NOT NULL"
            f" THEN REVOKE ALL ON ALL TABLES IN SCHEMA public FROM {former}; END IF; END $$"
        )
    yield f"GRANT USAGE ON SCHEMA public TO {app}, {quote(names.jobs)}"
    yield f"GRANT SELECT, INSERT, UPDATE, DELETE ON {', '.join(conditions.HIDDEN_TABLES)} TO {reader}"
    yield f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {reader}"
    yield f"GRANT SELECT ON {', '.join(conditions.protected_tables())}, spatial_ref_sys, alembic_version TO {app}"
    for table in conditions.UNREADABLE_COLUMNS:
        yield f"REVOKE SELECT ON {table} FROM {app}"
        yield f"GRANT SELECT{_column_list(table, conditions.UNREADABLE_COLUMNS)} ON {table} TO {app}"
    for right, tables in (("INSERT", INSERT_ROLES), ("UPDATE", UPDATE_ROLES)):
        for table in tables:
            yield f"GRANT {right}{_writable_columns(right, table)} ON {table} TO {app}"
    yield f"GRANT INSERT ON audit TO {reader}"
    yield f"GRANT USAGE ON SEQUENCE {', '.join(conditions.INCIDENT_SEQUENCES)} TO {reader}"
    yield f"GRANT INSERT, UPDATE, DELETE ON {', '.join(READ_ONLY_TABLES)} TO {reader}"
    yield f"GRANT SELECT, UPDATE ON {', '.join(conditions.FUNCTION_COLUMNS)} TO {reader}"
    yield f"GRANT INSERT, UPDATE, DELETE ON {', '.join(JOURNALED_TABLES)}, building_cell TO {reader}"
    yield f"GRANT UPDATE (geometry, source) ON subdistrict TO {reader}"
    yield f"GRANT INSERT, UPDATE ON {', '.join(conditions.REBUILD_TABLES)} TO {reader}"
    yield f"GRANT DELETE ON {', '.join(conditions.FORMER_CELL_TABLES)} TO {reader}"  # an undo removes their places
    yield f"GRANT SELECT, DELETE ON {', '.join(conditions.FUNCTION_DELETES)} TO {reader}"


def _writable_columns(right: str, table: str) -> str:
    """Return the list of the columns that accounts write; nothing where they write all."""
    if right == "UPDATE" and table in conditions.UPDATE_COLUMNS:
        return f" ({', '.join(conditions.UPDATE_COLUMNS[table])})"
    return _column_list(table, conditions.FUNCTION_COLUMNS)


def _column_list(table: str, reserved_columns: Mapping[str, tuple[str, ...]]) -> str:
    """Return the list of the columns of a table that are not reserved; nothing where none is."""
    reserved = reserved_columns.get(table)
    if not reserved:
        return ""
    return f" ({', '.join(column.name for column in Base.metadata.tables[table].c if column.name not in reserved)})"


def _policy_statements(names: RoleNames) -> Iterator[str]:
    app, reader = quote(names.app), quote(names.reader)
    for table in conditions.protected_tables():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        for name in POLICY_NAMES:
            yield f"DROP POLICY IF EXISTS {name} ON {table}"
        yield f"CREATE POLICY reader_select ON {table} FOR SELECT TO {reader} USING (true)"
        if table in (*JOURNALED_TABLES, "building_cell", "subdistrict"):  # an undo writes the rows of every table
            yield f"CREATE POLICY reader_restore ON {table} TO {reader} USING (true) WITH CHECK (true)"
        if table in conditions.REBUILD_TABLES:
            yield f"CREATE POLICY reader_rebuild ON {table} TO {reader} USING (true) WITH CHECK (true)"
        if table != "account":
            visible = conditions.visible_condition(table)
            yield f"CREATE POLICY app_select ON {table} FOR SELECT TO {app} USING ({visible})"
        yield from _write_policies(table, app)
    for table in conditions.hidden_subdistrict_tables():
        yield f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY"
        yield f"DROP POLICY IF EXISTS reader_all ON {table}"
        yield f"CREATE POLICY reader_all ON {table} TO {reader} USING (true) WITH CHECK (true)"
    yield from _account_policies(app, reader)


def _write_policies(table: str, app: str) -> Iterator[str]:
    if table in INSERT_ROLES:
        allowed = conditions.insert_condition(table)
        yield f"CREATE POLICY app_insert ON {table} FOR INSERT TO {app} WITH CHECK ({allowed})"
    if table in UPDATE_ROLES:
        # the visible condition is repeated: an update that reads no column does not have to meet app_select
        allowed = f"{conditions.visible_condition(table)} AND {conditions.write_condition(table, UPDATE_ROLES[table])}"
        yield f"CREATE POLICY app_update ON {table} FOR UPDATE TO {app} USING ({allowed}) WITH CHECK ({allowed})"


def _account_policies(app: str, reader: str) -> Iterator[str]:
    """Yield the policies of accounts and the audit, which no subdistrict alone decides."""
    visible = "id = (SELECT my_account()) OR id IN (SELECT account_id FROM account_scope)"
    yield f"CREATE POLICY app_select ON account FOR SELECT TO {app} USING ({visible})"
    for table in READ_ONLY_TABLES:
        yield f"CREATE POLICY reader_all ON {table} TO {reader} USING (true) WITH CHECK (true)"
    for table in (*conditions.FUNCTION_COLUMNS, *conditions.FUNCTION_DELETES):
        yield f"CREATE POLICY reader_all ON {table} TO {reader} USING (true) WITH CHECK (true)"
    yield f"CREATE POLICY reader_insert ON audit FOR INSERT TO {reader} WITH CHECK (true)"


def _trigger_statements() -> Iterator[str]:
    for table in IMMUTABLE_TABLES:
        yield f"DROP TRIGGER IF EXISTS reject_change ON {table}"
        yield (
            f"CREATE TRIGGER reject_change BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
            " FOR EACH STATEMENT EXECUTE FUNCTION reject_change()"
        )
