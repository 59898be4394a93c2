"""Who may open what: every view says its roles or that it is public; one that says nothing is refused."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, abort, current_app, redirect, request
from werkzeug.wrappers import Response

from gridmap.core.vocabulary import Role
from gridmap.web import context
from gridmap.web.errors import is_api_request

SIGN_IN_PATH = "/sign-in"
View = TypeVar("View", bound=Callable[..., Any])
_ROLES_ATTRIBUTE = "gridmap_roles"


def roles_required(*allowed: Role | str) -> Callable[[View], View]:
    """Let a view be opened by accounts of these roles only."""
    known = frozenset(Role(role) for role in allowed)

    def marked(view: View) -> View:
        setattr(view, _ROLES_ATTRIBUTE, known)
        return view

    return marked


login_required = roles_required(*Role)
"""For views that are every account's, whatever its role: the own password, signing out."""


def public(view: View) -> View:
    """Let a view be opened by anybody, without an account."""
    setattr(view, _ROLES_ATTRIBUTE, None)
    return view


def allowed_roles(endpoint: str) -> frozenset[Role] | None:
    """Roles that may open an endpoint; None means anybody, the empty set nobody, as for a view that says nothing."""
    view = current_app.view_functions.get(endpoint)
    found: frozenset[Role] | None = getattr(view, _ROLES_ATTRIBUTE, frozenset())
    return found


def can_access(endpoint: str, role: Role | None) -> bool:
    """Whether somebody of a role, or nobody in particular, may open an endpoint."""
    allowed = allowed_roles(endpoint)
    return allowed is None or role in allowed


def safe_redirect_path(target: str | None) -> str:
    r"""Where to go after signing in: a path of our own pages, or the first page for anything else.

    >>> [safe_redirect_path(target) for target in ("/plans?page=2", "//evil.example", "/\\evil.example", "https:evil", None)]
    ['/plans?page=2', '/', '/', '/', '/']
    """
    safe = target and target.startswith("/") and not target.startswith("//") and target.isprintable()
    return str(target) if safe and "\\" not in str(target) else "/"


def init_app(app: Flask, public_endpoints: Iterable[str] = ("static",)) -> None:
    """Refuse whatever is not allowed, before any view runs; `public_endpoints` are Flask's own endpoints that are public."""
    for endpoint in public_endpoints:
        public(app.view_functions[endpoint])
    app.before_request(_check_access)


def _check_access() -> Response | None:
    if request.endpoint is None or allowed_roles(request.endpoint) is None:
        return None  # an unknown address is told so later; public pages ask nobody
    person = context.account()
    if person is None and allowed_roles(request.endpoint):
        return _redirect_to_sign_in()
    return None if can_access(request.endpoint, person.role if person else None) else abort(403)


def _redirect_to_sign_in() -> Response:
    if is_api_request():
        abort(401)
    onward = f"?{urlencode({'next': request.full_path.rstrip('?')})}" if request.method == "GET" else ""
    return redirect(SIGN_IN_PATH + onward, code=303)
