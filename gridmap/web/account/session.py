"""The signed-in browser: its cookie holds a random token and nothing else that matters."""

from flask import Flask, Response, redirect, request, session, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as Answer

from gridmap.services.accounts import accounts, sign_in
from gridmap.services.accounts.sign_in import SignedInAccount
from gridmap.web import context, language
from gridmap.web.access import allowed_roles
from gridmap.web.errors import is_api_request

TOKEN_KEY = "token"  # noqa: S105 - the name of the cookie's entry
PASSWORD_CHANGE_ENDPOINTS = ("account.edit_password", "account.submit_password", "account.sign_out")
"""What is open to who still has to change a password that somebody else has set."""


def init_app(app: Flask) -> None:
    """Recognise whoever asks; have a one-time password changed before anything else; keep a chosen language."""
    app.extensions[context.ACCOUNT_LOADER_EXTENSION] = load_account
    app.before_request(_require_password_change)
    app.after_request(_save_language)


def load_account() -> SignedInAccount | None:
    """Whose browser it is."""
    token = session.get(TOKEN_KEY)
    return sign_in.find_session_account(context.database(), token) if isinstance(token, str) else None


def start_session(token: str) -> None:
    """Start with a new token: nothing that was in the cookie before the sign-in stays in it."""
    session.clear()
    session[TOKEN_KEY] = token


def end_session() -> None:
    """Close the session and empty the cookie."""
    token = session.get(TOKEN_KEY)
    if isinstance(token, str):
        sign_in.sign_out(context.database(), token, request.remote_addr)
    session.clear()


def apply_preferred_language(response: Response, token: str) -> None:
    """Have pages speak the language that the account has chosen earlier."""
    person = sign_in.find_session_account(context.database(), token)
    if person and person.language:
        language.set_language_cookie(response, person.language)


def _require_password_change() -> Answer | None:
    if (
        request.endpoint is None
        or request.endpoint in PASSWORD_CHANGE_ENDPOINTS
        or allowed_roles(request.endpoint) is None
    ):
        return None
    person = context.account()
    if person is None or not getattr(person, "must_change", False):
        return None
    if is_api_request():
        raise Forbidden
    return redirect(url_for("account.edit_password"), 303)


def _save_language(response: Response) -> Response:
    chosen = language.requested_language()
    if chosen and TOKEN_KEY in session and response.status_code < 400 and (person := context.account()):
        with context.database().transaction(person.id) as own:
            accounts.set_language(own, chosen)
    return response
