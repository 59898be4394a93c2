"""Pages of the reader's own account: sign-in with its second step, sign-out, password, sessions, language."""

from gridmap.web.account import second_factor, sessions
from gridmap.web.account.pages import account
from gridmap.web.account.session import init_app

__all__ = ["account", "init_app", "second_factor", "sessions"]
