"""Forms sent after the session has ended: the page requests the password, then sends the form unchanged.

What was entered travels through the sign-in page, sealed with the secret of cookies: nobody else can read or change it,
and it is sent only for the account that entered it. It is kept only if the form carried its CSRF token, so that no
other site can have a form repeated. A sign-in of several steps carries the field ``kept_form`` from page to page.
"""

import base64
import hashlib
import hmac
import json
from typing import NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from flask import Flask, current_app, flash, make_response, render_template, request, session
from flask_wtf.csrf import validate_csrf
from werkzeug.wrappers import Response
from wtforms import ValidationError

from gridmap.core.errors import N_
from gridmap.services.accounts.sign_in import SignedInAccount
from gridmap.web import context
from gridmap.web.account.forms import SignInForm
from gridmap.web.account.session import ACCOUNT_KEY

CSRF_FIELD = "csrf_token"
MAX_SIZE, MAX_AGE_S = 64 * 1024, 3600
OF_ANOTHER_ACCOUNT = N_("What was entered before belongs to another account and was not sent.")
NOT_KEPT = N_("What you entered before could not be sent; please enter it once more.")


class KeptForm(NamedTuple):
    """Form of an account, as it was sent.

    Parameters
    ----------
    account_id : int
    path : str
        Path and query that it was sent to.
    fields : list of tuple of str
        Names and values, without the CSRF token.
    """

    account_id: int
    path: str
    fields: list[tuple[str, str]]

    def seal(self) -> str:
        """Return the form, encrypted and signed."""
        return _fernet().encrypt(json.dumps(self).encode()).decode("ascii")


def unseal(sealed: str) -> KeptForm | None:
    """Return a sealed form; None if it was changed, or sealed more than an hour ago."""
    try:
        account_id, path, fields = json.loads(_fernet().decrypt(sealed.encode(), ttl=MAX_AGE_S))
    except InvalidToken:
        return None
    return KeptForm(account_id, path, [(name, value) for name, value in fields])


def init_app(app: Flask) -> None:
    """Ask for the password on the spot where a form meets a session that has ended."""
    app.extensions[context.FORM_KEEPER_EXTENSION] = ask_for_password


def ask_for_password() -> Response | None:
    """Return the sign-in page with the form of the request; None if there is none of a browser that was signed in."""
    account_id = session.get(ACCOUNT_KEY)
    if not isinstance(account_id, int) or not _has_csrf_token():
        return None
    fields = [(name, value) for name, value in request.form.items(multi=True) if name != CSRF_FIELD]
    kept = KeptForm(account_id, request.full_path.rstrip("?"), fields)
    is_short = sum(len(name.encode()) + len(value.encode()) for name, value in fields) <= MAX_SIZE
    form = SignInForm(formdata=None, kept_form=kept.seal() if is_short else "")
    lost_files = any(file.filename for file in request.files.values())
    page = render_template(
        "account/sign_in.html", form=form, kept=is_short, too_long=not is_short, lost_files=lost_files
    )
    response = make_response(page, 401)
    response.headers["WWW-Authenticate"] = 'Cookie realm="gridmap"'
    return response


def repeat_form(account: SignedInAccount | None, sealed: str | None) -> Response | None:
    """Return the page that sends a kept form; None if there is none, or it may not be sent.

    Parameters
    ----------
    account : SignedInAccount or None
        Account that has just signed in.
    sealed : str or None
        Field ``kept_form`` of the sign-in form.
    """
    if not sealed or account is None:
        return None
    kept = unseal(sealed)
    if kept is None or account.must_change or account.must_enrol:
        flash(NOT_KEPT, "warning")
        return None
    if kept.account_id != account.id:
        flash(OF_ANOTHER_ACCOUNT, "warning")
        return None
    return make_response(render_template("account/repeat_form.html", path=kept.path, fields=kept.fields))


def _has_csrf_token() -> bool:
    try:
        validate_csrf(request.form.get(CSRF_FIELD))
    except ValidationError:
        return False
    return True


def _fernet() -> Fernet:
    secret = current_app.secret_key or b""
    key = hmac.digest(secret if isinstance(secret, bytes) else secret.encode(), b"kept forms", hashlib.sha256)
    return Fernet(base64.urlsafe_b64encode(key))
