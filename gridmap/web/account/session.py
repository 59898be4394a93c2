"""The signed-in browser: its cookie holds a random token and nothing else that matters."""

from flask import Flask, Response, redirect, request, session, url_for
from werkzeug.exceptions import Forbidden
from werkzeug.wrappers import Response as Answer

from gridmap.services import accounts, signing_in
from gridmap.services.signing_in import Account
from gridmap.web import current, language
from gridmap.web.access import required
from gridmap.web.errors import wants_json

TOKEN = "token"  # noqa: S105 - the name of the cookie's entry
FREE = ("account.password", "account.changing", "account.sign_out")
"""What is open to who still has to change a password that somebody else has set."""


def install(app: Flask) -> None:
    """Recognise whoever asks; have a one-time password changed before anything else; keep a chosen language."""
    app.extensions[current.RECOGNISE] = recognise
    app.before_request(_changes_first)
    app.after_request(_keeps_language)


def recognise() -> Account | None:
    """Whose browser it is."""
    token = session.get(TOKEN)
    return signing_in.recognise(current.database(), token) if isinstance(token, str) else None


def begin(token: str) -> None:
    """Start with a new token: nothing that was in the cookie before the sign-in stays in it."""
    session.clear()
    session[TOKEN] = token


def end() -> None:
    """Close the session and empty the cookie."""
    token = session.get(TOKEN)
    if isinstance(token, str):
        signing_in.sign_out(current.database(), token, request.remote_addr)
    session.clear()


def speak_own(answer: Response, token: str) -> None:
    """Have pages speak the language that the account has chosen earlier."""
    person = signing_in.recognise(current.database(), token)
    if person and person.language:
        language.keep(answer, person.language)


def _changes_first() -> Answer | None:
    if request.endpoint is None or request.endpoint in FREE or required(request.endpoint) is None:
        return None
    person = current.account()
    if person is None or not getattr(person, "must_change", False):
        return None
    if wants_json():
        raise Forbidden
    return redirect(url_for("account.password"), 303)


def _keeps_language(answer: Response) -> Response:
    chosen = language.asked()
    if chosen and TOKEN in session and answer.status_code < 400 and (person := current.account()):
        with current.database().transaction(person.id) as own:
            accounts.set_language(own, chosen)
    return answer
