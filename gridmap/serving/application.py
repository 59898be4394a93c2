"""WSGI application of the web processes, with the database and the secrets of this installation."""

from importlib import import_module
from threading import Thread

from flask import Flask
from sqlalchemy.engine import make_url

from gridmap import config
from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.postgres import lifecycle
from gridmap.secret_files import get_or_create
from gridmap.store.access.login_passwords import get_login_passwords
from gridmap.store.access.roles import role_names

PRELOADED_MODULE = "gridmap.maps.leaflet_shell"
"""Module that most pages need and that is slow to load; it loads in a thread, so that neither start nor pages wait."""


def create_application(*, secure: bool) -> Flask:
    """Create the application.

    Parameters
    ----------
    secure : bool
        Whether browsers connect by TLS.

    Raises
    ------
    InvalidInput
        If the private database does not run.
    """
    Thread(target=import_module, args=[PRELOADED_MODULE], daemon=True).start()
    today, secret = config.rehearsal_date(), get_or_create("cookie-secret").encode()
    page_url, account_url = login_urls(lifecycle.database_url())
    return create_app(Settings(secret, page_url, account_url, secure_cookies=secure, rehearsal_date=today))


def login_urls(owner_url: str) -> tuple[str, str]:
    """Return the addresses of the same database for the login of pages and for that of accounts."""
    url = make_url(owner_url)
    passwords = get_login_passwords()
    logins = zip(role_names(url.database or "").logins, (passwords.app, passwords.auth), strict=True)
    page_url, account_url = (
        url.set(username=name, password=password).render_as_string(hide_password=False) for name, password in logins
    )
    return page_url, account_url
