"""Rows of another community of the same subdistrict, which are foreign to accounts of one community.

Land, grids and the public facts about workers in charge are common to the subdistrict; plans, rosters, incidents,
persons, accounts and the audit belong to a community.
"""

from collections.abc import Iterator
from typing import NamedTuple

from sqlalchemy import Connection, text

from tests.access_sweep.fixtures import Persona
from tests.access_sweep.probe_requests import TABLE_BY_PARAMETER, PathValues

OTHERS = (
    "SELECT id FROM community WHERE id <> {community_id}"
    " AND subdistrict_id = (SELECT subdistrict_id FROM community WHERE id = {community_id})"
)
COMMUNITY_ROWS = {
    "plan": "community_id IN ({0})",
    "revision": "community_id IN ({0})",
    "adoption": "community_id IN ({0})",
    "worker": "community_id IN ({0})",
    "duty": "worker_id IN (SELECT id FROM worker WHERE community_id IN ({0}))",
    "leave": "worker_id IN (SELECT id FROM worker WHERE community_id IN ({0}))",
    "incident": "cell_id IN (SELECT id FROM cell WHERE community_id IN ({0}))",
    "household": "building_id IN (SELECT id FROM building WHERE community_id IN ({0}))",
    "dwelling": "building_id IN (SELECT id FROM building WHERE community_id IN ({0}))",
    "resident": "household_id IN (SELECT h.id FROM household h JOIN building b ON b.id = h.building_id"
    " WHERE b.community_id IN ({0}))",
    "account_scope": "community_id IN ({0})",
    "account": "id IN (SELECT account_id FROM account_scope WHERE community_id IN ({0}))",
    "audit": "community_id IN ({0})",
}
"""Conditions of the rows of communities, by table with a key ``id``."""
REVISION_TABLES = ("revision_grid", "revision_street", "micro_grid", "assignment")
MAX_KEYS = 50
RIGHTS_BEYOND = {
    "gives a scope beyond its own": "SELECT 1 FROM account_scope s"
    " WHERE NOT EXISTS (SELECT FROM backup.account_scope k WHERE k.id = s.id)"
    " AND (community_id IS DISTINCT FROM {community_id} OR account_id = {account_id})",
    "ends a scope beyond its own": "SELECT 1 FROM backup.account_scope k WHERE community_id IS DISTINCT FROM"
    " {community_id} AND NOT EXISTS (SELECT FROM account_scope s WHERE s.id = k.id AND s.valid = k.valid)",
    "changes a password beyond its own scope": "SELECT 1 FROM credential c JOIN backup.credential k USING (account_id)"
    " WHERE c.password_hash <> k.password_hash AND account_id <> {account_id} AND NOT {managed}",
    "changes an account beyond its own scope": "SELECT 1 FROM account a JOIN backup.account k USING (id)"
    " WHERE a.active <> k.active AND NOT {managed}",
    "links an account beyond its own scope": "SELECT 1 FROM worker w JOIN backup.worker k USING (id)"
    " LEFT JOIN account a ON a.id = w.account_id WHERE w.account_id IS DISTINCT FROM k.account_id"
    " AND (w.community_id <> {community_id} OR a.role <> 'worker')",
    "writes into the record of another community": "SELECT 1 FROM audit WHERE account_id = {account_id}"
    " AND id > {last_audit_id} AND community_id <> {community_id}",
}
"""Queries of the owner for changes of rights that an account of one community may not cause, by the fault."""
MANAGED = (
    "(SELECT bool_and(s.community_id IS NOT DISTINCT FROM {community_id}) FROM backup.account_scope s"
    " WHERE s.account_id = k.{key})"
)


class ForeignKeys(NamedTuple):
    """Rows of other communities: the table, the column that names them, and its values as an SQL array."""

    table: str
    column: str
    values: str


def foreign_keys(owner: Connection, community_id: int) -> list[ForeignKeys]:
    """Return rows of the other communities of a subdistrict, for each table that has any."""
    others = OTHERS.format(community_id=community_id)
    found = [
        ForeignKeys(table, "id", _array(owner, f"SELECT id FROM {table} WHERE {condition.format(others)}"))
        for table, condition in COMMUNITY_ROWS.items()
    ]
    revisions = _array(owner, f"SELECT id FROM revision WHERE community_id IN ({others})")
    found += [ForeignKeys(table, "revision_id", revisions) for table in REVISION_TABLES]
    return [each for each in found if each.values != "{}"]


def _array(owner: Connection, query: str) -> str:
    return str(owner.scalar(text(f"SELECT coalesce(array_agg(id), '{{}}')::text FROM ({query} LIMIT {MAX_KEYS}) t")))


def foreign_values(owner: Connection, community_id: int) -> PathValues:
    """Return ids of another community by parameter name."""
    found = {each.table: each.values.strip("{}").split(",")[0] for each in foreign_keys(owner, community_id)}
    values = {name: value for name, value in found.items() if name not in REVISION_TABLES}
    values |= {parameter: values[table] for parameter, table in TABLE_BY_PARAMETER.items() if table in values}
    return values | {f"{name}_id": value for name, value in values.items()}


def places_beyond(owner: Connection, community_id: int) -> tuple[PathValues, ...]:
    """Return fields of forms for a place outside a community: another community, and the whole subdistrict."""
    others = OTHERS.format(community_id=community_id)
    joined = "community c JOIN subdistrict s ON s.id = c.subdistrict_id"
    rows = owner.execute(text(f"SELECT s.code, c.code FROM {joined} WHERE c.id IN ({others}) LIMIT 1")).all()
    return tuple(
        {"subdistrict": subdistrict, "community": community, "grid": ""}
        for subdistrict, other in rows
        for community in (other, "")
    )


def last_audit_id(owner: Connection) -> int:
    """Return the number of the last row of the audit."""
    return int(owner.scalar(text("SELECT coalesce(max(id), 0) FROM audit")) or 0)


def rights_beyond(owner: Connection, persona: Persona, last_audit: int) -> Iterator[str]:
    """Yield the changes of rights since the last restore that an account of one community may not cause."""
    values = {"community_id": persona.community_id, "account_id": persona.account_id, "last_audit_id": last_audit}
    for fault, query in RIGHTS_BEYOND.items():
        managed = MANAGED.format(key="id" if "backup.account k" in query else "account_id", **values)
        if owner.execute(text(query.format(managed=managed, **values))).first():
            yield fault


def community_digests(owner: Connection, community_id: int) -> dict[str, str]:
    """Return a digest of the rows of the other communities by table, except those that a sign-in changes."""
    others = OTHERS.format(community_id=community_id)
    return {
        table: str(owner.scalar(text(_digest_query(table, condition.format(others)))))
        for table, condition in COMMUNITY_ROWS.items()
        if table not in ("account", "account_scope", "audit")
    }


def _digest_query(table: str, condition: str) -> str:
    row = "md5(t::text)"
    return (
        f"SELECT count(*) || coalesce(md5(string_agg({row}, '' ORDER BY {row})), '') FROM {table} t WHERE {condition}"
    )
