"""Passwords of the application's logins, among the secrets of the installation."""

from gridmap.secret_files import Secret, read_secret
from gridmap.store.access.roles import LoginPasswords


def read_login_passwords() -> LoginPasswords:
    """Return the passwords of all logins.

    Raises
    ------
    NotPossible
        If one is missing.
    """
    return LoginPasswords(*map(read_secret, (Secret.APP_PASSWORD, Secret.AUTH_PASSWORD, Secret.JOBS_PASSWORD)))
