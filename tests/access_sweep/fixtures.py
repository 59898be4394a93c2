"""Data of the access sweep: two subdistricts with distinguishable texts and numbers, and personas of every role.

All texts of a subdistrict contain its tag, all its ids begin with its prefix, and every identity number and phone
number is known. Any of them in an answer shows from which subdistrict it comes.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import cache

from sqlalchemy import Connection, Engine, create_engine, func, select, text, update
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import AccessClass, Role
from gridmap.services.accounts import accounts, encryption_keys, passwords
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.imports import demo
from gridmap.store import schema
from gridmap.store.access.conditions import INCIDENT_SEQUENCES
from gridmap.store.schema import Base
from gridmap.store.session import Database
from tests.access_sweep import line_data
from tests.access_sweep.line_data import OPEN_LINE_VIEWINGS, give_line
from tests.access_sweep.text_columns import free_text_columns
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import OPEN_SESSIONS, app_url, auth_url, open_sessions, token_of
from tests.jobs import sweep_data

PASSWORD = "seven ferries cross at noon"
SENSITIVE_NUMBER = re.compile(rb"(?<![\d.])(?:\d{17}[\dXx]|1\d{10})(?!\d)")
PUBLIC_TEXT_QUERIES = {
    "subdistrict": "SELECT unnest(ARRAY[code, name, supervision_phone]) FROM subdistrict",
    "community": "SELECT unnest(ARRAY[code, name, station_phone]) FROM community",
    "grid": "SELECT code FROM grid",
    "revision_grid": "SELECT r.name FROM revision_grid r JOIN adoption a ON a.revision_id = r.revision_id"
    " AND a.valid @> today()",
    "worker": "SELECT unnest(ARRAY[w.name, w.office_phone]) FROM worker w"
    " JOIN duty d ON d.worker_id = w.id AND d.in_charge",
}
"""Queries of texts that public pages may show: workers in charge of grids and their phone numbers."""


@dataclass(frozen=True)
class SweptSubdistrict:
    """A subdistrict of the sweep, with the tag of its texts and the prefix of its ids."""

    preset: str
    text_tag: str
    id_prefix: str
    subdistrict_id: int = 0
    code: str = ""

    def trace_pattern(self) -> re.Pattern[bytes]:
        """Return a pattern that matches only texts and ids of this subdistrict."""
        return re.compile(rf"{self.text_tag}|(?<![\d.]){self.id_prefix}\d{{8}}(?!\d)".encode())

    def resident_name_pattern(self) -> re.Pattern[bytes]:
        """Return a pattern of the names of its residents."""
        return re.compile(rf"o{self.text_tag}person\d+".encode())


SUBDISTRICTS = (SweptSubdistrict("strip", "eastqx7", "61"), SweptSubdistrict("towers", "westqx7", "71"))

OTHER_COMMUNITY_TAG = "otherqx7"
"""Part of the internal texts of a subdistrict's communities, except the one that narrow accounts belong to."""
LATER_ID_PREFIX = "81"
"""Prefix of the ids of rows that the requests create, such as a new revision."""


@dataclass(frozen=True)
class Persona:
    """An account that sends requests, with its role and subdistrict, or an anonymous visitor."""

    name: str
    role: Role | None = None
    account_id: int | None = None
    subdistrict: SweptSubdistrict | None = None
    sees_own_subdistrict: bool = True
    community_id: int | None = None
    """Only community of the account, if it is a narrow one."""
    line: str | None = None
    """Key of the service line that a leader has, or had."""
    line_classes: frozenset[AccessClass] = frozenset()
    """Classes of incidents about persons that the account sees by its line."""

    @property
    def is_narrow(self) -> bool:
        """Return whether the account sees less than a whole subdistrict: one community, or nothing any more."""
        return self.community_id is not None or not self.sees_own_subdistrict

    def hidden_classes(self) -> set[AccessClass]:
        """Return the classes of incidents whose texts no answer may show to the account."""
        seen = set(AccessClass) if self.role in (Role.WORKER, Role.STATION) else {AccessClass.ORDINARY}
        return set(AccessClass) - seen - self.line_classes

    @property
    def token(self) -> str | None:
        """Return the session token of the account; None for a visitor."""
        return token_of(self.account_id) if self.account_id else None

    def foreign_subdistricts(self) -> list[SweptSubdistrict]:
        """Return the subdistricts that no answer may disclose."""
        own_tag = self.subdistrict.text_tag if self.subdistrict and self.sees_own_subdistrict else None
        return [subdistrict for subdistrict in SUBDISTRICTS if subdistrict.text_tag != own_tag]


ANONYMOUS = Persona("nobody")


@dataclass(frozen=True)
class SweepData:
    """Both subdistricts in a database, with the URLs of the owner and of the application's two logins."""

    owner_url: str
    app_url: str
    auth_url: str
    subdistricts: Sequence[SweptSubdistrict]
    personas: Sequence[Persona]
    sensitive_numbers: dict[str, tuple[bytes, ...]]
    public_texts: frozenset[str]

    def all_sensitive_numbers(self) -> frozenset[bytes]:
        """Return every identity number and phone number."""
        return frozenset(each for numbers in self.sensitive_numbers.values() for each in numbers)

    def personas_of(self, subdistrict: SweptSubdistrict, *, brief: bool = False) -> list[Persona]:
        """Return the personas of a subdistrict; in brief a few of those with less than the whole of it."""
        found = [each for each in self.personas if each.subdistrict and each.subdistrict.preset == subdistrict.preset]
        inert = [each for each in found if each.role and not each.sees_own_subdistrict][1:]
        narrow = [each for each in found if each.community_id and each.role is not Role.WORKER and not each.line]
        left_out = [*inert, *narrow, *(each for each in found if each.line and not each.community_id)]
        return [each for each in found if not brief or each not in left_out]


GIVE_STREETS = text("""
    INSERT INTO revision_street (revision_id, street_id, first_grid_id, second_grid_id, grid_id, subdistrict_id)
    SELECT g.revision_id, min(s.id), min(g.grid_id), max(g.grid_id), min(g.grid_id), g.subdistrict_id
    FROM revision_grid g JOIN street s ON s.subdistrict_id = g.subdistrict_id
    WHERE g.subdistrict_id = :subdistrict_id GROUP BY g.revision_id, g.subdistrict_id
    HAVING min(g.grid_id) < max(g.grid_id)
""")
"""A street of every revision, given to one of its grids."""
COMMUNITY_TEXTS = ("plan", "name"), ("revision", "note"), ("adoption", "note")


def load_sweep_data(owner_url: str) -> SweepData:
    """Fill an empty database."""
    database = Database(owner_url, trusted=True)
    try:
        loaded = [_load_subdistrict(database, subdistrict) for subdistrict in SUBDISTRICTS]
        subdistricts = [subdistrict for subdistrict, _ in loaded]
        personas = [persona for _, personas_of_one in loaded for persona in personas_of_one]
        with database.transaction() as session:
            _set_passwords(session)
            numbers = {each.text_tag: tuple(_decrypt_numbers(session, each)) for each in subdistricts}
            _tag_texts(session.connection(), subdistricts)
            _back_up_accounts(session.connection())
            open_sessions(session)
            session.execute(OPEN_LINE_VIEWINGS)
            _restart_ids(session, LATER_ID_PREFIX)
            public = frozenset(
                str(each) for query in PUBLIC_TEXT_QUERIES.values() for each in session.scalars(text(query)) if each
            )
    finally:
        database.close()
    return SweepData(owner_url, app_url(owner_url), auth_url(owner_url), subdistricts, personas, numbers, public)


def _load_subdistrict(database: Database, subdistrict: SweptSubdistrict) -> tuple[SweptSubdistrict, list[Persona]]:
    """Load a subdistrict with its own prefix of ids, and create its personas."""
    with database.transaction() as session:
        _restart_ids(session, subdistrict.id_prefix)
    code = demo.load_demo(database, subdistrict.preset).code
    with database.transaction() as session:
        number = session.scalars(select(schema.Subdistrict.id).where(schema.Subdistrict.code == code)).one()
        made = replace(subdistrict, subdistrict_id=number, code=code)
        personas = list(_create_personas(session, made))
        _create_special_task(session, made, personas)
        sweep_data.create_jobs(session, number, personas[0].account_id, made.text_tag)
        session.execute(GIVE_STREETS, {"subdistrict_id": number})
        line_data.create_leaves_and_first_day(session, number, made.text_tag)
        _create_other_accounts(session, made)
        return made, personas


def _create_special_task(session: Session, subdistrict: SweptSubdistrict, personas: Sequence[Persona]) -> None:
    """Open a special task for the first worker, and propose another class of a category."""
    keys = {"subdistrict_id": subdistrict.subdistrict_id}
    by_role = {persona.role: persona.account_id for persona in reversed(personas)}
    days, admin = func.daterange(func.current_date(), func.current_date() + 9), by_role[Role.ADMIN]
    task = schema.SpecialTask(purpose="visits", fields=["phone"], households=9, valid=days, opened_by=admin, **keys)
    session.add(task)
    session.flush()
    change = {"category": "noise", "access_class": "personal", "reason": "names of people in it"}
    session.add(schema.CategoryClassChange(**change, proposed_by=by_role[Role.ADMIN], **keys))
    community_id = session.scalar(select(schema.Community.id).filter_by(**keys).order_by(schema.Community.id).limit(1))
    export = {"community_id": community_id, "purpose": "visits", "legal_basis": "notice", "fields": ["name"]}
    session.add(schema.PersonExport(**export, requested_by=by_role[Role.STATION], **keys))
    session.add(schema.SpecialTaskAccount(special_task_id=task.id, account_id=by_role[Role.WORKER], **keys))
    session.flush()


def _restart_ids(session: Session, prefix: str) -> None:
    """Let the ids of new rows begin with a prefix."""
    for name, table in Base.metadata.tables.items():
        if "id" in table.c and table.c.id.identity:
            session.execute(text(f"ALTER TABLE {name} ALTER COLUMN id RESTART WITH {prefix}00000001"))
    for position, sequence in enumerate(INCIDENT_SEQUENCES):
        session.execute(text(f"ALTER SEQUENCE {sequence} RESTART WITH {prefix}0000000{position}"))


def _create_personas(session: Session, subdistrict: SweptSubdistrict) -> Iterator[Persona]:
    """Yield the demo's accounts, and new ones with narrow, expired or revoked access."""
    suffix = "" if subdistrict.preset == "strip" else f"-{subdistrict.preset}"
    for role in Role:
        found = session.scalars(select(schema.Account.id).where(schema.Account.name == f"{role}{suffix}")).one()
        yield Persona(f"{role} {subdistrict.text_tag}", role, found, subdistrict)
    yield from _create_narrow_personas(session, subdistrict)
    yield from _create_line_leaders(session, subdistrict)
    yield from _create_inert_personas(session, subdistrict)


def _create_narrow_personas(session: Session, subdistrict: SweptSubdistrict) -> Iterator[Persona]:
    """Yield accounts of one community, or of one grid, of every role, and a planner whom the roster gives a grid."""
    code, grid = _first_grid(session, subdistrict)
    community_id = session.scalars(select(schema.Community.id).where(schema.Community.code == code)).one()
    community = ScopeRequest(subdistrict.code, code)
    for role, name, scope in (
        (Role.WORKER, "one-grid", replace(community, grid_code=grid)),
        (Role.PLANNER, "one-community", community),
        (Role.PLANNER, "one-approver", replace(community, can_approve=True)),
        (Role.PLANNER, "one-on-roster", community),
        (Role.LEADER, "one-leader", community),
        (Role.LEADER, "one-secretary", community),
        (Role.STATION, "one-station", community),
        (Role.ADMIN, "one-admin", community),
    ):
        made = _create_persona(session, subdistrict, role, name, scope)
        if name == "one-on-roster":
            _put_on_roster(session, community_id, made)
        made = replace(made, community_id=community_id)
        if name == "one-secretary":
            made = replace(made, line="order", line_classes=give_line(session, made.account_id, "order"))
        yield made


def _create_line_leaders(session: Session, subdistrict: SweptSubdistrict) -> Iterator[Persona]:
    """Yield leaders of the whole subdistrict with a personal, a sensitive and an ended service line."""
    for name, line, end_in_days in line_data.LINE_LEADERS:
        made = _create_persona(session, subdistrict, Role.LEADER, name, ScopeRequest(subdistrict.code))
        yield replace(made, line=line, line_classes=give_line(session, made.account_id, line, end_in_days))


def _put_on_roster(session: Session, community_id: int, persona: Persona) -> None:
    """Link an account to a worker with a grid, whatever its role: only the owner of the database can."""
    worker = session.scalars(
        select(schema.Worker)
        .join(schema.Duty, schema.Duty.worker_id == schema.Worker.id)
        .where(schema.Worker.community_id == community_id, schema.Worker.account_id.is_(None))
        .where(schema.Duty.kind == "own_grid")
        .order_by(schema.Worker.id)
    ).first()
    assert worker
    worker.account_id = persona.account_id


def _create_inert_personas(session: Session, subdistrict: SweptSubdistrict) -> Iterator[Persona]:
    """Yield accounts with ended or future scopes, and one that was deactivated; none of them sees anything."""
    today = session.scalars(select(func.today())).one()
    whole = ScopeRequest(subdistrict.code)
    ended = replace(whole, first=today - timedelta(days=10), last=today - timedelta(days=1))
    future = replace(whole, first=today + timedelta(days=2))
    for role, name, scope in (
        (Role.STATION, "substitute", ended),
        (Role.ADMIN, "ended-admin", ended),
        (Role.LEADER, "ended-leader", ended),
        (Role.PLANNER, "future-planner", replace(future, can_approve=True)),
        (Role.STATION, "future-station", future),
    ):
        made = _create_persona(session, subdistrict, role, name, scope)
        yield replace(made, sees_own_subdistrict=False)
    away = replace(_create_persona(session, subdistrict, Role.ADMIN, "away", whole), sees_own_subdistrict=False)
    session.execute(update(schema.Account).where(schema.Account.id == away.account_id).values(active=False))
    yield replace(away, role=None)


def _first_grid(session: Session, subdistrict: SweptSubdistrict) -> tuple[str, str]:
    rows = select(schema.Community.code, schema.Grid.code).join(
        schema.Grid, schema.Grid.community_id == schema.Community.id
    )
    found = session.execute(
        rows.where(schema.Grid.subdistrict_id == subdistrict.subdistrict_id).order_by(schema.Grid.code)
    ).first()
    assert found
    return str(found[0]), str(found[1])


def _create_persona(
    session: Session, subdistrict: SweptSubdistrict, role: Role, name: str, place: ScopeRequest
) -> Persona:
    made, _ = accounts.create_account(session, caller_of(session), f"{name}-{subdistrict.id_prefix}", role, "", place)
    return Persona(f"{name} {subdistrict.text_tag}", role, made, subdistrict)


def _create_other_accounts(session: Session, subdistrict: SweptSubdistrict) -> None:
    """Create an account of every role in every community but the first, which narrow accounts must not reach."""
    first, _ = _first_grid(session, subdistrict)
    others = select(schema.Community.code).where(schema.Community.subdistrict_id == subdistrict.subdistrict_id)
    for code in session.scalars(others.where(schema.Community.code != first)).all():
        for role in Role:
            _create_persona(session, subdistrict, role, f"other-{role}-{code}", ScopeRequest(subdistrict.code, code))


def _set_passwords(session: Session) -> None:
    session.execute(
        update(schema.Credential).values(password_hash=passwords.hash_password(PASSWORD), must_change=False)
    )


def _decrypt_numbers(session: Session, subdistrict: SweptSubdistrict) -> Iterator[bytes]:
    ring = encryption_keys.load_key_ring(session)
    columns = schema.Resident.id_number_encrypted, schema.Resident.phone_encrypted
    for row in session.execute(select(*columns).where(schema.Resident.subdistrict_id == subdistrict.subdistrict_id)):
        yield from (ring.decrypt(sealed).encode() for sealed in row if sealed)


def _tag_texts(connection: Connection, subdistricts: Sequence[SweptSubdistrict]) -> None:
    """Append the tag of the subdistrict to every text, also in immutable rows."""
    for name in Base.metadata.tables:
        connection.execute(text(f"ALTER TABLE {name} DISABLE TRIGGER USER"))
    for subdistrict in subdistricts:
        for statement in (*_tag_statements(subdistrict), *_other_community_statements(subdistrict)):
            connection.execute(text(statement))
    for name in Base.metadata.tables:
        connection.execute(text(f"ALTER TABLE {name} ENABLE TRIGGER USER"))


def _tag_statements(subdistrict: SweptSubdistrict) -> Iterator[str]:
    tag, subdistrict_id = subdistrict.text_tag, subdistrict.subdistrict_id
    for name, columns in free_text_columns().items():
        changes = ", ".join(f"{column} = left({column}, {length}) || '{tag}'" for column, length in columns)
        key = "id" if name == "subdistrict" else "subdistrict_id"
        yield f"UPDATE {name} SET {changes} WHERE {key} = {subdistrict_id}"
    scopes = f"SELECT account_id FROM account_scope WHERE subdistrict_id = {subdistrict_id} AND valid @> CURRENT_DATE"
    yield f"UPDATE account SET display_name = display_name || '{tag}' WHERE active AND id IN ({scopes})"
    yield from line_data.class_tag_statements(subdistrict_id)
    yield f"UPDATE resident SET name = 'o{tag}person' || id WHERE subdistrict_id = {subdistrict_id}"


def _other_community_statements(subdistrict: SweptSubdistrict) -> Iterator[str]:
    """Yield the statements that mark internal texts of every community but the first."""
    first = f"SELECT community_id FROM grid WHERE subdistrict_id = {subdistrict.subdistrict_id} ORDER BY code LIMIT 1"
    communities = f"SELECT id FROM community WHERE subdistrict_id = {subdistrict.subdistrict_id}"
    others = f"({communities} AND id <> ({first}))"
    for table, column, condition in (
        *((name, column, f"community_id IN {others}") for name, column in COMMUNITY_TEXTS),
        *line_data.counts_of_communities(others),
        ("incident", "title", f"cell_id IN (SELECT id FROM cell WHERE community_id IN {others})"),
        ("account", "display_name", f"id IN (SELECT account_id FROM account_scope WHERE community_id IN {others})"),
    ):
        yield f"UPDATE {table} SET {column} = '{OTHER_COMMUNITY_TAG}' || coalesce({column}, '') WHERE {condition}"
    planner = (
        "SELECT min(a.id) FROM account a JOIN account_scope s ON s.account_id = a.id"
        " WHERE a.role = 'planner' AND s.community_id = revision.community_id"
    )
    yield f"UPDATE revision SET created_by = ({planner}) WHERE community_id IN {others}"


@cache
def owner_engine(owner_url: str) -> Engine:
    """Return the engine of the owner's connections to a database; a connection for each query would cost more."""
    return create_engine(owner_url, pool_size=1)


def restore_accounts(sweep_data: SweepData) -> None:
    """Restore accounts, scopes and passwords, and delete second factors, so that no request influences the next one."""
    with owner_engine(sweep_data.owner_url).begin() as connection:
        connection.execute(text("UPDATE account a SET active = k.active FROM backup.account k WHERE k.id = a.id"))
        same = "UPDATE credential c SET password_hash = k.password_hash, must_change = false FROM backup.credential k"
        connection.execute(text(f"{same} WHERE k.account_id = c.account_id"))
        links = "UPDATE worker w SET account_id = k.account_id FROM backup.worker k WHERE k.id = w.id"
        connection.execute(text(f"{links} AND w.account_id IS DISTINCT FROM k.account_id"))
        connection.execute(text("DELETE FROM account_scope"))
        connection.execute(text("DELETE FROM leave"))
        connection.execute(text("INSERT INTO leave OVERRIDING SYSTEM VALUE SELECT * FROM backup.leave"))
        for table in ("account_scope", "account_scope_line"):
            connection.execute(text(f"INSERT INTO {table} OVERRIDING SYSTEM VALUE SELECT * FROM backup.{table}"))
        for table in ("sign_in_throttle", "pending_sign_in", "recovery_code", "second_factor"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(OPEN_SESSIONS)
        connection.execute(OPEN_LINE_VIEWINGS)
        connection.execute(text("UPDATE web_session SET password_confirmed_at = clock_timestamp()"))


def _back_up_accounts(connection: Connection) -> None:
    connection.execute(text("CREATE SCHEMA backup"))
    for name in ("account", "account_scope", "account_scope_line", "credential", "leave", "worker"):
        connection.execute(text(f"CREATE TABLE backup.{name} AS TABLE {name}"))
