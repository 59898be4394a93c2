"""Session of a signed-in browser: its cookie holds a random token."""

from functools import partial
from typing import cast

from flask import Flask, Response, g, redirect, request, session, url_for
from flask.sessions import SecureCookieSessionInterface
from itsdangerous import BadSignature
from werkzeug.exceptions import Forbidden
from werkzeug.http import parse_cookie
from werkzeug.wrappers import Response as Answer

from gridmap.services.accounts import sign_in
from gridmap.services.accounts.sign_in import SignedInAccount
from gridmap.web import context, language
from gridmap.web.access import allowed_roles
from gridmap.web.errors import is_api_request

PUBLIC_BLUEPRINT = "public"
TOKEN_KEY, ACCOUNT_KEY = "token", "account"
"""Entries of the cookie: the token of the session, and the account for which requests of the browser count."""
PASSWORD_CHANGE_ENDPOINTS = ("account.edit_password", "account.submit_password", "account.sign_out")
"""Endpoints open to an account that must change a password set by somebody else."""
ENROLMENT_ENDPOINTS = ("account.second_factor", "account.submit_second_factor", "account.sign_out")
"""Endpoints open to an account that must set up a second factor."""
PENDING_KEY = "pending"
"""Entry of the cookie with the token of a sign-in that waits for its code; it opens nothing."""


def init_app(app: Flask) -> None:
    """Load the account of requests, require own passwords and second factors, remember a visitor's language."""
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = load_account
    app.extensions[context.REQUEST_OWNER_EXTENSION] = partial(find_owner, app)
    app.before_request(_require_own_credentials)
    app.after_request(_remember_language)


def load_account() -> SignedInAccount | None:
    """Return the account of the browser's session, or None."""
    token = session.get(TOKEN_KEY)
    return sign_in.find_session_account(context.database(), token) if isinstance(token, str) else None


def start_session(token: str) -> SignedInAccount | None:
    """Start a session with a new token, and return its account; nothing from before stays in the cookie."""
    account = sign_in.find_session_account(context.database(), token)
    _clear_cookie()
    session[TOKEN_KEY] = token
    if account:
        session[ACCOUNT_KEY] = account.id
    return account


def find_owner(app: Flask, cookies: str) -> str | None:
    """Return the account that a request counts for under overload, by the signature of its cookie alone.

    The database is not queried: it may itself be overloaded. An old cookie of an account counts for that account.
    """
    serializer = cast("SecureCookieSessionInterface", app.session_interface).get_signing_serializer(app)
    value = parse_cookie(cookies).get(app.config["SESSION_COOKIE_NAME"])
    try:
        account_id = serializer.loads(value).get(ACCOUNT_KEY) if serializer and value else None
    except BadSignature:
        return None
    return f"account {account_id}" if account_id else None


def await_code(pending_token: str) -> None:
    """Remember a sign-in that waits for its code, in place of everything in the cookie."""
    _clear_cookie()
    session[PENDING_KEY] = pending_token


def pending_token() -> str | None:
    """Return the token of a sign-in that waits for its code."""
    token = session.get(PENDING_KEY)
    return token if isinstance(token, str) else None


def _clear_cookie() -> None:
    """Empty the cookie, and forget what belongs to its old content."""
    session.clear()
    for name in ("account", "csrf_token"):
        g.pop(name, None)


def end_session() -> None:
    """End the session and empty the cookie."""
    token = session.get(TOKEN_KEY)
    if isinstance(token, str):
        sign_in.sign_out(context.account_database(), token, request.remote_addr)
    session.clear()


def apply_preferred_language(response: Response, account: SignedInAccount | None) -> None:
    """Set the language that the account has chosen earlier."""
    if account and account.language:
        language.set_language_cookie(response, account.language)


def _require_own_credentials() -> Answer | None:
    if request.endpoint is None or allowed_roles(request.endpoint) is None:
        return None
    account = context.account()
    for flag, endpoints in (("must_change", PASSWORD_CHANGE_ENDPOINTS), ("must_enrol", ENROLMENT_ENDPOINTS)):
        if account is not None and getattr(account, flag, False):
            return None if request.endpoint in endpoints else _redirect_to(endpoints[0])
    return None


def _redirect_to(endpoint: str) -> Answer:
    if is_api_request():
        raise Forbidden
    return redirect(url_for(endpoint), 303)


def _remember_language(response: Response) -> Response:
    """Remember a requested language for visitors who are not signed in; public pages set no cookie.

    For an account a link changes its one page only: anybody may have written the link. An account chooses its language
    by a form.
    """
    requested = language.requested_language()
    if requested and request.blueprint != PUBLIC_BLUEPRINT and TOKEN_KEY not in session:
        language.set_language_cookie(response, requested)
    return response
