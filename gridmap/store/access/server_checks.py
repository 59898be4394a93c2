"""Settings and rights of the server that gridmap relies on, as they hold for its logins."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import Connection, text

from gridmap.store.access.roles import role_names

SETTINGS = text("SELECT name, setting FROM pg_settings WHERE name = ANY(:names)")
LOGINS = text("""
    SELECT rolname, rolcanlogin AND NOT (rolsuper OR rolbypassrls OR rolcreatedb OR rolcreaterole) AS is_plain,
           has_database_privilege(rolname, current_database(), 'TEMP') AS may_have_temporary_tables
    FROM pg_roles WHERE rolname = ANY(:names) ORDER BY rolname
""")
OUTDATED_EXTENSIONS = text("""
    SELECT e.extname, e.extversion, a.default_version
    FROM pg_extension e JOIN pg_available_extensions a ON a.name = e.extname WHERE e.extversion <> a.default_version
""")
IS_ENCRYPTED = text("""
    SELECT inet_client_addr() IS NULL OR inet_client_addr() <<= ANY (ARRAY['127.0.0.0/8', '::1']::inet[])
        OR (SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid())
""")


class LoginRights(NamedTuple):
    """Rights of a login that it should not have."""

    name: str
    is_plain: bool
    may_have_temporary_tables: bool


class OutdatedExtension(NamedTuple):
    """Extension of another version than its programs."""

    name: str
    installed: str
    offered: str


def login_names(connection: Connection) -> tuple[str, str, str]:
    """Return the names of the application's logins."""
    return role_names(str(connection.engine.url.database)).logins


def read_settings(connection: Connection, names: Sequence[str]) -> Mapping[str, str]:
    """Return settings as they hold for the login of a connection."""
    return {row.name: row.setting for row in connection.execute(SETTINGS, {"names": list(names)})}


def read_login_rights(connection: Connection) -> Sequence[LoginRights]:
    """Return the rights of the application's logins."""
    rows = connection.execute(LOGINS, {"names": list(login_names(connection))})
    return [LoginRights(*row) for row in rows]


def find_outdated_extensions(connection: Connection) -> Sequence[OutdatedExtension]:
    """Return the extensions that are older or newer than their programs."""
    return [OutdatedExtension(*row) for row in connection.execute(OUTDATED_EXTENSIONS)]


def is_encrypted(connection: Connection) -> bool:
    """Return whether a connection stays on this machine or is encrypted."""
    return bool(connection.scalar(IS_ENCRYPTED))
