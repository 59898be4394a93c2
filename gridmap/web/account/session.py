"""Session of a signed-in browser: its cookie holds a random token."""

from flask import Flask, Response, redirect, request, session, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as Answer

from gridmap.services.accounts import sign_in
from gridmap.services.accounts.sign_in import SignedInAccount
from gridmap.web import context, language
from gridmap.web.access import allowed_roles
from gridmap.web.errors import is_api_request

PUBLIC_BLUEPRINT = "public"
TOKEN_KEY = "token"  # noqa: S105 - the name of the cookie's entry
PASSWORD_CHANGE_ENDPOINTS = ("account.edit_password", "account.submit_password", "account.sign_out")
"""Endpoints open to an account that must change a password set by somebody else."""


def init_app(app: Flask) -> None:
    """Load the account of requests, require the change of one-time passwords, remember a visitor's language."""
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = load_account
    app.before_request(_require_password_change)
    app.after_request(_remember_language)


def load_account() -> SignedInAccount | None:
    """Return the account of the browser's session, or None."""
    token = session.get(TOKEN_KEY)
    return sign_in.find_session_account(context.database(), token) if isinstance(token, str) else None


def start_session(token: str) -> None:
    """Start a session with a new token; nothing from before the sign-in stays in the cookie."""
    session.clear()
    session[TOKEN_KEY] = token


def end_session() -> None:
    """End the session and empty the cookie."""
    token = session.get(TOKEN_KEY)
    if isinstance(token, str):
        sign_in.sign_out(context.account_database(), token, request.remote_addr)
    session.clear()


def apply_preferred_language(response: Response, token: str) -> None:
    """Set the language that the account has chosen earlier."""
    account = sign_in.find_session_account(context.database(), token)
    if account and account.language:
        language.set_language_cookie(response, account.language)


def _require_password_change() -> Answer | None:
    if (
        request.endpoint is None
        or request.endpoint in PASSWORD_CHANGE_ENDPOINTS
        or allowed_roles(request.endpoint) is None
    ):
        return None
    account = context.account()
    if account is None or not getattr(account, "must_change", False):
        return None
    if is_api_request():
        raise Forbidden
    return redirect(url_for("account.edit_password"), 303)


def _remember_language(response: Response) -> Response:
    """Remember a requested language for visitors who are not signed in; public pages set no cookie.

    For an account a link changes its one page only: anybody may have written the link. An account chooses its language
    by a form.
    """
    requested = language.requested_language()
    if requested and request.blueprint != PUBLIC_BLUEPRINT and TOKEN_KEY not in session:
        language.set_language_cookie(response, requested)
    return response
