"""Two databases with the same things and the same published counts, and with other persons.

An answer that is the same in both tells nothing of the persons: neither alone nor with any other answer.
"""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient
from psycopg2 import sql
from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from gridmap.app import create_app
from gridmap.core.vocabulary import Role
from gridmap.postgres import databases
from gridmap.postgres.server import Cluster
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.plans import adoption, revisions
from gridmap.store.access.roles import database_statements
from gridmap.store.session import Database
from tests.fixtures import postgis
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import (
    PASSWORD,
    app_settings,
    app_url,
    open_sessions,
    password_hash,
    set_rehearsal_date,
    token_of,
)
from tests.fixtures.web_app import close_databases, submit_form

VOLATILE_TEXT = re.compile(rb'nonce-[\w-]+|nonce="[^"]+"|name="(?:csrf[_-]token|request_key)"[^>]*>')
READERS = (Role.LEADER, Role.PLANNER)
"""Roles that see no persons, and may approve plans."""
WITHOUT_RESIDENTS = "SELECT NOT EXISTS (SELECT FROM resident) AND EXISTS (SELECT FROM household_count)"
ADD_RESIDENTS = (
    """
INSERT INTO household (subdistrict_id, building_id, kind, source, valid)
    SELECT subdistrict_id, building_id, 'resident', 'test', '[2020-01-01,)'
    FROM household_count, generate_series(1, least(households, 3)) WHERE kind = 'resident'
""",
    """
INSERT INTO resident (subdistrict_id, household_id, name, birth_year, source, valid)
    SELECT subdistrict_id, id, '示例', 1940 + id % 80, 'test', '[2020-01-01,)'
    FROM household, generate_series(0, id % 3)
""",
)
"""One to three residents of up to three households of each building."""
ADD_INCIDENTS = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, reported_at, cell_id, geometry)
    SELECT c.subdistrict_id, 'added ' || n, k.key, 'file', t.at, t.at, c.id, ST_PointOnSurface(c.geometry)
    FROM generate_series(1, :count) n
        CROSS JOIN LATERAL (SELECT now() - (hashint4(n) % 300 + 300) / 2 * interval '1 day' AS at) t
        JOIN (SELECT *, row_number() OVER (ORDER BY id) AS position, count(*) OVER () AS total FROM cell) c
            ON c.position = 1 + (hashint4(n + 7) % c.total + c.total) % c.total
        JOIN (SELECT key, row_number() OVER () AS position FROM incident_category
            WHERE key IN ('theft', 'petition', 'hardship', 'disability', 'birth_registration', 'street_lamp')) k
            ON k.position = 1 + n % 6
"""
"""Incidents of the last 300 days in any cells, most of them personal or sensitive."""
SPREAD_CASES = """
UPDATE incident_case SET due_on = today() + (incident_id * 7 % 23 - 9)::integer,
        supervised_at = CASE WHEN incident_id % 5 = 0 THEN timestamptz '2026-01-01' END
    WHERE state = 'received'
"""
"""Open cases get promised days, some of which have passed; some are supervised."""
PUBLISH = ("SELECT publish_closed_counts(id) FROM subdistrict", "SELECT count_areas_of_month(id) FROM subdistrict")
CHANGE_PERSONS = (
    """
DELETE FROM incident WHERE access_class <> 'ordinary' AND md5(id::text) < '4'
    AND id NOT IN (SELECT incident_id FROM case_step)
    AND id NOT IN (SELECT duplicate_of FROM incident_case WHERE duplicate_of IS NOT NULL)
""",
    """
UPDATE incident i SET cell_id = o.cell_id, building_id = NULL, geometry = o.geometry, occurred_at = o.occurred_at,
        reported_at = o.reported_at, status = o.status, closed_at = o.closed_at, category = o.category, title = NULL
    FROM (SELECT id, lag(id) OVER w AS other FROM incident WHERE access_class <> 'ordinary'
            WINDOW w AS (PARTITION BY subdistrict_id, access_class ORDER BY md5(id::text))) p
        JOIN incident o ON o.id = p.other WHERE p.id = i.id
""",
    """
UPDATE incident_case c SET due_on = due_on - 5, supervised_at = now(), version = version + 1,
        state = CASE WHEN c.state = 'received' AND c.incident_id % 2 = 0 THEN 'accepted' ELSE c.state END
    FROM incident i WHERE i.id = c.incident_id AND i.access_class <> 'ordinary'
""",
    """
WITH members AS (
    SELECT r.id, r.household_id, b.statistical_area_id,
        row_number() OVER (PARTITION BY b.statistical_area_id ORDER BY r.id) AS position,
        row_number() OVER (PARTITION BY b.statistical_area_id ORDER BY md5(r.id::text)) AS other
    FROM resident r JOIN household h ON h.id = r.household_id
        JOIN statistical_area_building b ON b.building_id = h.building_id)
UPDATE resident r SET household_id = o.household_id FROM members m
    JOIN members o ON o.statistical_area_id = m.statistical_area_id AND o.position = m.other WHERE r.id = m.id
""",
    """
WITH smallest AS (SELECT h.statistical_area_id, min(h.id) AS household_id FROM (
        SELECT h.id, b.statistical_area_id FROM household h JOIN statistical_area_building b
            ON b.building_id = h.building_id) h GROUP BY h.statistical_area_id)
UPDATE resident r SET household_id = s.household_id
    FROM household h JOIN statistical_area_building b ON b.building_id = h.building_id
        JOIN smallest s ON s.statistical_area_id = b.statistical_area_id
    WHERE h.id = r.household_id AND r.id % 4 = 0
""",
)
"""Other incidents about persons at other places, of other days and categories, and other states and promised days of
their cases; residents at other doors of an area."""
SAME_TIMES = "UPDATE adoption SET adopted_at = '2026-01-01'"


@dataclass(frozen=True)
class World:
    """A database, its home, and the accounts of readers by role."""

    owner_url: str
    home: Path
    account_ids: dict[Role, int]

    @cached_property
    def app(self) -> Flask:
        """Application on this database."""
        with self.at_home():
            return create_app(app_settings(self.owner_url))

    @contextmanager
    def at_home(self) -> Iterator[None]:
        """Use the keys and the cached tiles of this world."""
        before = os.environ.get("GRIDMAP_HOME", "")
        os.environ["GRIDMAP_HOME"] = str(self.home)
        try:
            yield
        finally:
            os.environ["GRIDMAP_HOME"] = before

    def sign_in(self, role: Role) -> FlaskClient:
        """Return a client of the account of a role."""
        client = self.app.test_client()
        with self.at_home():
            assert submit_form(client, "/sign-in", name=f"reader-{role}", password=PASSWORD).status_code == 303
        return client

    def get(self, client: FlaskClient, path: str) -> tuple[int, bytes]:
        """Return status and body of an answer, without nonces and tokens."""
        with self.at_home():
            answer = client.get(path)
        return answer.status_code, VOLATILE_TEXT.sub(b"", answer.data)

    def adopt(self, role: Role, revision_id: int, effective_date: date) -> None:
        """Put a revision into force as a reader who may approve; the rehearsal date becomes its first day."""
        database = Database(app_url(self.owner_url))
        with self.at_home(), database.transaction(token_of(self.account_ids[role])) as session:
            revision = revisions.get_revision(session, caller_of(session), revision_id)
            adoption.approve(session, caller_of(session), revision, adoption.AdoptionRequest(effective_date))
        database.close()
        with owner_connection(self.owner_url) as connection:
            connection.execute(text("ALTER TABLE adoption DISABLE TRIGGER USER"))
            connection.execute(text(SAME_TIMES))
            connection.execute(text("ALTER TABLE adoption ENABLE TRIGGER USER"))
        set_rehearsal_date(self.owner_url, effective_date)


@contextmanager
def owner_connection(owner_url: str) -> Iterator[Connection]:
    """Open a transaction of the owner."""
    engine = create_engine(owner_url, poolclass=NullPool)
    with engine.begin() as connection:
        yield connection


def prepare_world(owner_url: str, home: Path, *, added_incidents: int) -> World:
    """Add readers, residents where there are none, and incidents to a loaded town, and publish what has closed."""
    with owner_connection(owner_url) as connection:
        for statement in ADD_RESIDENTS if connection.scalar(text(WITHOUT_RESIDENTS)) else ():
            connection.execute(text(statement))
        connection.execute(text(ADD_INCIDENTS), {"count": added_incidents})
        connection.execute(text(SPREAD_CASES))
        with Session(connection) as session:
            account_ids = {role: _create_reader(session, role) for role in (*READERS, Role.STATION)}
            open_sessions(session)
            session.flush()
        for statement in PUBLISH:
            connection.execute(text(statement))
    return World(owner_url, home, account_ids)


def _create_reader(session: Session, role: Role) -> int:
    code = session.scalars(text("SELECT code FROM subdistrict ORDER BY id")).first()
    scope = ScopeRequest(str(code), can_approve=role is Role.PLANNER)
    account_id, _ = create_account(session, caller_of(session), f"reader-{role}", role, "", scope)
    session.execute(
        text("UPDATE credential SET password_hash = :hash, must_change = false WHERE account_id = :id"),
        {"hash": password_hash(), "id": account_id},
    )
    return account_id


@contextmanager
def changed_world(cluster: Cluster, world: World) -> Iterator[World]:
    """Yield a copy of a world in which the persons differ; its database is dropped afterwards."""
    source = str(make_url(world.owner_url).database)
    copy = f"{source}_changed"
    clone = sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(copy), sql.Identifier(source))
    databases.execute(cluster.database_url(), clone, *database_statements(copy, postgis.ROLE_NAMES))
    home = Path(shutil.copytree(world.home, world.home.with_name(f"{world.home.name}-changed")))
    changed = World(cluster.database_url(copy), home, world.account_ids)
    try:
        with owner_connection(changed.owner_url) as connection:
            for statement in CHANGE_PERSONS:
                connection.execute(text(statement))
        yield changed
    finally:
        for each in (world, changed):
            close_databases(each.app)
        postgis.drop_database(cluster.database_url(), copy)
