"""The application that web processes serve: gridmap's own, on this installation's database and secrets."""

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
"""Needed by most pages, and slow to load: answering need not wait for it, and no page should."""


def create_application(*, secure: bool) -> Flask:
    """The application.

    Parameters
    ----------
    secure : bool
        Whether people come by TLS.

    Raises
    ------
    BadInput
        If the database is ours and does not run.
    """
    Thread(target=import_module, args=[PRELOADED_MODULE], daemon=True).start()
    today, secret = config.rehearsal_date(), get_or_create("cookie-secret").encode()
    return create_app(
        Settings(secret, app_database_url(lifecycle.database_url()), secure_cookies=secure, rehearsal_date=today)
    )


def app_database_url(owner_url: str) -> str:
    """Address of the same database for the login that owns nothing."""
    return (
        make_url(owner_url)
        .set(username=APP_ROLE, password=get_or_create("app-password"))
        .render_as_string(hide_password=False)
    )
