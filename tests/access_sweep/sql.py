"""The database asked without the web, as the login that the web has: tables, functions, shadows; and a dump of it."""

import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool

from gridmap.postgres.client_programs import run_client
from gridmap.store.access.policies import APP_ROLE, HIDDEN_TABLES, READER_ROLE
from gridmap.store.schema import Base
from gridmap.store.session import Database
from tests.access_sweep import fixtures, probe_requests
from tests.access_sweep.fixtures import ANONYMOUS, SENSITIVE_NUMBER, Persona, SweepData, SweptSubdistrict
from tests.access_sweep.oracle import Leak, remove_values
from tests.access_sweep.probe_requests import PathValues

INSUFFICIENT_PRIVILEGE, FOREIGN_KEY_VIOLATION = "42501", "23503"
"""Errors: not allowed; or a link to what is not in the same subdistrict, which no row can have."""
TABLE_BY_PARAMETER = {
    "p_account_id": "account", "p_scope_id": "account_scope", "p_subdistrict_id": "subdistrict",
    "p_community_id": "community", "p_grid_id": "grid", "p_subject_id": "account_scope",
}  # fmt: skip
"""Tables whose keys the parameters of functions are."""
VALUE_BY_TYPE = {
    "text": "'nobody-yet'", "jsonb": "'{}'", "inet": "'127.0.0.1'", "bytea": r"'\x00'",
    "date": "CURRENT_DATE", "daterange": "daterange(CURRENT_DATE, NULL)", "boolean": "true", "integer": "1",
}  # fmt: skip
BEFORE_SIGN_IN = {
    "begin_sign_in", "record_failed_sign_in", "open_session", "find_session", "close_session", "update_password_hash",
}  # fmt: skip
"""Asked for whoever is not signed in yet: these know nobody's subdistrict, and answer to what only the person knows."""
SECURITY_DEFINER_FUNCTIONS = (
    "SELECT p.oid, p.proname, p.proconfig, has_function_privilege('public', p.oid, 'execute') AS everybody, r.rolname,"
    " coalesce(p.proargnames[1:p.pronargs], '{}') AS names,"
    " ARRAY(SELECT format_type(t, NULL) FROM unnest(p.proargtypes) t) AS types,"
    " p.prorettype = 'trigger'::regtype AS fired FROM pg_proc p JOIN pg_roles r ON r.oid = p.proowner"
    " WHERE p.prosecdef AND p.pronamespace = 'public'::regnamespace"
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = p.oid AND d.deptype = 'e') ORDER BY p.proname"
)
PRIVILEGED_ROLES = (
    f"SELECT rolname FROM pg_roles WHERE rolname IN ('{APP_ROLE}', '{READER_ROLE}')"
    " AND (rolsuper OR rolbypassrls OR rolcreatedb)"
)
FORBIDDEN_GRANTS = {
    "without row-level security": "SELECT relname FROM pg_class c WHERE relkind IN ('r', 'p') AND NOT relrowsecurity"
    " AND EXISTS (SELECT FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attname = 'subdistrict_id')"
    " AND relnamespace = 'public'::regnamespace",
    "a view that asks with its owner's rights": "SELECT relname FROM pg_class WHERE relkind IN ('v', 'm')"
    " AND relnamespace = 'public'::regnamespace AND NOT coalesce(reloptions::text, '') LIKE '%security_invoker=true%'"
    " AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = pg_class.oid AND d.deptype = 'e')",
    "owned by the application": f"SELECT relname FROM pg_class WHERE pg_get_userbyid(relowner) = '{APP_ROLE}'",
    "a role with more rights than it may have": PRIVILEGED_ROLES,
    "the application may act as the reader": f"SELECT 1 WHERE pg_has_role('{APP_ROLE}', '{READER_ROLE}', 'MEMBER')",
    "the application creates objects in the schema": "SELECT 1"
    f" WHERE has_schema_privilege('{APP_ROLE}', 'public', 'CREATE')",
}
"""What must find nothing."""

SHADOW_TABLES = (
    "CREATE TEMP TABLE account AS SELECT {who}::bigint AS id, 'admin'::text AS role, true AS active",
    (
        "CREATE TEMP TABLE account_scope AS SELECT {who}::bigint AS account_id, {where}::bigint AS subdistrict_id,"
        " NULL::bigint AS community_id, NULL::bigint AS grid_id, daterange('2000-01-01', NULL) AS valid"
    ),
    "SET LOCAL search_path = pg_temp, public",
)


def find_leaks(sweep_data: SweepData, *, quick: bool = False) -> list[Leak]:
    """All that the database itself gives away or lets be changed."""
    owner = create_engine(sweep_data.owner_url, poolclass=NullPool)
    found = [*_grant_leaks(owner)]
    with app_engine(sweep_data) as app:
        for own, foreign in (
            [sweep_data.subdistricts] if quick else [sweep_data.subdistricts, sweep_data.subdistricts[::-1]]
        ):
            with owner.connect() as connection:
                mine, theirs = (
                    probe_requests.visible_values(connection, own),
                    probe_requests.visible_values(connection, foreign),
                )
            for persona in [*sweep_data.personas_of(own), ANONYMOUS]:
                found += _table_leaks(app, persona, foreign, theirs)
                found += _blind_update_leaks(app, persona)
                found += _function_leaks(sweep_data, owner, app, (persona, mine, theirs))
                found += _shadow_leaks(app, persona, foreign)
    return found


@contextmanager
def app_engine(sweep_data: SweepData) -> Iterator[Engine]:
    """Connections as the web has them, kept apart from the web's own."""
    database = Database(sweep_data.app_url, pool_size=1)
    try:
        yield database.engine
    finally:
        database.close()


@contextmanager
def transaction_as(app: Engine, persona: Persona) -> Iterator[Connection]:
    """A transaction for somebody, undone at the end; a refusal in it does not make it forget for whom."""
    with app.connect() as connection:
        told = {"account": str(persona.account_id or "")}
        connection.execute(text("SELECT set_config('gridmap.account', :account, false)"), told)
        connection.commit()
        try:
            yield connection
        finally:
            connection.rollback()
            connection.execute(text("SELECT set_config('gridmap.account', '', false)"))
            connection.commit()


def try_statement(connection: Connection, statement: str) -> tuple[str, Sequence[Any], int]:
    """Outcome of a statement: the code of its error, its rows, the number of rows that it changed."""
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
            for what, wrong in _try_table(connection, name, foreign_subdistrict, foreign_values):
                if wrong:
                    yield Leak(persona.name, "SQL", name, what)


def _blind_update_leaks(app: Engine, persona: Persona) -> Iterator[Leak]:
    """Rows that are changed without being seen: a change that reads no column meets the policy for changes alone."""
    home = persona.subdistrict.subdistrict_id if persona.subdistrict else 0
    with transaction_as(app, persona) as connection:
        for name in (name for name, table in Base.metadata.tables.items() if "subdistrict_id" in table.c):
            _, seen, _ = try_statement(connection, f"SELECT count(*) FROM {name}")
            code, _, changed = try_statement(connection, f"UPDATE {name} SET subdistrict_id = {home}")
            connection.rollback()
            if not code and changed > seen[0][0]:
                yield Leak(persona.name, "SQL", name, f"{changed} rows are changed, of which {seen[0][0]} are seen")


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


def _function_leaks(
    sweep_data: SweepData, owner: Engine, app: Engine, persona_values: tuple[Persona, PathValues, PathValues]
) -> Iterator[Leak]:
    """Every function with rights of its own, called with foreign values, and with one foreign among one's own."""
    persona, mine, theirs = persona_values
    with owner.connect() as connection:
        functions = [each for each in connection.execute(text(SECURITY_DEFINER_FUNCTIONS)) if not each.fired]
    for each in functions:
        for values in _mixed_arguments(each, mine, theirs):
            for wrong in _call_leaks(sweep_data, owner, app, (persona, each, values)):
                yield Leak(persona.name, "SQL", f"{each.proname}({', '.join(values)})"[:120], wrong)


def _mixed_arguments(function: Any, own_values: PathValues, foreign_values: PathValues) -> list[list[str]]:
    """Arguments: all foreign, then for each key one foreign among one's own."""
    pairs = list(zip(function.names, function.types, strict=True))
    keys = [position for position, (_, kind) in enumerate(pairs) if kind == "bigint"]
    foreign = [_sql_value(name, kind, foreign_values) for name, kind in pairs]
    own = [_sql_value(name, kind, own_values) for name, kind in pairs]
    mixed = [[foreign[n] if n == key else own[n] for n in range(len(pairs))] for key in keys if len(keys) > 1]
    return [foreign, *mixed]


def _sql_value(name: str, kind: str, values: PathValues) -> str:
    if kind != "bigint":
        return "'planner'" if name == "p_role" else VALUE_BY_TYPE[kind]
    table = TABLE_BY_PARAMETER.get(name)
    if table is None:
        raise LookupError(f"{__file__}, TABLE_BY_PARAMETER: add the table whose key the parameter {name} is")
    return values[table]


def _call_leaks(
    sweep_data: SweepData, owner: Engine, app: Engine, call: tuple[Persona, Any, list[str]]
) -> Iterator[str]:
    persona, function, values = call
    before = _rights_digest(owner)
    with transaction_as(app, persona) as connection:
        code, rows, _ = try_statement(connection, f"SELECT * FROM {function.proname}({', '.join(values)})")
        connection.commit()
    told = str(rows).encode()
    first = function.proname in BEFORE_SIGN_IN
    if function.proname.startswith("public_"):
        told = remove_values(told, sweep_data.public_texts)
    for side in persona.foreign_subdistricts():
        if not first and (
            found := side.trace_pattern().search(_remove_values(told, [*values, str(persona.account_id)]))
        ):
            yield f"tells {found[0].decode()}"
    if _rights_digest(owner) != before:
        fixtures.restore_accounts(sweep_data)
        if not _may_change(persona, function, values):
            yield "changes rights"
    if not first and code not in ("", INSUFFICIENT_PRIVILEGE, FOREIGN_KEY_VIOLATION):
        yield f"gets as far as error {code}"


def _remove_values(output: bytes, values: list[str]) -> bytes:
    for value in values:
        output = output.replace(value.encode(), b"")
    return output


def _may_change(persona: Persona, function: Any, values: list[str]) -> bool:
    """Return whether an account may change a row: only its own language and password."""
    return function.proname == "set_language" or (
        function.proname == "set_password" and values[0] == str(persona.account_id)
    )


def _rights_digest(owner: Engine) -> str:
    """Accounts, scopes and passwords, in short."""
    query = (
        "SELECT md5((SELECT string_agg(a::text, '' ORDER BY id) FROM account a)"
        " || (SELECT string_agg(s::text, '' ORDER BY id) FROM account_scope s)"
        " || (SELECT string_agg(c::text, '' ORDER BY account_id) FROM credential c))"
    )
    with owner.connect() as connection:
        return str(connection.execute(text(query)).scalar())


def _shadow_leaks(app: Engine, persona: Persona, foreign_subdistrict: SweptSubdistrict) -> Iterator[Leak]:
    """Tables of the same name in a place that is searched first."""
    with transaction_as(app, persona) as connection:
        if any(
            try_statement(
                connection, shadow.format(who=persona.account_id or 1, where=foreign_subdistrict.subdistrict_id)
            )[0]
            for shadow in SHADOW_TABLES
        ):
            return
        role = connection.execute(text("SELECT my_role()")).scalar()
        seen = connection.execute(
            text(f"SELECT count(*) FROM public.community WHERE subdistrict_id = {foreign_subdistrict.subdistrict_id}")
        )
        if seen.scalar() or role not in (None, str(persona.role or "")):
            yield Leak(persona.name, "SQL", "temporary tables", "shadow those that decide who sees what")


def _grant_leaks(owner: Engine) -> Iterator[Leak]:
    """Roles, grants and functions as they should stand."""
    with owner.connect() as connection:
        for why, query in FORBIDDEN_GRANTS.items():
            yield from (Leak("everybody", "SQL", str(row[0]), why) for row in connection.execute(text(query)))
        for each in connection.execute(text(SECURITY_DEFINER_FUNCTIONS)):
            if not any(setting == "search_path=public, pg_temp" for setting in each.proconfig or ()):
                yield Leak("everybody", "SQL", each.proname, "looks for tables where the caller says")
            if each.everybody or each.rolname != READER_ROLE:
                yield Leak("everybody", "SQL", each.proname, "may be called by everybody, or runs as another role")


def dump_leaks(sweep_data: SweepData) -> list[Leak]:
    """Identity numbers and phones that a dump of the database holds in clear, as text or as bytes."""
    told = run_client(sweep_data.owner_url, "pg_dump").encode()
    sealed = b"\n".join(bytes.fromhex(found.decode()) for found in re.findall(rb"\\x((?:[0-9a-f]{2})+)", told))
    known = set(SENSITIVE_NUMBER.findall(told + b"\n" + sealed)) & sweep_data.all_sensitive_numbers()
    return [Leak("whoever has a dump", "SQL", number[:4].decode() + "…", "a number in clear") for number in known]
