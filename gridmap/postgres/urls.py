"""URLs of databases, in one spelling."""

import os
from pathlib import Path

import psycopg2
from psycopg2.extensions import connection as Connection  # noqa: N812 - a class in disguise
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from gridmap.core.errors import N_, Message
from gridmap.postgres.error_hints import error_with_hint

URL_VARIABLE = "DATABASE_URL"
URL_FORMAT = "postgresql://user:password@host:5432/database"


def from_environment() -> str | None:
    """Return the URL in ``DATABASE_URL``, or None if it is not set."""
    value = os.environ.get(URL_VARIABLE, "").strip()
    return normalise(value) if value else None


def normalise(value: str) -> str:
    """Return a URL in the spelling of SQLAlchemy with psycopg2.

    Raises
    ------
    InvalidInput
        If the value is not the URL of a PostgreSQL database.

    Examples
    --------
    >>> normalise("postgres://anna:secret@db/town?sslmode=require")
    'postgresql+psycopg2://anna:secret@db/town?sslmode=require'
    """
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        url = URL.create("unknown")
    if url.drivername.partition("+")[0] not in {"postgres", "postgresql"} or not url.database:
        advice = Message(N_("write it as {spelling}"), {"spelling": URL_FORMAT})
        raise error_with_hint(
            Message(N_("{variable} is no address of a PostgreSQL database"), {"variable": URL_VARIABLE}), advice=advice
        )
    return url.set(drivername="postgresql+psycopg2").render_as_string(hide_password=False)


def local_url(role: str, password: str, socket_file: Path, database: str) -> str:
    """Return the URL of a database on this machine, which is reached by a socket.

    >>> local_url("anna", "secret", Path("/run/town/.s.PGSQL.5432"), "town")
    'postgresql+psycopg2://anna:secret@/town?host=%2Frun%2Ftown&port=5432'
    """
    query = {"host": str(socket_file.parent), "port": socket_file.suffix.removeprefix(".")}
    return URL.create("postgresql+psycopg2", role, password, database=database, query=query).render_as_string(
        hide_password=False
    )


def without_login(url: str) -> str:
    """Return the URL of a database without a user and a password.

    >>> without_login("postgresql+psycopg2://anna:secret@db/town?sslmode=require")
    'postgresql+psycopg2://db/town?sslmode=require'
    """
    return make_url(url)._replace(username=None, password=None).render_as_string()


def redact(url: str) -> str:
    """Return a URL without its password.

    >>> redact("postgresql+psycopg2://anna:secret@db/town")
    'postgresql+psycopg2://anna:***@db/town'
    """
    return make_url(url).render_as_string(hide_password=True)


def with_database(url: str, database: str) -> str:
    """Return the URL of another database on the same server."""
    return make_url(url).set(database=database).render_as_string(hide_password=False)


def libpq_url(url: str) -> str:
    """Return the URL for the programs of PostgreSQL, without the name of a driver."""
    return make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)


def connect(url: str) -> Connection:
    """Return a connection that commits each statement.

    Raises
    ------
    InvalidInput
        If the server cannot be reached or refuses the login.
    """
    try:
        connection = psycopg2.connect(libpq_url(url), connect_timeout=10, application_name="gridmap")
    except psycopg2.OperationalError as error:
        raise error_with_hint(
            Message(N_("the database {url} cannot be reached"), {"url": redact(url)}), str(error)
        ) from error
    connection.autocommit = True
    return connection
