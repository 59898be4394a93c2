"""Response headers: security headers, content security policy, caching."""

import secrets

from flask import Flask, Response, current_app, g, request, url_for

YEAR_S = 365 * 24 * 3600
SECURITY_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # CSRF protection compares the referrer under TLS
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "connect-src 'self'; worker-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
)
POLICY_WITHOUT_SCRIPTS = "default-src 'none'; frame-ancestors 'none'; form-action 'none'; base-uri 'none'"
"""Policy of responses without a nonce, such as JSON, tiles and files: nothing in them is ever run."""
FIRST_STYLESHEETS = ("tokens", "gridmap", "components")
"""Style sheets that every page waits for: browsers ask for them while the page is still coming."""
STRICT_TRANSPORT_SECURITY = f"max-age={YEAR_S}"
IMMUTABLE_CACHE_CONTROL = f"public, max-age={YEAR_S}, immutable"


def csp_nonce() -> str:
    """Return the nonce of scripts in this response; each request has a new one."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def init_app(app: Flask) -> None:
    """Add the headers to every response and give templates ``csp_nonce``."""
    app.after_request(_add_headers)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def _add_headers(response: Response) -> Response:
    for name, value in SECURITY_HEADERS.items():
        response.headers.setdefault(name, value)
    nonce = g.get("csp_nonce")
    policy = CONTENT_SECURITY_POLICY.format(nonce=nonce) if nonce else POLICY_WITHOUT_SCRIPTS
    response.headers.setdefault("Content-Security-Policy", policy)
    if current_app.config["SESSION_COOKIE_SECURE"]:
        response.headers["Strict-Transport-Security"] = STRICT_TRANSPORT_SECURITY
    if nonce:
        urls = [url_for("static", filename=f"css/{name}.css") for name in FIRST_STYLESHEETS]
        response.headers["Link"] = ", ".join(f"<{url}>; rel=preload; as=style" for url in urls)
    _set_cache_control(response)
    return response


def _set_cache_control(response: Response) -> None:
    """Let static files be cached for ever, as their URLs hold their version; nothing else unless the view says so.

    A page with a nonce is never stored, whatever its view says: everybody who gets it from a cache would know the nonce
    that the next one's scripts carry.
    """
    if "csp_nonce" in g:
        response.headers["Cache-Control"] = "no-store"
    elif request.endpoint == "static" and response.status_code in (200, 206, 304):
        response.headers["Cache-Control"] = IMMUTABLE_CACHE_CONTROL
    else:
        response.headers.setdefault("Cache-Control", "no-store")
