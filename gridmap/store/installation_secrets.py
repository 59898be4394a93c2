"""Comparison of this host's secrets with those of the database.

The database stores a fingerprint of each secret. A host with other secrets would shut out all others: its password for
the application's login replaces theirs, and its cookies are no sessions of theirs. It is refused before it changes
anything.
"""

import secrets
from collections.abc import Iterable, Mapping
from enum import StrEnum

from sqlalchemy import Connection, create_engine, text
from sqlalchemy.engine import URL
from sqlalchemy.exc import OperationalError

from gridmap.core.errors import N_, Message, NotPossible
from gridmap.secret_files import (
    Secret,
    create_missing_secret,
    find_secrets,
    read_secrets,
    secret_fingerprint,
    secret_place,
)
from gridmap.store.access.roles import role_names

EARLIER_APP_ROLE = "gridmap_app"
"""Login of the application in databases of versions that recorded no fingerprints."""
SALT_BYTES = 16
OTHER_SECRETS = N_(
    "The secrets of this host are not those of the database: {names}. Nothing was changed. Set GRIDMAP_SECRETS to the"
    " folder of the secrets that the other hosts use, or copy the files from there. If this database is to be served"
    " with the secrets of this host alone: gridmap db upgrade --new-secrets"
)
MISSING_SECRETS = N_(
    "This host lacks secrets that belong to the database: {names}. Nothing was changed, and none was created. Set"
    " GRIDMAP_SECRETS to the folder of the secrets that the other hosts use, or copy the files from there. If they are"
    " lost: gridmap db upgrade --new-secrets"
)
HAS_INSTALLATION = text("SELECT to_regclass('public.alembic_version') IS NOT NULL")
HAS_RECORDS = text("SELECT to_regclass('public.installation_secret') IS NOT NULL")
HAS_EARLIER_ROLE = text("SELECT EXISTS (SELECT FROM pg_roles WHERE rolname = :role AND rolcanlogin)")
OWN_RECORDS = text("SELECT name, salt, fingerprint FROM installation_secret")
RECORDS_FOR_LOGINS = text("SELECT name, salt, fingerprint FROM installation_secrets()")
RECORD = text("""
    INSERT INTO installation_secret (name, salt, fingerprint) VALUES (:name, :salt, :fingerprint)
    ON CONFLICT (name) DO UPDATE SET salt = excluded.salt, fingerprint = excluded.fingerprint, recorded_at = now()
""")
Record = tuple[bytes, bytes]
"""Salt and fingerprint of a secret."""


class SecretState(StrEnum):
    """State of a secret of this host, compared with that of the database."""

    SAME = "same"
    OTHER = "other"
    MISSING = "missing"
    NEW = "new"


def compare_secrets(records: Mapping[str, Record]) -> dict[Secret, SecretState]:
    """Return the state of every secret of this host."""
    return {name: _compare_secret(name, records.get(name)) for name in Secret}


def read_records(connection: Connection, *, is_owner: bool = True) -> dict[str, Record]:
    """Return the fingerprints that the database has; none before its first upgrade to a version with fingerprints."""
    if not connection.scalar(HAS_RECORDS):
        return {}
    rows = connection.execute(OWN_RECORDS if is_owner else RECORDS_FOR_LOGINS)
    return {row.name: (bytes(row.salt), bytes(row.fingerprint)) for row in rows}


def refuse_other_secrets(connection: Connection, *, is_owner: bool = True) -> None:
    """Refuse a host that has other secrets than the database; the owner's commands need none of their own.

    Raises
    ------
    NotPossible
        If a secret of this host differs, or, for a host that serves pages, is missing.
    """
    states = compare_secrets(read_records(connection, is_owner=is_owner))
    _refuse(states, OTHER_SECRETS, SecretState.OTHER)
    if not is_owner:
        _refuse(states, MISSING_SECRETS, SecretState.MISSING)


def prepare_secrets(connection: Connection) -> None:
    """Create the secrets of a new installation; refuse a host that lacks or differs from those of an existing one.

    Raises
    ------
    NotPossible
        If a secret of the database is missing on this host, or differs; nothing is created then.
    """
    records = read_records(connection)
    states = compare_secrets(records)
    _refuse(states, OTHER_SECRETS, SecretState.OTHER)
    _refuse(states, MISSING_SECRETS, SecretState.MISSING)
    if not records and connection.scalar(HAS_INSTALLATION):
        _check_earlier_password(connection)
    create_secrets()


def create_secrets() -> None:
    """Create the secrets that are missing, and read all."""
    for name in Secret:
        create_missing_secret(name)
        read_secrets(name)


def record_secrets(connection: Connection) -> None:
    """Record the fingerprints of all secrets of this host, unless the database has them."""
    records = read_records(connection)
    for name in Secret:
        value = read_secrets(name)[0]
        salt, fingerprint = records.get(name, (b"", b""))
        if secret_fingerprint(value, salt) != fingerprint:
            record_secret(connection, name, value)


def record_secret(connection: Connection, name: Secret, value: str) -> None:
    """Record the fingerprint of a secret that is now in use."""
    salt = secrets.token_bytes(SALT_BYTES)
    connection.execute(RECORD, {"name": name.value, "salt": salt, "fingerprint": secret_fingerprint(value, salt)})


def _compare_secret(name: Secret, record: Record | None) -> SecretState:
    if record is None:
        return SecretState.NEW
    found, (salt, fingerprint) = find_secrets(name), record
    if not found:
        return SecretState.MISSING
    return SecretState.SAME if fingerprint in _fingerprints(found, salt) else SecretState.OTHER


def _fingerprints(values: Iterable[str], salt: bytes) -> Iterable[bytes]:
    return (secret_fingerprint(value, salt) for value in values)


def _refuse(states: Mapping[Secret, SecretState], template: str, refused: SecretState) -> None:
    places = [secret_place(name) for name, state in states.items() if state is refused]
    if places:
        raise NotPossible(Message(template, {"names": ", ".join(places)}))


def _check_earlier_password(connection: Connection) -> None:
    """Refuse a host whose password is not that of the application's login; earlier versions recorded nothing else."""
    names = (role_names(str(connection.engine.url.database)).app, EARLIER_APP_ROLE)
    role = next((name for name in names if connection.scalar(HAS_EARLIER_ROLE, {"role": name})), None)
    if role is None:
        return
    password = find_secrets(Secret.APP_PASSWORD)
    place = {"names": secret_place(Secret.APP_PASSWORD)}
    if not password:
        raise NotPossible(Message(MISSING_SECRETS, place))
    if not _accepts_login(connection.engine.url.set(username=role, password=password[0])):
        raise NotPossible(Message(OTHER_SECRETS, place))


def _accepts_login(url: URL) -> bool:
    """Return whether the server accepts a login; another failure than a wrong password is no reason to refuse it."""
    engine = create_engine(url)
    try:
        engine.connect().close()
    except OperationalError as error:
        return "password authentication failed" not in str(error)
    finally:
        engine.dispose()
    return True
