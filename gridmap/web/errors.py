"""Error responses: one table from exceptions to HTTP status and text, as a page or as problem details."""

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Flask, Response, current_app, g, json, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadHost, HTTPException, InternalServerError

from gridmap.core.errors import N_, InvalidInput, Message, NotFound
from gridmap.services.operations.error_log import fault_values, format_fault, log_unexpected
from gridmap.texts import translate
from gridmap.web.context import DatabaseNotConfigured
from gridmap.web.language import current_language

OUTAGES_EXTENSION = "gridmap.outages"
PROBLEM_MIMETYPE = "application/problem+json"  # RFC 9457
JSON_PATHS = ("/api", "/my-grid/reports")
RETRY_AFTER_S = 2
"""Retry-After header in seconds: as long as a request waits for a database connection before it is refused."""


@dataclass(frozen=True)
class ErrorText:
    """Text of an error page: what happened, and what the reader can do."""

    title: str
    advice: str


CSRF_ERROR_TEXT = ErrorText(
    N_("This form was open for too long, or was sent by another site"),
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
    415: ErrorText(N_("This type of content cannot be read"), N_("Send it as the page or the description says.")),
    422: ErrorText(N_("What was sent cannot be used"), N_("Correct the faults listed here and send it again.")),
    429: ErrorText(N_("Too many attempts"), N_("Wait a little, then try again.")),
    500: ErrorText(
        N_("Something went wrong inside gridmap"),
        N_("Nothing was saved. Try again; if it happens again, tell the person who runs gridmap the number below."),
    ),
    503: ErrorText(N_("Busy just now"), N_("Nothing was saved. Try again in a few seconds.")),
}
TEMPORARY_ERRORS: tuple[type[Exception], ...] = (PoolTimeout, OperationalError, InterfaceError, DatabaseNotConfigured)
"""Errors that pass: no connection is free, or the database is down, restarting or cancels a query."""


def init_app(app: Flask) -> None:
    """Answer every error from the table of this module, never with a traceback."""
    app.register_error_handler(Exception, handle_error)


def handle_error(error: Exception) -> Response:
    """Return the response to an error. Unexpected errors are logged under an id that the response shows."""
    error = getattr(error, "original_exception", None) or error
    status = http_status(error)
    if status == 503 and (outages := current_app.extensions.get(OUTAGES_EXTENSION)):
        outages.report(error)
    error_id = log_unexpected(error) if status == 500 else None
    as_json = is_api_request() or isinstance(
        error, BadHost
    )  # a request with an invalid Host cannot build URLs of pages
    body = _problem_json(error, status, error_id) if as_json else _error_page(error, status, error_id)
    response = make_response(body, status)
    response.mimetype = PROBLEM_MIMETYPE if as_json else "text/html"
    response.headers.extend(_error_headers(error, status))
    return response


def http_status(error: Exception) -> int:
    """Return the HTTP status of an error: 4xx for the client's, 503 for temporary ones, 500 for unexpected ones."""
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
    """Return title and advice of an error, untranslated."""
    if isinstance(error, CSRFError):
        return CSRF_ERROR_TEXT
    return ERROR_TEXTS.get(status, ERROR_TEXTS[500 if status >= 500 else 400])


def is_api_request() -> bool:
    """Return whether scripts read the response: any path under ``/api``, and reports that a phone kept."""
    return request.path in JSON_PATHS or request.path.startswith("/api/")


def _error_headers(error: Exception, status: int) -> Iterator[tuple[str, str]]:
    if status == 401:
        yield "WWW-Authenticate", 'Cookie realm="gridmap"'
    if status == 405 and (methods := getattr(error, "valid_methods", None)):
        yield "Allow", ", ".join(sorted(methods))
    if status in (429, 503):
        yield "Retry-After", str(getattr(error, "retry_after", None) or RETRY_AFTER_S)


def _problem_json(error: Exception, status: int, error_id: str | None) -> str:
    text, language = error_text(error, status), current_language()
    problem: dict[str, object] = {"title": translate(text.title, language), "status": status}
    problem["detail"] = translate(text.advice, language)
    if isinstance(error, InvalidInput):
        problem["faults"] = [fault_values(fault, language) for fault in error.faults]
    if error_id:
        problem["id"] = error_id
    return json.dumps(problem)


def _error_page(error: Exception, status: int, error_id: str | None) -> str:
    if status >= 500:
        g.setdefault("account", None)  # do not load the account: the database may be down
    text = error_text(error, status)
    faults = error.faults if isinstance(error, InvalidInput) else ()
    can_retry = status >= 500 and request.method == "GET"
    return render_template(
        "error.html",
        status=status,
        title=Message(text.title),
        advice=Message(text.advice),
        faults=[format_fault(fault, current_language()) for fault in faults],
        error_id=error_id,
        can_retry=can_retry,
    )
