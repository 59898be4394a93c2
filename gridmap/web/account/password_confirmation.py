"""Password required again before rights of other accounts change, in a session whose password is over 5 minutes old.

The form that was sent is not lost: the page that asks carries its fields, and sends them to the same address together
with the password.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar
from urllib.parse import urlsplit

from flask import make_response, render_template, request
from werkzeug.wrappers import Response
from wtforms import PasswordField
from wtforms.validators import InputRequired, Length

from gridmap.core.errors import N_
from gridmap.services.accounts import sign_in
from gridmap.services.accounts.sign_in import InvalidCredentials, TooManyAttempts
from gridmap.web import context
from gridmap.web.access import safe_redirect_path
from gridmap.web.account import device
from gridmap.web.account.pages import signed_in_account, too_many_attempts_page
from gridmap.web.forms import BaseForm

TEMPLATE = "account/password_confirmation.html"
PASSWORD_FIELD = "own_password"  # noqa: S105 - the name of a field
WRONG_PASSWORD = N_("this is not your password")
View = TypeVar("View", bound=Callable[..., Any])


class PasswordAgainForm(BaseForm):
    """The password of the signed-in account; its field has a name that no other form has."""

    own_password = PasswordField(N_("Your password"), [InputRequired(), Length(max=1000)])


def recent_password_required(view: View) -> View:
    """Ask for the password before a view, unless it was typed a moment ago; then the view goes on."""

    @wraps(view)
    def ask_first(*args: Any, **kwargs: Any) -> Any:
        return _ask() or view(*args, **kwargs)

    return ask_first  # type: ignore[return-value]  # it takes and returns what the view does


def _ask() -> Response | None:
    """Return the page that asks for the password; None if it was typed a moment ago, or just now."""
    database, own, form = context.account_database(), signed_in_account(), PasswordAgainForm()
    if sign_in.is_password_recent(database, own):
        return None
    values = {"carried": _carried_fields(), "account": own, "back_path": _back_path()}
    if PASSWORD_FIELD not in request.form:
        return make_response(render_template(TEMPLATE, form=PasswordAgainForm(formdata=None), **values))
    if form.validate():
        try:
            password = form.own_password.data
            sign_in.confirm_password(database, own, password, request.remote_addr, device.current_token())
            return None
        except InvalidCredentials:
            form.own_password.errors = [WRONG_PASSWORD]
        except TooManyAttempts as error:
            return too_many_attempts_page(form, TEMPLATE, error, **values)
    return make_response(render_template(TEMPLATE, form=form, **values), 422)


def _back_path() -> str:
    """Return the page that the form was sent from, or the first page."""
    return safe_redirect_path(urlsplit(request.referrer or "").path)


def _carried_fields() -> list[tuple[str, str]]:
    own_fields = (PASSWORD_FIELD, "csrf_token")
    return [(name, value) for name, value in request.form.items(multi=True) if name not in own_fields]
