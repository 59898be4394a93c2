"""Who may open what: every view says its roles or that it is public; one that says nothing is refused."""

from collections.abc import Callable, Iterable
from typing import Any, TypeVar
from urllib.parse import urlencode

from flask import Flask, abort, current_app, redirect, request
from werkzeug.wrappers import Response

from gridmap.core.names import Role
from gridmap.web import current
from gridmap.web.errors import wants_json

SIGN_IN = "/sign-in"
View = TypeVar("View", bound=Callable[..., Any])
_MARK = "gridmap_roles"


def roles(*allowed: Role | str) -> Callable[[View], View]:
    """Let a view be opened by accounts of these roles only."""
    known = frozenset(Role(role) for role in allowed)

    def marked(view: View) -> View:
        setattr(view, _MARK, known)
        return view

    return marked


signed_in = roles(*Role)
"""For views that are every account's, whatever its role: the own password, signing out."""


def public(view: View) -> View:
    """Let a view be opened by anybody, without an account."""
    setattr(view, _MARK, None)
    return view


def required(endpoint: str) -> frozenset[Role] | None:
    """Roles that may open an endpoint; None means anybody, the empty set nobody, as for a view that says nothing."""
    view = current_app.view_functions.get(endpoint)
    found: frozenset[Role] | None = getattr(view, _MARK, frozenset())
    return found


def open_to(endpoint: str, role: Role | None) -> bool:
    """Whether somebody of a role, or nobody in particular, may open an endpoint."""
    allowed = required(endpoint)
    return allowed is None or role in allowed


def local_path(target: str | None) -> str:
    r"""Where to go after signing in: a path of our own pages, or the first page for anything else.

    >>> [local_path(target) for target in ("/plans?page=2", "//evil.example", "/\\evil.example", "https:evil", None)]
    ['/plans?page=2', '/', '/', '/', '/']
    """
    safe = target and target.startswith("/") and not target.startswith("//") and target.isprintable()
    return str(target) if safe and "\\" not in str(target) else "/"


def install(app: Flask, everybody: Iterable[str] = ("static",)) -> None:
    """Refuse whatever is not allowed, before any view runs; `everybody` are Flask's own endpoints that are public."""
    for endpoint in everybody:
        public(app.view_functions[endpoint])
    app.before_request(_refused)


def _refused() -> Response | None:
    if request.endpoint is None or required(request.endpoint) is None:
        return None  # an unknown address is told so later; public pages ask nobody
    person = current.account()
    if person is None and required(request.endpoint):
        return _to_sign_in()
    return None if open_to(request.endpoint, person.role if person else None) else abort(403)


def _to_sign_in() -> Response:
    if wants_json():
        abort(401)
    onward = f"?{urlencode({'next': request.full_path.rstrip('?')})}" if request.method == "GET" else ""
    return redirect(SIGN_IN + onward, code=303)
