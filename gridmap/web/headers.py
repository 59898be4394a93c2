"""What every answer tells the browser: where scripts may come from, what it must not guess, keep or hand on."""

import secrets

from flask import Flask, Response, current_app, g, request

A_YEAR = 365 * 24 * 3600
HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # our own forms need it: the check against forgery compares it under TLS
    "Permissions-Policy": "geolocation=(self), camera=(), microphone=(), payment=(), usb=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
POLICY = (
    "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; img-src 'self' data: blob:; "
    "connect-src 'self'; frame-ancestors 'none'; form-action 'self'; base-uri 'none'"
)
TRANSPORT = f"max-age={A_YEAR}"
FOREVER = f"public, max-age={A_YEAR}, immutable"


def csp_nonce() -> str:
    """The word that marks the scripts of this answer as ours; another one for every request."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    return str(g.csp_nonce)


def install(app: Flask) -> None:
    """Put the headers on every answer and give templates ``csp_nonce``."""
    app.after_request(_headed)
    app.jinja_env.globals["csp_nonce"] = csp_nonce


def _headed(answer: Response) -> Response:
    for name, value in HEADERS.items():
        answer.headers.setdefault(name, value)
    answer.headers.setdefault("Content-Security-Policy", POLICY.format(nonce=csp_nonce()))
    if current_app.config["SESSION_COOKIE_SECURE"]:
        answer.headers["Strict-Transport-Security"] = TRANSPORT
    _keeping(answer)
    return answer


def _keeping(answer: Response) -> None:
    """Static files have their version in the address and never change; of pages, nothing is kept unless they say so."""
    if request.endpoint == "static" and answer.status_code in (200, 206, 304):
        answer.headers["Cache-Control"] = FOREVER
    else:
        answer.headers.setdefault("Cache-Control", "no-store")
