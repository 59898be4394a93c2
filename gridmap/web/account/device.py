"""Device cookie: a random token by which a browser is known to the accounts that have signed in with it.

It vouches for nothing but the browser: failed sign-ins elsewhere do not shut out a browser that is known.
"""

import re

from flask import current_app, request
from werkzeug.wrappers import Response

from gridmap.services.accounts.sign_in import make_device_token

COOKIE_NAME = "gridmap-device"
MAX_AGE_S = 180 * 24 * 3600
TOKEN_PATTERN = re.compile(r"[\w-]{43}", re.ASCII)


def current_token() -> str:
    """Return the token of the browser's cookie, or a new one if it has none."""
    token = request.cookies.get(_cookie_name(), "")
    return token if TOKEN_PATTERN.fullmatch(token) else make_device_token()


def set_cookie(response: Response, token: str) -> None:
    """Give the browser its token, for as long again as it stays known; only after a successful sign-in."""
    secure = bool(current_app.config["SESSION_COOKIE_SECURE"])
    response.set_cookie(_cookie_name(), token, max_age=MAX_AGE_S, httponly=True, samesite="Lax", secure=secure)


def _cookie_name() -> str:
    return f"__Host-{COOKIE_NAME}" if current_app.config["SESSION_COOKIE_SECURE"] else COOKIE_NAME
