"""The application that web processes serve: gridmap's own, on this installation's database and secrets."""

from importlib import import_module
from threading import Thread

from flask import Flask
from sqlalchemy.engine import make_url

from gridmap import config
from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.store import cluster
from gridmap.store.policies import APP
from gridmap.store.secrets import kept

SOON = "gridmap.maps.bare"
"""Needed by most pages, and slow to load: answering need not wait for it, and no page should."""


def create(*, secure: bool) -> Flask:
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
    Thread(target=import_module, args=[SOON], daemon=True).start()
    today, secret = config.rehearsal(), kept("cookie-secret").encode()
    return create_app(Settings(secret, login(cluster.url()), secure_cookies=secure, rehearsal=today))


def login(owner: str) -> str:
    """Address of the same database for the login that owns nothing."""
    return make_url(owner).set(username=APP, password=kept("app-password")).render_as_string(hide_password=False)
