"""Databases on a server: statements, owner role, creation and extensions."""

from contextlib import closing
from typing import Any

import psycopg2
from psycopg2 import sql

from gridmap.core.errors import N_, Message
from gridmap.postgres.error_hints import MIN_POSTGRES_VERSION, SET_DATABASE_URL, error_with_hint
from gridmap.postgres.urls import connect, redact

REQUIRED_EXTENSIONS, OPTIONAL_EXTENSIONS = ("postgis", "btree_gist"), ("pg_trgm",)
DESCRIBE_QUERY = """
    SELECT current_setting('server_version'), (SELECT extversion FROM pg_extension WHERE extname = 'postgis'),
           pg_database_size(current_database())
"""
OWNER_PARAMETERS = ("track_activities", "log_min_messages", "log_min_error_statement", "log_error_verbosity")
"""Settings that need a right of their own; the logins of the application have them in no other way."""
OWNER_ATTRIBUTES = "LOGIN CREATEDB CREATEROLE BYPASSRLS"  # what migrations, backups and tests need


def fetch_rows(url: str, statement: str, *params: object) -> list[tuple[Any, ...]]:
    """Run a statement and return its rows."""
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        cursor.execute(statement, params or None)
        return cursor.fetchall() if cursor.description else []


def describe(url: str) -> dict[str, object]:
    """Return versions, size and URL of a database."""
    [(server, postgis, size)] = fetch_rows(url, DESCRIBE_QUERY)
    return {"url": redact(url), "postgresql": server, "postgis": postgis, "megabytes": round(size / 1e6, 1)}


def execute(url: str, *statements: sql.Composable | str) -> None:
    """Run statements, and commit each."""
    with closing(connect(url)) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def create_extensions(url: str) -> None:
    """Create the extensions that gridmap needs.

    Raises
    ------
    InvalidInput
        If the server is too old or does not have them, or the role must not create them.
    """
    [(number,)] = fetch_rows(url, "SHOW server_version_num")
    if int(number) // 10_000 < MIN_POSTGRES_VERSION:
        values = {"url": redact(url), "version": int(number) // 10_000}
        raise error_with_hint(
            Message(N_("the server of {url} is PostgreSQL {version}"), values), advice=Message(SET_DATABASE_URL)
        )
    rows = fetch_rows(url, "SELECT name, installed_version IS NOT NULL FROM pg_available_extensions")
    available = {str(name): bool(installed) for name, installed in rows}
    for name in REQUIRED_EXTENSIONS:
        if name not in available:
            values = {"url": redact(url), "name": name}
            advice = Message(N_("install it on the server, or unset DATABASE_URL to let gridmap run its own"))
            raise error_with_hint(Message(N_("the server of {url} has no extension {name}"), values), advice=advice)
    missing = [name for name in (*REQUIRED_EXTENSIONS, *OPTIONAL_EXTENSIONS) if available.get(name) is False]
    try:
        execute(url, *(f"CREATE EXTENSION IF NOT EXISTS {name}" for name in missing))
    except psycopg2.Error as error:
        raise error_with_hint(
            Message(N_("the extensions {names} cannot be created"), {"names": ", ".join(missing)}), str(error)
        ) from error


def update_extensions(url: str) -> None:
    """Update extensions to the version of the programs."""
    rows = fetch_rows(url, "SELECT name FROM pg_available_extensions WHERE installed_version <> default_version")
    execute(url, *(sql.SQL("ALTER EXTENSION {} UPDATE").format(sql.Identifier(name)) for (name,) in rows))


def create_owner(url: str, role: str, password: str) -> None:
    """Create the role that owns gridmap's database, if it is missing."""
    if fetch_rows(url, "SELECT 1 FROM pg_roles WHERE rolname = %s", role):
        return
    name = sql.Identifier(role)
    with closing(connect(url)) as connection, connection, connection.cursor() as cursor:
        connection.autocommit = False
        cursor.execute(
            sql.SQL(f"CREATE ROLE {{}} {OWNER_ATTRIBUTES} PASSWORD {{}}").format(name, sql.Literal(password))
        )
        cursor.execute(sql.SQL("GRANT pg_signal_backend TO {}").format(name))


def grant_settings(url: str, role: str) -> None:
    """Let the owner set what the server logs and shows of the application's logins."""
    parameters = sql.SQL(", ").join(map(sql.Identifier, OWNER_PARAMETERS))
    execute(url, sql.SQL("GRANT SET ON PARAMETER {} TO {}").format(parameters, sql.Identifier(role)))


def create_database(url: str, database: str, role: str) -> None:
    """Create a database of a role, if it is missing."""
    if not fetch_rows(url, "SELECT 1 FROM pg_database WHERE datname = %s", database):
        execute(url, sql.SQL("CREATE DATABASE {} OWNER {}").format(sql.Identifier(database), sql.Identifier(role)))
