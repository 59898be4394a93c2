"""Replacement of a secret while the service runs: at no time does a host need another one than its file has."""

import secrets
from contextlib import closing

from sqlalchemy import Connection, text
from sqlalchemy.engine import make_url

from gridmap.secret_files import Secret, read_secrets, replace_secret
from gridmap.store import installation_secrets
from gridmap.store.access.login_passwords import LOGIN_SECRETS
from gridmap.store.access.roles import role_names, set_password
from gridmap.store.session import Database

SECRET_BYTES = 32
PREVIOUS_KEPT = {**dict.fromkeys(LOGIN_SECRETS, 0), Secret.COOKIE_SECRET: 1, Secret.PEPPER: 100}
"""Previous secrets that stay accepted: a cookie lives 24 hours, and a password keeps its pepper until it is renewed."""


def rotate_secret(url: str, name: Secret) -> None:
    """Replace a secret by a new one; an interrupted call is repeated.

    The file first gets both, so that every host accepts both; then the database gets the new one; then the file loses
    the old one, unless it is still needed.

    Parameters
    ----------
    url : str
        URL of the database for its owner.
    name : Secret

    Raises
    ------
    NotPossible
        If this host has other secrets than the database, or the secret comes from a variable.
    """
    new, known = secrets.token_urlsafe(SECRET_BYTES), read_secrets(name)
    with closing(Database(url, trusted=True)) as database, database.engine.begin() as connection:
        installation_secrets.refuse_other_secrets(connection)
        replace_secret(name, new, *known)
        _give_to_database(connection, str(make_url(url).database), name, new)
    replace_secret(name, new, *known[: PREVIOUS_KEPT[name]])


def _give_to_database(connection: Connection, database: str, name: Secret, value: str) -> None:
    logins = dict(zip(LOGIN_SECRETS, role_names(database).logins, strict=True))
    if name in logins:
        connection.execute(text(set_password(logins[name], value).replace(":", r"\:")))
    installation_secrets.record_secret(connection, name, value)
