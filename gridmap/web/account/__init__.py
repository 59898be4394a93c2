"""One's own account: signing in and out, the password, the language."""

from gridmap.web.account.pages import account
from gridmap.web.account.session import init_app

__all__ = ["account", "init_app"]
