"""Access sweep of the database itself, as the role of the application: tables, functions, shadow tables, the dump."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, NullPool, create_engine, text
from sqlalchemy.exc import DBAPIError

from gridmap.postgres.client_programs import run_client
from gridmap.store.access.conditions import HIDDEN_TABLES
from gridmap.store.access.functions import account_function_names
from gridmap.store.schema import Base
from gridmap.store.session import Database
from tests.access_sweep import fixtures, probe_requests
from tests.access_sweep.fixtures import ANONYMOUS, SENSITIVE_NUMBER, Persona, SweepData, SweptSubdistrict
from tests.access_sweep.oracle import Leak, remove_values
from tests.access_sweep.probe_requests import PathValues
from tests.fixtures import postgis
from tests.fixtures.postgis import ROLE_NAMES

APP_ROLE, AUTH_ROLE, READER_ROLE = ROLE_NAMES.app, ROLE_NAMES.auth, ROLE_NAMES.reader
INSUFFICIENT_PRIVILEGE, FOREIGN_KEY_VIOLATION = "42501", "23503"
"""SQLSTATE of a missing privilege, and of a link to a row outside the subdistrict."""
TABLE_BY_PARAMETER = {
    "p_account_id": "account", "p_scope_id": "account_scope", "p_subdistrict_id": "subdistrict",
    "p_community_id": "community", "p_grid_id": "grid", "p_subject_id": "account_scope",
    "p_worker_id": "worker", "p_resident_id": "resident", "p_household_id": "household",
    "p_special_task_id": "special_task", "p_resident_ids": "resident", "p_account_ids": "account",
    "p_subdistrict_ids": "subdistrict", "p_person_export_id": "person_export",
    "p_incident_ids": "incident", "p_change_id": "category_class_change", "p_incident_id": "incident",
    "p_line_grant_id": "account_scope_line", "p_service_line_id": "service_line",
    "p_change_set_id": "change_set", "p_row_ids": "resident",
    "p_substitute_id": "worker", "p_leave_id": "leave", "p_duty_id": "duty",
    "p_job_id": "job", "p_fence": "job", "p_file_id": "stored_file", "p_area_ids": "community",
    "p_building_ids": "building", "p_household_ids": "household",
    "p_size_bytes": "community", "p_land_id": "land", "p_land_ids": "land", "p_adoption_id": "adoption",
    "p_revision_id": "revision", "p_removed_street_ids": "street", "p_street_ids": "street",
    "p_version": "incident", "p_duplicate_of": "incident", "p_case_step_id": "incident",
    "p_revisions": "revision", "p_community_ids": "community", "p_building_id": "building",
}  # fmt: skip
"""Tables of the keys that functions take as parameters."""
VALUE_BY_TYPE = {
    "bytea[]": "'{}'", "text": "'nobody-yet'", "jsonb": "'{}'", "inet": "'127.0.0.1'", "bytea": r"'\x00'",
    "date": "CURRENT_DATE", "daterange": "daterange(CURRENT_DATE, NULL)", "boolean": "true", "integer": "1",
    "text[]": "ARRAY['name', 'phone']", "integer[]": "'{1}'", "interval": "interval '1 day'",
    "geometry": "'SRID=4326;MULTIPOLYGON EMPTY'", "geometry[]": "'{}'",
}  # fmt: skip
BEFORE_SIGN_IN = {
    "begin_sign_in", "record_failed_sign_in", "open_session", "find_session", "close_session", "update_password_hash",
    "count_peppers", "begin_second_step", "find_second_step", "complete_second_step", "record_failed_second_step",
}  # fmt: skip
"""Functions called before sign-in: they have no subdistrict and respond only to the secrets of a person."""
SECURITY_DEFINER_FUNCTIONS = (
    "SELECT p.oid, p.proname, p.proconfig, has_function_privilege('public', p.oid, 'execute') AS everybody, r.rolname,"
    " coalesce(p.proargnames[1:p.pronargs], '{}') AS names,"
    " ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t) AS types,"
    " p.prorettype = 'trigger'::regtype AS fired, p.provolatile = 'v' AS volatile"
    " FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
    " WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY p.proname"
)
CALLABLE_BY_PAGES = (
    "SELECT proname FROM pg_proc WHERE prosecdef AND pronamespace = 'public'::regnamespace"
    f" AND has_function_privilege('{APP_ROLE}', oid, 'execute')"
)
PRIVILEGED_ROLES = (
    f"SELECT rolname FROM pg_roles WHERE rolname IN ('{APP_ROLE}', '{READER_ROLE}')"
    " AND (rolsuper OR rolbypassrls OR rolcreatedb)"
)
FORBIDDEN_GRANTS = {
    "without row-level security": "SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p') AND NOT relrowsecurity"
    " AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'subdistrict_id')"
    " AND relnamespace = 'public'::regnamespace",
    "a view with the rights of its owner": "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm')"
    " AND relnamespace = 'public'::regnamespace AND NOT coalesce(reloptions::text, '') LIKE '%security_invoker=true%'"
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_class.oid AND d.deptype = 'e')",
    "owned by the application": f"SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = '{APP_ROLE}'",
    "a role with more rights than it may have": PRIVILEGED_ROLES,
    "the application may act as the reader": f"SELECT 1 WHERE pg_has_role('{APP_ROLE}', '{READER_ROLE}', 'MEMBER')",
    "the application creates objects in the schema": "SELECT 1"
    f" WHERE has_schema_privilege('{APP_ROLE}', 'public', 'CREATE')",
}
"""Queries that must return no rows, by the fault that a row shows."""

SHADOW_TABLES = (
    "CREATE TEMP TABLE account AS SELECT {who}::bigint AS id, 'admin'::text AS role, true AS active",
    (
        "CREATE TEMP TABLE account_scope AS SELECT {who}::bigint AS account_id, {where}::bigint AS subdistrict_id,"
        " NULL::bigint AS community_id, NULL::bigint AS grid_id, daterange('2000-01-01', NULL) AS valid"
    ),
    "SET LOCAL search_path = pg_temp, public",
)


def find_leaks(sweep_data: SweepData, *, quick: bool = False) -> list[Leak]:
    """Return the foreign rows that the database discloses or lets an account change."""
    owner = fixtures.owner_engine(sweep_data.owner_url)
    superuser = superuser_engine(sweep_data)
    leaks = [*_grant_leaks(owner)]
    with app_engine(sweep_data.app_url) as app:
        for own, foreign in (
            [sweep_data.subdistricts] if quick else [sweep_data.subdistricts, sweep_data.subdistricts[::-1]]
        ):
            with owner.connect() as connection:
                own_values, foreign_values = (
                    probe_requests.visible_values(connection, own),
                    probe_requests.visible_values(connection, foreign),
                )
                for values, side in ((own_values, own), (foreign_values, foreign)):
                    values["change_set"] = _change_set_of(connection, side)
            for persona in [*sweep_data.personas_of(own), ANONYMOUS]:
                leaks += _table_leaks(app, persona, foreign, foreign_values)
                leaks += _blind_update_leaks(app, persona)
                leaks += _function_leaks(superuser, sweep_data.public_texts, (persona, own_values, foreign_values))
                leaks += _shadow_leaks(app, persona, foreign)
    return leaks


def _change_set_of(connection: Connection, subdistrict: SweptSubdistrict) -> str:
    """Return the newest change set of a subdistrict: the table is hidden, and functions take its keys."""
    newest = "SELECT coalesce(max(id), 0) FROM change_set WHERE subdistrict_id = :subdistrict_id"
    return str(connection.execute(text(newest), {"subdistrict_id": subdistrict.subdistrict_id}).scalar_one())


@contextmanager
def app_engine(url: str) -> Iterator[Engine]:
    """Open connections like those of the application with one of its logins, in a separate pool."""
    database = Database(url, pool_size=1)
    try:
        yield database.engine
    finally:
        database.close()


@contextmanager
def transaction_as(app: Engine, persona: Persona) -> Iterator[Connection]:
    """Open a transaction of an account and roll it back at the end; the account survives a rollback within it."""
    with app.connect() as connection:
        parameters = {"token": persona.token or ""}
        connection.execute(text("SELECT set_config('gridmap.session_token', :token, false)"), parameters)
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT set_config('gridmap.session_token', '', false)"))
            connection.commit()


def try_statement(connection: Connection, statement: str) -> tuple[str, Sequence[Any], int]:
    """Return the error code of a statement, its rows, and the number of rows that it changed."""
    try:
        result = connection.execute(text(statement.replace(":", r"\:")))
        rows = result.all() if result.returns_rows else []
        return "", rows, result.rowcount
    except DBAPIError as error:
        connection.rollback()
        return str(getattr(error.orig, "pgcode", "")), [], 0


def _table_leaks(
    app: Engine, persona: Persona, foreign_subdistrict: SweptSubdistrict, foreign_values: PathValues
) -> Iterator[Leak]:
    with transaction_as(app, persona) as connection:
        for name in Base.metadata.tables:
            for problem, is_leak in _try_table(connection, name, foreign_subdistrict, foreign_values):
                if is_leak:
                    yield Leak(persona.name, "SQL", name, problem)


def _blind_update_leaks(app: Engine, persona: Persona) -> Iterator[Leak]:
    """Find changes of invisible rows: an UPDATE that reads no column is subject to the UPDATE policy alone."""
    subdistrict_id = persona.subdistrict.subdistrict_id if persona.subdistrict else 0
    with transaction_as(app, persona) as connection:
        for name in (name for name, table in Base.metadata.tables.items() if "subdistrict_id" in table.c):
            _, visible, _ = try_statement(connection, f"SELECT count(*) FROM {name}")
            code, _, changed = try_statement(connection, f"UPDATE {name} SET subdistrict_id = {subdistrict_id}")
            connection.rollback()
            if not code and changed > visible[0][0]:
                yield Leak(
                    persona.name, "SQL", name, f"{changed} rows are changed, of which {visible[0][0]} are visible"
                )


def _try_table(
    connection: Connection, name: str, foreign_subdistrict: SweptSubdistrict, foreign_values: PathValues
) -> Iterator[tuple[str, bool]]:
    if name in HIDDEN_TABLES:
        yield "a hidden table is read", try_statement(connection, f"SELECT * FROM {name}")[0] != INSUFFICIENT_PRIVILEGE
        return
    key = "id" if name in ("subdistrict", "account") else "subdistrict_id"
    value = foreign_values["account"] if name == "account" else foreign_subdistrict.subdistrict_id
    where = f"WHERE {key} = {value}"
    yield "foreign rows are read", bool(try_statement(connection, f"SELECT 1 FROM {name} {where} LIMIT 1")[1])
    for change in (f"UPDATE {name} SET {key} = {key}", f"DELETE FROM {name}"):
        code, _, changed = try_statement(connection, f"{change} {where}")
        yield f"foreign rows are changed: {change[:6]}", not code and changed > 0
        connection.rollback()
    code, _, _ = try_statement(connection, f"INSERT INTO {name} ({key}) VALUES ({value})")
    yield f"a foreign row gets past the policy ({code or 'added'})", code not in (INSUFFICIENT_PRIVILEGE, "428C9")
    connection.rollback()


def superuser_engine(sweep_data: SweepData) -> Engine:
    """Return an engine of the superuser; its connections end at once, because the owner could not end them later."""
    return create_engine(postgis.superuser_url(sweep_data.owner_url), poolclass=NullPool)


def call_function(
    superuser: Connection, persona: Persona, function: Any, values: list[str]
) -> tuple[str, Sequence[Any]]:
    """Call a function as the login for accounts, in a transaction of the superuser; return the error and the rows.

    The superuser can look at what the call has changed, and a rollback undoes all of it.
    """
    token = f"SELECT set_config('gridmap.session_token', '{persona.token or ''}', true)"
    superuser.execute(text(f"SET LOCAL SESSION AUTHORIZATION '{AUTH_ROLE}'; {token}"))
    code, rows, _ = try_statement(superuser, f"SELECT * FROM {function.proname}({', '.join(values)})")
    if not code:
        superuser.execute(text("RESET SESSION AUTHORIZATION"))
    return code, rows


def _function_leaks(
    superuser: Engine, public_texts: frozenset[str], persona_values: tuple[Persona, PathValues, PathValues]
) -> Iterator[Leak]:
    """Call every SECURITY DEFINER function with foreign values, and with one foreign value among own values."""
    persona, own_values, foreign_values = persona_values
    with superuser.connect() as connection:
        functions = [each for each in connection.execute(text(SECURITY_DEFINER_FUNCTIONS)) if not each.fired]
        rights = _rights_digest(connection)
        for each in functions:
            for values in _mixed_arguments(each, own_values, foreign_values):
                code, rows = call_function(connection, persona, each, values)
                output = str(rows).encode()
                if each.proname.startswith("public_"):
                    output = remove_values(output, public_texts)
                problems = list(_call_leaks(persona, (each, values), code, output))
                is_written = each.volatile and not code and _rights_digest(connection) != rights
                connection.rollback()
                if is_written and not _may_change(persona, each, values):
                    problems.append("changes rights")
                for problem in problems:
                    yield Leak(persona.name, "SQL", f"{each.proname}({', '.join(values)})"[:120], problem)


def _mixed_arguments(function: Any, own_values: PathValues, foreign_values: PathValues) -> list[list[str]]:
    """Return lists of arguments: all foreign, then for each key one foreign value among own values."""
    pairs = list(zip(function.names, function.types, strict=True))
    keys = [position for position, (_, kind) in enumerate(pairs) if kind == "bigint"]
    foreign = [_sql_value(name, kind, foreign_values) for name, kind in pairs]
    own = [_sql_value(name, kind, own_values) for name, kind in pairs]
    mixed = [[foreign[n] if n == key else own[n] for n in range(len(pairs))] for key in keys if len(keys) > 1]
    return [foreign, *mixed]


def _sql_value(name: str, kind: str, values: PathValues) -> str:
    if not kind.startswith("bigint"):
        return "'planner'" if name == "p_role" else VALUE_BY_TYPE[kind]
    table = TABLE_BY_PARAMETER.get(name)
    if table is None:
        raise LookupError(f"{__file__}, TABLE_BY_PARAMETER: add the table whose key the parameter {name} is")
    return f"ARRAY[{values[table]}]::bigint[]" if kind == "bigint[]" else values[table]


def _call_leaks(persona: Persona, call: tuple[Any, list[str]], code: str, output: bytes) -> Iterator[str]:
    function, values = call
    before_sign_in = function.proname in BEFORE_SIGN_IN
    for side in persona.foreign_subdistricts():
        if not before_sign_in and (
            match := side.trace_pattern().search(_remove_values(output, [*values, str(persona.account_id)]))
        ):
            yield f"discloses {match[0].decode()}"
    if not before_sign_in and code not in ("", INSUFFICIENT_PRIVILEGE, FOREIGN_KEY_VIOLATION):
        yield f"reaches error {code}"


def _remove_values(output: bytes, values: list[str]) -> bytes:
    for value in values:
        output = output.replace(value.encode(), b"")
    return output


def _may_change(persona: Persona, function: Any, values: list[str]) -> bool:
    """Return whether an account may change rights by a function: only its own language and password."""
    return function.proname == "set_language" or (
        function.proname == "set_password" and values[0] == str(persona.account_id)
    )


def _rights_digest(superuser: Connection) -> str:
    """Return a digest of all accounts, scopes and credentials."""
    query = (
        "SELECT md5((SELECT string_agg(a::text, '' ORDER BY id) FROM account a)"
        " || (SELECT string_agg(s::text, '' ORDER BY id) FROM account_scope s)"
        " || (SELECT string_agg(c::text, '' ORDER BY account_id) FROM credential c))"
    )
    return str(superuser.execute(text(query)).scalar())


def _shadow_leaks(app: Engine, persona: Persona, foreign_subdistrict: SweptSubdistrict) -> Iterator[Leak]:
    """Create temporary tables with the names of access tables, which the search path finds first."""
    with transaction_as(app, persona) as connection:
        if any(
            try_statement(
                connection, shadow.format(who=persona.account_id or 1, where=foreign_subdistrict.subdistrict_id)
            )[0]
            for shadow in SHADOW_TABLES
        ):
            return
        role = connection.execute(text("SELECT my_role()")).scalar()
        foreign_count = connection.execute(
            text(f"SELECT count(*) FROM public.community WHERE subdistrict_id = {foreign_subdistrict.subdistrict_id}")
        )
        if foreign_count.scalar() or role not in (None, str(persona.role or "")):
            yield Leak(persona.name, "SQL", "temporary tables", "shadow the tables that decide access")


def _grant_leaks(owner: Engine) -> Iterator[Leak]:
    """Find faults in roles, grants and SECURITY DEFINER functions."""
    with owner.connect() as connection:
        for fault, query in FORBIDDEN_GRANTS.items():
            yield from (Leak("everybody", "SQL", str(row[0]), fault) for row in connection.execute(text(query)))
        for each in connection.execute(text(SECURITY_DEFINER_FUNCTIONS)):
            if not any(setting == "search_path=public, pg_temp" for setting in each.proconfig or ()):
                yield Leak("everybody", "SQL", each.proname, "uses the search path of its caller")
            if each.everybody or each.rolname != READER_ROLE:
                yield Leak("everybody", "SQL", each.proname, "may be called by everybody, or runs as another role")
        for name in connection.scalars(text(CALLABLE_BY_PAGES)):
            if name in account_function_names():
                yield Leak("everybody", "SQL", name, "belongs to the login for accounts, and pages may call it")


def dump_leaks(sweep_data: SweepData) -> list[Leak]:
    """Return identity and phone numbers that a dump of the database contains in clear, as text or as bytes."""
    dump = run_client(sweep_data.owner_url, "pg_dump").encode()
    decoded = b"\n".join(bytes.fromhex(digits.decode()) for digits in re.findall(rb"\\x((?:[0-9a-f]{2})+)", dump))
    numbers = set(SENSITIVE_NUMBER.findall(dump + b"\n" + decoded)) & sweep_data.all_sensitive_numbers()
    return [Leak("holder of a dump", "SQL", number[:4].decode() + "…", "a number in clear text") for number in numbers]
