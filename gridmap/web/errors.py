"""From what went wrong to an answer: one table to HTTP status and words, a page for people, a problem for programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, json, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadHost, HTTPException, InternalServerError

from gridmap.core.errors import N_, InvalidInput, Message, NotFound
from gridmap.services.operations.error_log import fault_values, format_fault, log_unexpected
from gridmap.texts import translate
from gridmap.web.context import DatabaseNotConfigured
from gridmap.web.language import current_language

PROBLEM_MIMETYPE = "application/problem+json"  # RFC 9457
RETRY_AFTER_S = 2
"""Seconds after which to come back: as long as a request waits for a connection before it is sent away."""


@dataclass(frozen=True)
class ErrorText:
    """What a page says about an error: what happened, and what the reader can do."""

    title: str
    advice: str


CSRF_ERROR_TEXT = ErrorText(
    N_("This form was open too long, or comes from elsewhere"),
    N_("Nothing was saved. Go back, load the page again and send the form once more."),
)
ERROR_TEXTS = {
    400: ErrorText(N_("The request is not complete"), N_("Go back, check what you entered and send it once more.")),
    401: ErrorText(N_("Please sign in"), N_("This is only for people with an account.")),
    403: ErrorText(
        N_("This page is not for your role"),
        N_("Your account may not open it. If you need it for your work, ask the person who keeps the accounts."),
    ),
    404: ErrorText(
        N_("There is no such page"),
        N_("The address may be mistyped or out of date, or what it showed is not in your area."),
    ),
    405: ErrorText(N_("This address does not take such a request"), N_("Open the page by its link or its form.")),
    413: ErrorText(
        N_("That is too large"), N_("Send a smaller file, or have it loaded by the person who runs gridmap.")
    ),
    415: ErrorText(
        N_("That is of a kind that cannot be read here"), N_("Send it as the page or the description says.")
    ),
    422: ErrorText(N_("What was sent cannot be used"), N_("Mend what is listed here and send it again.")),
    429: ErrorText(N_("Too many attempts"), N_("Wait a little, then try again.")),
    500: ErrorText(
        N_("Something went wrong inside gridmap"),
        N_("Nothing was saved. Try again; if it happens again, tell the person who runs gridmap the number below."),
    ),
    503: ErrorText(N_("Busy just now"), N_("Nothing was saved. Try again in a few seconds.")),
}
TEMPORARY_ERRORS: tuple[type[Exception], ...] = (PoolTimeout, OperationalError, InterfaceError, DatabaseNotConfigured)
"""No connection free, or the database away, restarting or cutting a query short: all of it passes."""


def init_app(app: Flask) -> None:
    """Answer every error from this page's table, never with a stack."""
    app.register_error_handler(Exception, handle_error)


def handle_error(error: Exception) -> Response:
    """The answer to an error; what nobody foresaw is noted in the log under an id that the answer shows."""
    error = getattr(error, "original_exception", None) or error
    status = http_status(error)
    mark = log_unexpected(error) if status == 500 else None
    plain = is_api_request() or isinstance(error, BadHost)  # under a name that is none, no page finds its own addresses
    body = _problem_json(error, status, mark) if plain else _error_page(error, status, mark)
    answer = make_response(body, status)
    answer.mimetype = PROBLEM_MIMETYPE if plain else "text/html"
    answer.headers.extend(_error_headers(error, status))
    return answer


def http_status(error: Exception) -> int:
    """HTTP status that says whose turn it is: 4xx the reader's, 503 later, 500 ours."""
    if isinstance(error, InvalidInput):
        return 422
    if isinstance(error, NotFound):
        return 404
    if isinstance(error, TEMPORARY_ERRORS):
        return 503
    if isinstance(error, HTTPException) and not isinstance(error, InternalServerError):
        return error.code or 500
    return 500


def error_text(error: Exception, status: int) -> ErrorText:
    """Title and advice, as templates."""
    if isinstance(error, CSRFError):
        return CSRF_ERROR_TEXT
    return ERROR_TEXTS.get(status, ERROR_TEXTS[500 if status >= 500 else 400])


def is_api_request() -> bool:
    """Whether a program asks: everything under ``/api``."""
    return request.path == "/api" or request.path.startswith("/api/")


def _error_headers(error: Exception, status: int) -> Iterator[tuple[str, str]]:
    if status == 401:
        yield "WWW-Authenticate", 'Cookie realm="gridmap"'
    if status == 405 and (methods := getattr(error, "valid_methods", None)):
        yield "Allow", ", ".join(sorted(methods))
    if status in (429, 503):
        yield "Retry-After", str(getattr(error, "retry_after", None) or RETRY_AFTER_S)


def _problem_json(error: Exception, status: int, error_id: str | None) -> str:
    words = error_text(error, status)
    told: dict[str, Any] = {"title": translate(words.title, current_language()), "status": status}
    told["detail"] = translate(words.advice, current_language())
    if isinstance(error, InvalidInput):
        told["faults"] = [fault_values(fault, current_language()) for fault in error.faults]
    if error_id:
        told["id"] = error_id
    return json.dumps(told)


def _error_page(error: Exception, status: int, error_id: str | None) -> str:
    if status >= 500:
        g.setdefault("account", None)  # not to ask a database that may be away who this is
    words = error_text(error, status)
    faults = (
        [format_fault(fault, current_language()) for fault in error.faults] if isinstance(error, InvalidInput) else []
    )
    title, advice = Message(words.title), Message(words.advice)
    can_retry = status >= 500 and request.method == "GET"
    told = {"title": title, "advice": advice, "faults": faults, "error_id": error_id}
    return render_template("error.html", status=status, can_retry=can_retry, **told)
