"""Databases on a server: made ready for gridmap, with the extensions it needs."""

from contextlib import closing
from typing import Any

import psycopg2
from psycopg2 import sql

from gridmap.core.errors import N_, Message
from gridmap.store.cluster.address import connected, shown
from gridmap.store.cluster.refusals import GIVE_ONE, OLDEST, refusal

NEEDED, WELCOME = ("postgis", "btree_gist"), ("pg_trgm",)
ABOUT = """
    SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension WHERE extname = 'postgis'),
           pg_database_size(current_database())
"""
RIGHTS = "LOGIN CREATEDB CREATEROLE BYPASSRLS"  # enough for migrations, backups and tests, and no more


def asked(url: str, question: str, *values: Any) -> list[tuple[Any, ...]]:
    """Rows of the answer to one question."""
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        cursor.execute(question, values or None)
        return cursor.fetchall() if cursor.description else []


def about(url: str) -> dict[str, Any]:
    """Versions, size and address of a database that can be reached."""
    [(server, postgis, size)] = asked(url, ABOUT)
    return {"url": shown(url), "postgresql": server, "postgis": postgis, "megabytes": round(size / 1e6, 1)}


def told(url: str, *statements: sql.Composable | str) -> None:
    """Have statements executed, each committed by itself."""
    with closing(connected(url)) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def extend(url: str) -> None:
    """Give a database the extensions that gridmap needs.

    Raises
    ------
    BadInput
        If the server is too old, does not have them, or the role may not create them.
    """
    [(number,)] = asked(url, "SHOW server_version_num")
    if int(number) // 10_000 < OLDEST:
        values = {"url": shown(url), "version": int(number) // 10_000}
        raise refusal(Message(N_("the server of {url} is PostgreSQL {version}"), values), advice=Message(GIVE_ONE))
    rows = asked(url, "SELECT name, installed_version IS NOT NULL FROM pg_available_extensions")
    available = {str(name): bool(there) for name, there in rows}
    for name in NEEDED:
        if name not in available:
            values = {"url": shown(url), "name": name}
            advice = Message(N_("install it on the server, or unset DATABASE_URL to let gridmap run its own"))
            raise refusal(Message(N_("the server of {url} has no extension {name}"), values), advice=advice)
    missing = [name for name in (*NEEDED, *WELCOME) if available.get(name) is False]
    try:
        told(url, *(f"CREATE EXTENSION IF NOT EXISTS {name}" for name in missing))
    except psycopg2.Error as error:
        raise refusal(
            Message(N_("the extensions {names} cannot be created"), {"names": ", ".join(missing)}), str(error)
        ) from error


def renew(url: str) -> None:
    """Bring extensions to the version of the programs, where these have been renewed."""
    rows = asked(url, "SELECT name FROM pg_available_extensions WHERE installed_version <> default_version")
    told(url, *(sql.SQL("ALTER EXTENSION {} UPDATE").format(sql.Identifier(name)) for (name,) in rows))


def own(url: str, role: str, password: str) -> None:
    """Make the role that owns everything of gridmap, on a server of our own, once."""
    if asked(url, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        return
    name = sql.Identifier(role)
    with closing(connected(url)) as connection, connection, connection.cursor() as cursor:
        connection.autocommit = False
        cursor.execute(sql.SQL(f"CREATE ROLE {{}} {RIGHTS} PASSWORD {{}}").format(name, sql.Literal(password)))
        cursor.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(name))


def create(url: str, database: str, role: str) -> None:
    """Make a database of a role when there is none of that name."""
    if not asked(url, "SELECT 1 FROM pg_database WHERE datname = %s", database):
        told(url, sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(role)))
