"""WSGI application of the web processes, with the database and the secrets of this installation.

Secrets are replaced while the service runs: web processes follow their files, so that nothing is restarted.
"""

from collections.abc import Iterable
from importlib import import_module
from threading import Thread
from wsgiref.types import StartResponse, WSGIEnvironment

from flask import Flask

from gridmap import config
from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.core.errors import NotPossible
from gridmap.postgres import lifecycle
from gridmap.secret_files import Secret, read_secret, read_secrets, secret_path
from gridmap.services.operations.outages import watch_database
from gridmap.store.access.login_passwords import follow_login_password, login_url
from gridmap.web.context import ACCOUNT_DATABASE_EXTENSION, DATABASE_EXTENSION
from gridmap.web.errors import OUTAGES_EXTENSION

PRELOADED_MODULE = "gridmap.maps.leaflet_shell"
"""Module that most pages need and that is slow to load; it loads in a thread, so that neither start nor pages wait."""


def create_application(*, secure: bool, allowed_hosts: tuple[str, ...]) -> Flask:
    """Create the application.

    Parameters
    ----------
    secure : bool
        Whether browsers connect by TLS.
    allowed_hosts : tuple of str
        Hosts that the service answers for.

    Raises
    ------
    InvalidInput
        If the private database does not run.
    """
    Thread(target=import_module, args=[PRELOADED_MODULE], daemon=True).start()
    today, secret = config.rehearsal_date(), read_secret(Secret.COOKIE_SECRET).encode()
    page_url, account_url = login_urls(lifecycle.database_url())
    settings = Settings(
        secret, page_url, account_url, secure_cookies=secure, allowed_hosts=allowed_hosts, rehearsal_date=today
    )
    app = create_app(settings)
    for extension, name in (
        (DATABASE_EXTENSION, Secret.APP_PASSWORD),
        (ACCOUNT_DATABASE_EXTENSION, Secret.AUTH_PASSWORD),
    ):
        follow_login_password(app.extensions[extension].engine, name)
    app.wsgi_app = FollowedCookieSecret(app)  # type: ignore[method-assign]  # the way Flask documents
    app.extensions[OUTAGES_EXTENSION] = watch_database(
        app.extensions[DATABASE_EXTENSION], app.extensions[ACCOUNT_DATABASE_EXTENSION]
    )
    return app


def login_urls(database_url: str) -> tuple[str, str]:
    """Return the addresses of the same database for the login of pages and for that of accounts."""
    return login_url(database_url, Secret.APP_PASSWORD), login_url(database_url, Secret.AUTH_PASSWORD)


class FollowedCookieSecret:
    """WSGI application that signs cookies by the key that the file has at the request, and accepts the previous one.

    Parameters
    ----------
    app : Flask
    """

    def __init__(self, app: Flask) -> None:
        self.app, self.application, self.stamp = app, app.wsgi_app, (0, 0)

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Answer a request."""
        self.refresh()
        return self.application(environ, start_response)

    def refresh(self) -> None:
        """Read the file again if it has changed; a file that cannot be read leaves the key as it is."""
        try:
            status = secret_path(Secret.COOKIE_SECRET).stat()
            if self.stamp != (stamp := (status.st_mtime_ns, status.st_ino)):
                current, *previous = read_secrets(Secret.COOKIE_SECRET)
                self.app.config.update(
                    SECRET_KEY=current.encode(), SECRET_KEY_FALLBACKS=[key.encode() for key in previous]
                )
                self.stamp = stamp
        except (OSError, NotPossible):
            return
