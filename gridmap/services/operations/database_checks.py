"""Checks of an installation: what gridmap relies on in the database and its server, and what to do where it fails."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass

import psycopg2.extensions
from sqlalchemy import Connection
from sqlalchemy.engine import make_url
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.vocabulary import Role
from gridmap.secret_files import secret_place
from gridmap.store import incident_months, installation_secrets
from gridmap.store.access import server_checks
from gridmap.store.access.login_passwords import read_login_passwords
from gridmap.store.installation_secrets import SecretState
from gridmap.store.migrations import ensure
from gridmap.store.outage_reasons import outage_reason
from gridmap.store.queries import demo as demo_queries
from gridmap.store.session import Database
from gridmap.store.writes import installation

MIN_LIBPQ_VERSION = 160_000
EXPECTED_SETTINGS: Mapping[str, tuple[str, ...]] = {
    "track_activities": ("off",),
    "log_min_messages": ("log", "fatal", "panic"),
    "log_min_error_statement": ("panic",),
    "log_error_verbosity": ("terse",),
    "log_statement": ("none",),
    "log_duration": ("off",),
    "log_min_duration_statement": ("-1",),
    "log_min_duration_sample": ("-1",),
    "log_parameter_max_length_on_error": ("0",),
}
"""Settings with which the server neither shows a statement of one session to another one nor logs values."""
SECOND_FACTOR_ROLES = (Role.ADMIN, Role.STATION)
"""Roles that need a second factor where data are real: they govern accounts, or see the residents of a community."""
SCHEMA_CURRENT = N_("tables, functions and rights are of this version")
SECRET_SAME = N_("the secret {name} is that of the database")
LOGIN_WORKS = N_("the login {name} signs in with its password, by SCRAM")
LOGIN_PLAIN = N_("the login {name} has no rights beyond its tables")
NO_TEMPORARY_TABLES = N_("the login {name} may make no temporary tables")
SETTING_HOLDS = N_("{name} is {expected} for the login {login}")
EXTENSIONS_CURRENT = N_("extensions are of the version of their programs")
CONNECTION_ENCRYPTED = N_("the connection to the database is encrypted, or stays on this machine")
SCRAM_REQUIRED = N_("the PostgreSQL library refuses servers that do not ask for SCRAM")
SECOND_FACTOR_REQUIRED = N_("administrators and stations need a second factor")
SECOND_FACTOR_EXEMPT = N_("administrators and stations need no second factor: this is a demo or a rehearsal")
MONTHS_PACKED = N_("packed months of incidents hold what the incidents hold")
UPGRADE_ADVICE = N_("run: gridmap db upgrade")
SECRET_ADVICE = N_("set GRIDMAP_SECRETS to the folder of the secrets that belong to this database")
SETTING_ADVICE = N_(
    "have the server's administrator do this once: GRANT SET ON PARAMETER {name} TO {owner}; then run: gridmap db"
    " upgrade; or set it in postgresql.conf"
)
EXTENSION_ADVICE = N_("have the server's administrator do this once: ALTER EXTENSION {name} UPDATE")
ENCRYPTION_ADVICE = N_("append ?sslmode=verify-full to DATABASE_URL")
REPACK_ADVICE = N_("run: gridmap db repack; and report it: figures of these months were wrong")
SECOND_FACTOR_ADVICE = N_("run: gridmap account require-second-factor {roles}")
LIBRARY_ADVICE = N_("install psycopg2-binary 2.9.10 or newer, which brings version 16 or newer of the library")


@dataclass(frozen=True)
class DatabaseCheck:
    """Result of one check.

    Parameters
    ----------
    subject : Message
        What should hold.
    holds : bool
    found : str
        What was found instead, as a technical value.
    advice : Message, optional
        What to do if it does not hold.
    """

    subject: Message
    holds: bool
    found: str = ""
    advice: Message | None = None


def check_database(url: str) -> Sequence[DatabaseCheck]:
    """Check the database and its server.

    Parameters
    ----------
    url : str
        URL of the owner.

    Raises
    ------
    sqlalchemy.exc.OperationalError
        If the owner cannot sign in.
    """
    with closing(Database(url, trusted=True)) as database, database.engine.connect() as connection:
        is_upgraded = ensure.is_upgraded(connection)
        checks = [
            DatabaseCheck(Message(SCHEMA_CURRENT), is_upgraded, "", Message(UPGRADE_ADVICE)),
            *_check_secrets(connection),
            *_check_rights(connection),
            *_check_connection(connection),
            *(_check_second_factor(connection) if is_upgraded else ()),  # an earlier schema knows no rule
            *(_check_months(connection) if is_upgraded else ()),
        ]
        names, owner = server_checks.login_names(connection), str(make_url(url).username)
    return [*checks, *_check_logins(url, names, owner)]


def _check_secrets(connection: Connection) -> Iterator[DatabaseCheck]:
    states = installation_secrets.compare_secrets(installation_secrets.read_records(connection))
    for name, state in states.items():
        place, subject = secret_place(name), Message(SECRET_SAME, {"name": name.value})
        yield DatabaseCheck(subject, state is SecretState.SAME, f"{state.value}: {place}", Message(SECRET_ADVICE))


def _check_rights(connection: Connection) -> Iterator[DatabaseCheck]:
    for login in server_checks.read_login_rights(connection):
        values, advice = {"name": login.name}, Message(UPGRADE_ADVICE)
        yield DatabaseCheck(Message(LOGIN_PLAIN, values), login.is_plain, "", advice)
        yield DatabaseCheck(Message(NO_TEMPORARY_TABLES, values), not login.may_have_temporary_tables, "", advice)


def _check_connection(connection: Connection) -> Iterator[DatabaseCheck]:
    outdated = server_checks.find_outdated_extensions(connection)
    found = ", ".join(f"{extension.name} {extension.installed} / {extension.offered}" for extension in outdated)
    names = {"name": ", ".join(extension.name for extension in outdated)}
    yield DatabaseCheck(Message(EXTENSIONS_CURRENT), not outdated, found, Message(EXTENSION_ADVICE, names))
    encrypted = server_checks.is_encrypted(connection)
    yield DatabaseCheck(Message(CONNECTION_ENCRYPTED), encrypted, "", Message(ENCRYPTION_ADVICE))
    version = psycopg2.extensions.libpq_version()
    holds = version >= MIN_LIBPQ_VERSION
    yield DatabaseCheck(Message(SCRAM_REQUIRED), holds, str(version // 10_000), Message(LIBRARY_ADVICE))


def _check_second_factor(connection: Connection) -> Iterator[DatabaseCheck]:
    """Check the rule that the first demo switches off, and that stays off when real people are entered later."""
    with Session(connection) as session:
        required = installation.get_second_factor_roles(session)
        holds = set(required).issuperset(SECOND_FACTOR_ROLES)
        if not holds and (installation.get_rehearsal_date(session) or demo_queries.is_demo(session)):
            yield DatabaseCheck(Message(SECOND_FACTOR_EXEMPT), True)
            return
    advice = Message(SECOND_FACTOR_ADVICE, {"roles": _join_roles([*required, *SECOND_FACTOR_ROLES])})
    yield DatabaseCheck(Message(SECOND_FACTOR_REQUIRED), holds, _join_roles(required), advice)


def _check_months(connection: Connection) -> Iterator[DatabaseCheck]:
    """Compare the packed months with the rows of their incidents; a million takes some seconds."""
    different = incident_months.list_differences(connection)
    found = ", ".join(f"{each.subdistrict_id} {each.month:%Y-%m}" for each in different)
    yield DatabaseCheck(Message(MONTHS_PACKED), not different, found, Message(REPACK_ADVICE))


def _join_roles(roles: Iterable[Role]) -> str:
    return " ".join(role.value for role in Role if role in roles)


def _check_logins(url: str, names: Sequence[str], owner: str) -> Iterator[DatabaseCheck]:
    """Sign in by each login and check the settings that it gets."""
    try:
        passwords = read_login_passwords()
    except NotPossible:
        return  # the check of the secrets has said so
    for name, password in zip(names, passwords.of_logins, strict=True):
        login_url = make_url(url).set(username=name, password=password).render_as_string(hide_password=False)
        subject = Message(LOGIN_WORKS, {"name": name})
        try:
            with closing(Database(login_url)) as database, database.engine.connect() as connection:
                settings = server_checks.read_settings(connection, list(EXPECTED_SETTINGS))
        except DBAPIError as error:
            yield DatabaseCheck(subject, False, str(outage_reason(error) or ""), Message(UPGRADE_ADVICE))
            continue
        yield DatabaseCheck(subject, True)
        yield from _check_settings(name, owner, settings)


def _check_settings(login: str, owner: str, settings: Mapping[str, str]) -> Iterator[DatabaseCheck]:
    for name, expected in EXPECTED_SETTINGS.items():
        subject = Message(SETTING_HOLDS, {"name": name, "expected": " / ".join(expected), "login": login})
        found, advice = settings.get(name, ""), Message(SETTING_ADVICE, {"name": name, "owner": owner})
        yield DatabaseCheck(subject, found in expected, found, advice)
