"""Ends sessions of the own account in other browsers."""

from flask import flash, redirect, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, Message
from gridmap.services.accounts import own_sessions
from gridmap.texts import translate
from gridmap.web import context
from gridmap.web.access import login_required
from gridmap.web.account.pages import account
from gridmap.web.language import current_language

OTHERS_ENDED = N_("Signed out in other browsers: {count}.")


@account.post("/account/sessions/<handle>/end")
@login_required
def end_session(handle: str) -> Response:
    """Sign out one other browser."""
    own_sessions.end_session(context.account_session(), handle, request.remote_addr)
    flash(N_("That browser is signed out."), "good")
    return redirect(url_for("account.detail"), 303)


@account.post("/account/sessions/end")
@login_required
def end_other_sessions() -> Response:
    """Sign out all other browsers."""
    count = own_sessions.end_other_sessions(context.account_session(), request.remote_addr)
    flash(translate(Message(OTHERS_ENDED, {"count": count}), current_language()), "good")
    return redirect(url_for("account.detail"), 303)
