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
from gridmap.store.access.policies import APP_ROLE

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
    return create_app(
        Settings(secret, app_database_url(lifecycle.database_url()), secure_cookies=secure, rehearsal_date=today)
    )


def app_database_url(owner_url: str) -> str:
    """Return the address of the same database for the application's login, which owns no table."""
    return (
        make_url(owner_url)
        .set(username=APP_ROLE, password=get_or_create("app-password"))
        .render_as_string(hide_password=False)
    )
