"""Passwords of the application's logins, among the secrets of the installation."""

from gridmap.secret_files import get_or_create
from gridmap.store.access.roles import LoginPasswords


def get_login_passwords() -> LoginPasswords:
    """Return the passwords of both logins; missing ones are created."""
    return LoginPasswords(get_or_create("app-password"), get_or_create("auth-password"))
