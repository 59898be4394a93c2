"""Access control: every view names its roles or is public; a view without either is refused."""

from collections.abc import Callable, Iterable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, abort, current_app, redirect, request
from werkzeug.wrappers import Response

from gridmap.core.vocabulary import Role
from gridmap.services.accounts import audit
from gridmap.web import context
from gridmap.web.errors import is_api_request

SIGN_IN_PATH = "/sign-in"
View = TypeVar("View", bound=Callable[..., Any])
_ROLES_ATTRIBUTE = "gridmap_roles"


def roles_required(*allowed: Role | str) -> Callable[[View], View]:
    """Allow a view to accounts of some roles only."""
    roles = frozenset(Role(role) for role in allowed)

    def mark(view: View) -> View:
        setattr(view, _ROLES_ATTRIBUTE, roles)
        return view

    return mark


login_required = roles_required(*Role)
"""Decorator of views for every account, whatever its role: the account's own password, signing out."""


def public(view: View) -> View:
    """Allow a view to everybody, without an account."""
    setattr(view, _ROLES_ATTRIBUTE, None)
    return view


def allowed_roles(endpoint: str) -> frozenset[Role] | None:
    """Return the roles that may open an endpoint: None means everybody, the empty set nobody."""
    view = current_app.view_functions.get(endpoint)
    roles: frozenset[Role] | None = getattr(view, _ROLES_ATTRIBUTE, frozenset())
    return roles


def can_access(endpoint: str, role: Role | None) -> bool:
    """Return whether a role may open an endpoint; None stands for a visitor without an account."""
    allowed = allowed_roles(endpoint)
    return allowed is None or role in allowed


def safe_redirect_path(target: str | None) -> str:
    r"""Return the path to open after signing in: a path of this service, or the first page for anything else.

    >>> [safe_redirect_path(url) for url in ("/plans?page=2", "//evil.example", "/\\evil.example", "https:evil", None)]
    ['/plans?page=2', '/', '/', '/', '/']
    """
    safe = target and target.startswith("/") and not target.startswith("//") and target.isprintable()
    return str(target) if safe and "\\" not in str(target) else "/"


def init_app(app: Flask, public_endpoints: Iterable[str] = ("static",)) -> None:
    """Check access before every view; `public_endpoints` are Flask's own endpoints that are public."""
    for endpoint in public_endpoints:
        public(app.view_functions[endpoint])
    app.before_request(_check_access)


def _check_access() -> Response | None:
    if request.endpoint is None or allowed_roles(request.endpoint) is None:
        return None  # Flask answers unknown URLs itself; public pages need no account
    account = context.account()
    if account is None and allowed_roles(request.endpoint):
        return _redirect_to_sign_in()
    if can_access(request.endpoint, context.role()):
        return None
    record_denial()
    return abort(403)


def record_denial(subject: tuple[str, int] | None = None) -> None:
    """Record in the audit that the request asks for what its account may not have.

    Parameters
    ----------
    subject : tuple of str and int, optional
        Table and key of the requested row.
    """
    what = {"page": str(request.url_rule), "method": request.method}
    context.discard_session()
    with suppress(context.DatabaseNotConfigured), context.separate_transaction() as session:
        audit.record_denial(session, what, request.remote_addr, subject)


def _redirect_to_sign_in() -> Response:
    if is_api_request():
        abort(401)
    offer: Callable[[], Response | None] | None = current_app.extensions.get(context.FORM_KEEPER_EXTENSION)
    if request.method == "POST" and offer and (page := offer()):
        return page
    query = f"?{urlencode({'next': request.full_path.rstrip('?')})}" if request.method == "GET" else ""
    return redirect(SIGN_IN_PATH + query, code=303)
