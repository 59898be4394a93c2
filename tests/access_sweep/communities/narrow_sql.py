"""Access sweep within a subdistrict, by SQL: accounts of one community, and the rows and rights of another one."""

import re
from collections.abc import Iterator
from itertools import chain, count
from typing import Any, NamedTuple

from sqlalchemy import Connection, Engine, text

from gridmap.store.access.conditions import BUILDING_CONDITIONS
from tests.access_sweep import fixtures, probe_requests
from tests.access_sweep.communities import other_community
from tests.access_sweep.communities.other_community import ForeignKeys
from tests.access_sweep.fixtures import OTHER_COMMUNITY_TAG, Persona, SweepData
from tests.access_sweep.oracle import Leak
from tests.access_sweep.probe_requests import PathValues
from tests.access_sweep.sql import (
    BEFORE_SIGN_IN,
    INSUFFICIENT_PRIVILEGE,
    SECURITY_DEFINER_FUNCTIONS,
    TABLE_BY_PARAMETER,
    VALUE_BY_TYPE,
    app_engine,
    call_function,
    superuser_engine,
    transaction_as,
    try_statement,
)

COMMUNITY_COLUMNS = {
    "plan": "community_id",
    "revision": "community_id",
    "adoption": "community_id",
    "worker": "community_id",
    "grid": "community_id",
    "household": "building_id",
    "resident": "household_id",
    "duty": "worker_id",
    "revision_grid": "revision_id",
    "revision_street": "revision_id",
    "assignment": "revision_id",
}
"""Column that says to which community a new row belongs."""
IDENTITY_SETTINGS = ("gridmap.account", "gridmap.account_id", "gridmap.role", "gridmap.subdistricts")
PERSON_NAME = re.compile(r"o\w+person\d+")
"""Names of residents of the sweep."""
ROLES_SEEING_PERSONS = ("worker", "station")
FOREIGN_GRIDS = text("SELECT 1 FROM grid WHERE id = ANY (:ids) AND community_id <> :community_id LIMIT 1")
"""Query of grids of other communities among the rows of ``residents_by_grid``, which begin with a grid."""

name_numbers = count(1)
"""Numbers of new names: a name that is taken would be refused for that reason."""


class SqlSweep(NamedTuple):
    """Connections of the owner, of the superuser and of both logins of the application."""

    sweep_data: SweepData
    owner: Engine
    superuser: Engine
    app: Engine
    auth: Engine


def find_leaks(sweep_data: SweepData) -> list[Leak]:
    """Return what accounts of one community read or change of another one, in the subdistricts that have two."""
    owner = fixtures.owner_engine(sweep_data.owner_url)
    with app_engine(sweep_data.app_url) as app, app_engine(sweep_data.auth_url) as auth:
        sweep = SqlSweep(sweep_data, owner, superuser_engine(sweep_data), app, auth)
        narrow = [each for each in sweep_data.personas if each.community_id]
        return [leak for persona in narrow for leak in _persona_leaks(sweep, persona)]


def _persona_leaks(sweep: SqlSweep, persona: Persona) -> Iterator[Leak]:
    assert persona.community_id
    with sweep.owner.connect() as owner:
        keys = other_community.foreign_keys(owner, persona.community_id)
        foreign = {**other_community.foreign_values(owner, persona.community_id), **_places(owner, persona)}
        whole = _leader_of_all(owner, persona)
    parts = [_setting_leaks(sweep, persona), _person_leaks(sweep, persona)]
    if keys and "community" in foreign:
        parts += [_row_leaks(sweep, persona, keys), _insert_leaks(sweep, persona, foreign)]
        parts += [_function_leaks(sweep, persona, values) for values in (foreign, whole)]
    return chain.from_iterable(parts)


def _places(owner: Connection, persona: Persona) -> PathValues:
    """Return the community, a grid and a building of another community, by table; nothing if there is no other one."""
    others = other_community.OTHERS.format(community_id=persona.community_id)
    queries = {
        "community": f"{others} LIMIT 1",
        "grid": f"SELECT id FROM grid WHERE community_id IN ({others}) LIMIT 1",
        "building": f"SELECT id FROM building WHERE community_id IN ({others}) LIMIT 1",
    }
    found = {table: owner.scalar(text(query)) for table, query in queries.items()}
    return {table: str(value) for table, value in found.items() if value}


def _leader_of_all(owner: Connection, persona: Persona) -> PathValues:
    """Return the account of the leader of the whole subdistrict, and its scope."""
    query = (
        "SELECT a.id, s.id FROM account a JOIN account_scope s ON s.account_id = a.id WHERE a.role = 'leader'"
        " AND s.community_id IS NULL AND s.valid @> today() AND s.subdistrict_id ="
        f" (SELECT subdistrict_id FROM community WHERE id = {persona.community_id}) ORDER BY a.id LIMIT 1"
    )
    account, scope = owner.execute(text(query)).one()
    return {"account": str(account), "account_scope": str(scope)}


def _row_leaks(sweep: SqlSweep, persona: Persona, keys: list[ForeignKeys]) -> Iterator[Leak]:
    """Read, change and delete rows of another community by their keys."""
    with transaction_as(sweep.app, persona) as connection:
        for table, column, values in keys:
            where = f"WHERE {column} = ANY ('{values}')"
            same = f"UPDATE {table} SET {column} = {column} {where}"
            if try_statement(connection, f"SELECT 1 FROM {table} {where} LIMIT 1")[1]:
                yield Leak(persona.name, "SQL", table, "rows of another community are read")
            for change in (same, f"DELETE FROM {table} {where}"):
                code, _, changed = try_statement(connection, change)
                connection.rollback()
                if not code and changed > 0:
                    yield Leak(persona.name, "SQL", table, f"rows of another community are changed: {change[:6]}")


def _insert_leaks(sweep: SqlSweep, persona: Persona, foreign: PathValues) -> Iterator[Leak]:
    """Insert rows that belong to another community; the policy comes before any other check of the row."""
    assert persona.subdistrict
    with transaction_as(sweep.app, persona) as connection:
        for table, column in COMMUNITY_COLUMNS.items():
            value = foreign.get(column.removesuffix("_id"))
            values = f"({persona.subdistrict.subdistrict_id}, {value})"
            code, _, _ = try_statement(connection, f"INSERT INTO {table} (subdistrict_id, {column}) VALUES {values}")
            connection.rollback()
            if value and code != INSUFFICIENT_PRIVILEGE:
                yield Leak(persona.name, "SQL", table, f"a row of another community gets past the policy ({code})")


def _person_leaks(sweep: SqlSweep, persona: Persona) -> Iterator[Leak]:
    """Read persons as a role that sees none, whatever the roster says."""
    with transaction_as(sweep.app, persona) as connection:
        for table in BUILDING_CONDITIONS if persona.role not in ROLES_SEEING_PERSONS else ():
            if try_statement(connection, f"SELECT 1 FROM {table} LIMIT 1")[1]:
                yield Leak(persona.name, "SQL", table, f"persons are read by a {persona.role}")


def _setting_leaks(sweep: SqlSweep, persona: Persona) -> Iterator[Leak]:
    """Set settings of the connection that could say who one is."""
    other = next(each for each in sweep.sweep_data.personas if each.account_id != persona.account_id)
    for login in (sweep.app, sweep.auth):
        with transaction_as(login, persona) as connection:
            for setting in IDENTITY_SETTINGS:
                try_statement(connection, f"SELECT set_config('{setting}', '{other.account_id}', true)")
            account = connection.scalar(text("SELECT my_account()"))
            if account != persona.account_id:
                yield Leak(persona.name, "SQL", "my_account()", f"a setting makes the account {account}")


def _function_leaks(sweep: SqlSweep, persona: Persona, foreign: PathValues) -> Iterator[Leak]:
    """Call every function with own values, of which one is of another community, and with a whole subdistrict."""
    assert persona.subdistrict
    with sweep.owner.connect() as owner, transaction_as(sweep.app, persona) as connection:
        functions = [each for each in owner.execute(text(SECURITY_DEFINER_FUNCTIONS)) if not each.fired]
        own = probe_requests.visible_values(owner, persona.subdistrict)
        own |= probe_requests.visible_values(connection, persona.subdistrict)
        own |= _own_values(owner, persona)
    with sweep.superuser.connect() as superuser:
        for each in functions:
            for arguments in _argument_lists(each, own, foreign) if each.proname not in BEFORE_SIGN_IN else ():
                faults = list(_call_faults(superuser, persona, (each, arguments), foreign))
                superuser.rollback()
                for fault in faults:
                    yield Leak(persona.name, "SQL", f"{each.proname}({', '.join(arguments)})"[:120], fault)


def _own_values(owner: Connection, persona: Persona) -> PathValues:
    """Return the keys of a narrow account's community, of a grid and a worker of it, and of its own account."""
    own = {"community": str(persona.community_id), "account": str(persona.account_id)}
    for table in ("grid", "worker"):
        own[table] = str(owner.scalar(text(f"SELECT min(id) FROM {table} WHERE community_id = {persona.community_id}")))
    of_worker = f"worker_id IN (SELECT id FROM worker WHERE community_id = {persona.community_id})"
    for table in ("duty", "leave"):
        own[table] = str(owner.scalar(text(f"SELECT coalesce(min(id), 0) FROM {table} WHERE {of_worker}")))
    in_scopes = f"account_scope_id IN (SELECT id FROM account_scope WHERE community_id = {persona.community_id})"
    for table, condition in (("account_scope_line", in_scopes), ("service_line", "true"), ("change_set", "true")):
        within = f"subdistrict_id = (SELECT subdistrict_id FROM community WHERE id = {persona.community_id})"
        own[table] = str(owner.scalar(text(f"SELECT min(id) FROM {table} WHERE {within} AND {condition}")))
    in_community = f"SELECT id FROM cell WHERE community_id = {persona.community_id}"
    own["incident"] = str(owner.scalar(text(f"SELECT min(id) FROM incident WHERE cell_id IN ({in_community})")))
    scope = f"SELECT min(id) FROM account_scope WHERE account_id = {persona.account_id}"
    return own | {"account_scope": str(owner.scalar(text(scope)))}


def _argument_lists(function: Any, own: PathValues, foreign: PathValues) -> list[list[str]]:
    """Return lists of arguments: all own ones, without a grid, without a community, and with one foreign key each."""
    pairs = list(zip(function.names, function.types, strict=True))
    tables = [TABLE_BY_PARAMETER[name] if kind.startswith("bigint") else "" for name, kind in pairs]
    without_grid = own | {"grid": "NULL"}
    sources = [[source] * len(pairs) for source in (own, without_grid, without_grid | {"community": "NULL"})]
    for position, table in enumerate(tables):
        if table in foreign:
            source = [without_grid] * len(pairs)
            sources.append([*source[:position], foreign, *source[position + 1 :]])
    lists = [
        [_argument(pair, table, values) for pair, table, values in zip(pairs, tables, source, strict=True)]
        for source in sources
    ]
    return [list(each) for each in dict.fromkeys(map(tuple, lists))]


def _argument(parameter: tuple[str, str], table: str, values: PathValues) -> str:
    """Return the value of an argument; names and days are new, and no right to approve is given."""
    name, kind = parameter
    if table:
        return f"ARRAY[{values[table]}]::bigint[]" if kind == "bigint[]" else values[table]
    by_name = {
        "p_action": "'approve'",
        "p_role": "'station'",
        "p_name": f"'visit-{next(name_numbers)}'",
        "p_valid": "daterange(CURRENT_DATE + 1, NULL)",
    }
    return by_name.get(name, "false" if kind == "boolean" else VALUE_BY_TYPE[kind])


def _call_faults(
    superuser: Connection, persona: Persona, call: tuple[Any, list[str]], foreign: PathValues
) -> Iterator[str]:
    """Call a function; yield what it discloses, and what it changes beyond the scope."""
    function, arguments = call
    last_audit = other_community.last_audit_id(superuser) if function.volatile else 0
    code, rows = call_function(superuser, persona, function, arguments)
    if OTHER_COMMUNITY_TAG in str(rows):
        yield "discloses another community"
    if PERSON_NAME.search(str(rows)) and {foreign.get("resident"), foreign.get("household")} & set(arguments):
        yield "discloses a person of another community"
    grids = [row[0] for row in rows] if function.proname == "residents_by_grid" else []
    if grids and superuser.execute(FOREIGN_GRIDS, {"ids": grids, "community_id": persona.community_id}).first():
        yield "discloses counts of another community"
    if function.volatile and not code:
        yield from other_community.rights_beyond(superuser, persona, last_audit)
