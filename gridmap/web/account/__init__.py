"""One's own account: signing in and out, the password, the language."""

from gridmap.web.account.pages import account
from gridmap.web.account.session import install

__all__ = ["account", "install"]
