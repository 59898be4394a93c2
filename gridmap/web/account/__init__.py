"""Pages of the reader's own account: sign-in with its second step, sign-out, password, sessions, language."""

from flask import Flask

from gridmap.web.account import kept_forms, second_factor, session, sessions
from gridmap.web.account.pages import account

__all__ = ["account", "init_app", "second_factor", "sessions"]


def init_app(app: Flask) -> None:
    """Load the account of requests, and keep forms that meet a session that has ended."""
    session.init_app(app)
    kept_forms.init_app(app)
