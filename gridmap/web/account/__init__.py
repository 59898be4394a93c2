"""Pages of the reader's own account: sign-in, sign-out, password, language."""

from gridmap.web.account.pages import account
from gridmap.web.account.session import init_app

__all__ = ["account", "init_app"]
