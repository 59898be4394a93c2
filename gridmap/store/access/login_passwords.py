"""Passwords of the application's logins, among the secrets of the installation; they may be replaced at any time."""

from typing import Any

import psycopg2
from sqlalchemy import event
from sqlalchemy.engine import Engine, make_url

from gridmap.secret_files import Secret, read_secret, read_secrets
from gridmap.store.access.roles import LoginPasswords, role_names

LOGIN_SECRETS = (Secret.APP_PASSWORD, Secret.AUTH_PASSWORD, Secret.JOBS_PASSWORD)
"""Secrets of the passwords in the order of `RoleNames.logins`."""
LOGIN_REFUSED_SIGN = "password authentication failed"


def read_login_passwords() -> LoginPasswords:
    """Return the passwords of all logins.

    Raises
    ------
    NotPossible
        If one is missing.
    """
    return LoginPasswords(*map(read_secret, LOGIN_SECRETS))


def login_url(database_url: str, secret: Secret) -> str:
    """Return the address of a database for the login whose password is a secret.

    Raises
    ------
    NotPossible
        If the secret is missing.
    """
    url = make_url(database_url)
    name = role_names(url.database or "").logins[LOGIN_SECRETS.index(secret)]
    return url.set(username=name, password=read_secret(secret)).render_as_string(hide_password=False)


def follow_login_password(engine: Engine, name: Secret) -> None:
    """Open connections with the password that the file has then; while it is being replaced, with either one."""

    @event.listens_for(engine, "do_connect")
    def connect(dialect: Any, _record: object, arguments: tuple[Any, ...], options: dict[str, Any]) -> object:
        passwords = read_secrets(name)
        for password in passwords[:-1]:
            try:
                return dialect.connect(*arguments, **{**options, "password": password})
            except psycopg2.OperationalError as error:
                if LOGIN_REFUSED_SIGN not in str(error):
                    raise
        return dialect.connect(*arguments, **{**options, "password": passwords[-1]})
