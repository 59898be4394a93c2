"""Roles of the database server: three logins of the application, and the role that its functions run as.

The owner migrates the database and runs commands. Pages sign in with the login ``app``, which owns nothing and is
under row-level security. Sign-in, passwords and accounts have a login of their own, ``auth``: it may do what ``app``
may do, and call the functions for accounts. The runner of jobs signs in as ``jobs``, which reads no table and calls
the functions of the queue only. ``reader`` cannot sign in; functions run as it and read what they need.

Roles belong to the server, not to a database: their names begin with that of the database, so that two databases on one
server do not disturb each other.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from gridmap import config

ROLE_ATTRIBUTES = "NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE"
LOGIN_SETTINGS = {
    "track_activities": "off",
    "log_min_messages": "fatal",
    "log_min_error_statement": "panic",
    "log_error_verbosity": "terse",
    "log_parameter_max_length_on_error": "0",
}
"""Settings of all logins: no session reads the statements of another one, and the server's log has no values of
theirs. The web writes errors to its own log, without values."""


@dataclass(frozen=True)
class RoleNames:
    """Names of the roles of one database.

    Parameters
    ----------
    app : str
        Login of pages.
    auth : str
        Login of sign-in, passwords and accounts.
    jobs : str
        Login of the runner of jobs.
    reader : str
        Role that functions run as.
    """

    app: str
    auth: str
    jobs: str
    reader: str

    @property
    def logins(self) -> tuple[str, str, str]:
        """Return the names of all logins."""
        return self.app, self.auth, self.jobs


@dataclass(frozen=True)
class LoginPasswords:
    """Passwords of all logins."""

    app: str = field(repr=False)
    auth: str = field(repr=False)
    jobs: str = field(repr=False)

    @property
    def of_logins(self) -> tuple[str, str, str]:
        """Return the passwords in the order of `RoleNames.logins`."""
        return self.app, self.auth, self.jobs


def role_names(database: str) -> RoleNames:
    """Return the names of a database's roles.

    Parameters
    ----------
    database : str
        Name of the database; ``GRIDMAP_DATABASE_ROLES`` takes its place where an administrator of the server has given
        the roles another name.

    Examples
    --------
    >>> role_names("gridmap").app
    'gridmap_app'
    """
    prefix = config.role_prefix() or database
    return RoleNames(f"{prefix}_app", f"{prefix}_auth", f"{prefix}_jobs", f"{prefix}_reader")


def role_statements(names: RoleNames, passwords: LoginPasswords) -> Iterator[str]:
    """Yield the statements that create the roles and set their passwords and settings."""
    for role, login in ((names.reader, "NOLOGIN"), *((name, "LOGIN") for name in names.logins)):
        yield _ignore(f"CREATE ROLE {quote(role)} {login} {ROLE_ATTRIBUTES}", "duplicate_object OR unique_violation")
    for role, password in zip(names.logins, passwords.of_logins, strict=True):
        yield set_password(role, password)
        for name, value in LOGIN_SETTINGS.items():
            yield _ignore(f"ALTER ROLE {quote(role)} SET {name} = {value}", "insufficient_privilege")
    yield f"GRANT {quote(names.reader)} TO CURRENT_USER"
    yield f"GRANT {quote(names.app)} TO {quote(names.auth)}"


def set_password(role: str, password: str) -> str:
    """Return the statement that sets the password of a login."""
    return f"ALTER ROLE {quote(role)} PASSWORD {quote_literal(password)}"


def database_statements(database: str, names: RoleNames) -> Iterator[str]:
    """Yield the statements for rights on a database, which neither a copy nor a backup of it has."""
    yield f"REVOKE ALL ON DATABASE {quote(database)} FROM PUBLIC"
    yield f"GRANT CONNECT ON DATABASE {quote(database)} TO {', '.join(map(quote, names.logins))}"


def quote(name: str) -> str:
    """Return an identifier of SQL in quotes."""
    return '"' + name.replace('"', '""') + '"'


def quote_literal(value: str) -> str:
    """Return a text of SQL in quotes."""
    return "'" + value.replace("'", "''") + "'"


def _ignore(statement: str, conditions: str) -> str:
    """Return a block that runs a statement and continues after some errors."""
    return f"DO $$ BEGIN {statement}; EXCEPTION WHEN {conditions} THEN NULL; END $$"
