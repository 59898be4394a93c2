"""Composition of the web application."""

import hashlib
from pathlib import Path

from flask import Flask
from flask_wtf import CSRFProtect

from gridmap import config
from gridmap.config import Settings
from gridmap.web import (
    access,
    account,
    admin,
    cases,
    compression,
    context,
    errors,
    headers,
    homes,
    imports,
    jobs,
    language,
    leader,
    navigation,
    places,
    planner,
    public,
    roster,
    search,
    station,
    worker,
)
from gridmap.web.api import api
from gridmap.web.exports import response as exports
from gridmap.web.hosts import HostFilter
from gridmap.web.request import Request
from gridmap.web.shared import grid_sheet, grids, subdistrict_files
from gridmap.web.shared.health import health_blueprint
from gridmap.web.shared.norms import blueprint as norms
from gridmap.web.shared.overview import blueprint as overview
from gridmap.web.shared.tiles import blueprint as tiles

BLUEPRINTS = (
    health_blueprint,
    overview,
    api,
    account.account,
    admin.admin,
    station.station,
    grids.blueprint,
    grid_sheet.blueprint,
    subdistrict_files.blueprint,
    worker.worker,
    cases.cases,
    public.public_pages,
    public.case_queries,
    jobs.jobs,
    leader.leader,
    planner.planner,
    roster.roster,
    homes.homes,
    imports.imports,
    places.places,
    norms,
    search.search,
    tiles,
)
VENDOR_DIR_NAME = "node_modules"


def create_app(settings: Settings) -> Flask:
    """Create the web application.

    Parameters
    ----------
    settings : Settings
        Database, cookie key and limits.

    Returns
    -------
    Flask
        With the database in ``extensions["gridmap.database"]``. It connects at the first request.
    """
    static, templates = config.resource_dir("static"), config.resource_dir("templates")
    address = f"/static/{static_fingerprint(static)}"
    app = Flask("gridmap", static_folder=static, template_folder=templates, static_url_path=address)
    app.request_class = Request
    configure_app(app, settings)
    for part in (context, language, headers, errors, navigation, compression, exports):
        part.init_app(app)
    access.init_app(app)
    account.init_app(app)
    protection = CSRFProtect(app)
    for blueprint in (public.public_pages, public.case_queries):  # they act for no account and set no cookie
        protection.exempt(blueprint)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    app.wsgi_app = HostFilter(app.wsgi_app, settings.allowed_hosts)  # type: ignore[method-assign]  # the way Flask documents
    return app


def configure_app(app: Flask, settings: Settings) -> None:
    """Configure cookies, limits and the database; errors give the same pages in tests as in service."""
    app.config.update(
        SECRET_KEY=settings.cookie_secret,
        SESSION_COOKIE_NAME="__Host-gridmap" if settings.secure_cookies else "gridmap",
        SESSION_COOKIE_SECURE=settings.secure_cookies,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        MAX_CONTENT_LENGTH=settings.max_body_bytes,
        PROPAGATE_EXCEPTIONS=False,
        WTF_CSRF_TIME_LIMIT=None,  # as long as the sign-in: users leave forms open for hours
        WTF_I18N_ENABLED=False,  # gridmap.web.forms uses our own catalogues
    )
    app.jinja_env.globals["rehearsal"] = settings.rehearsal_date
    app.jinja_env.trim_blocks = app.jinja_env.lstrip_blocks = True
    if settings.database_url:
        from gridmap.store.session import Database

        app.extensions[context.DATABASE_EXTENSION] = Database(
            settings.database_url,
            pool_size=settings.pool_size,
            pool_timeout_s=settings.pool_timeout_s,
        )
        app.extensions[context.ACCOUNT_DATABASE_EXTENSION] = Database(
            settings.account_database_url or settings.database_url,
            pool_size=settings.account_pool_size,
            pool_timeout_s=settings.pool_timeout_s,
        )


def static_fingerprint(folder: Path) -> str:
    """Return ten hexadecimal digits that identify the static files; in their URL, they allow caching without end."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and VENDOR_DIR_NAME not in path.parts)
    digest = hashlib.sha256()
    for path in paths:
        digest.update(path.relative_to(folder).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()[:10]
