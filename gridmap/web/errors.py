"""From what went wrong to an answer: one table to HTTP status and words, a page for people, a problem for programs."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, Response, g, json, make_response, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from werkzeug.exceptions import BadHost, HTTPException, InternalServerError

from gridmap.core.errors import N_, BadInput, Message, Unseen
from gridmap.services.trouble import fault_line, fault_values, noted
from gridmap.texts import say
from gridmap.web.current import NoDatabase
from gridmap.web.language import language

PROBLEM = "application/problem+json"  # RFC 9457
SOON = 2
"""Seconds after which to come back: as long as a request waits for a connection before it is sent away."""


@dataclass(frozen=True)
class Words:
    """What a page says about an error: what happened, and what the reader can do."""

    title: str
    advice: str


FORGERY = Words(
    N_("This form was open too long, or comes from elsewhere"),
    N_("Nothing was saved. Go back, load the page again and send the form once more."),
)
WORDS = {
    400: Words(N_("The request is not complete"), N_("Go back, check what you entered and send it once more.")),
    401: Words(N_("Please sign in"), N_("This is only for people with an account.")),
    403: Words(
        N_("This page is not for your role"),
        N_("Your account may not open it. If you need it for your work, ask the person who keeps the accounts."),
    ),
    404: Words(
        N_("There is no such page"),
        N_("The address may be mistyped or out of date, or what it showed is not in your area."),
    ),
    405: Words(N_("This address does not take such a request"), N_("Open the page by its link or its form.")),
    413: Words(N_("That is too large"), N_("Send a smaller file, or have it loaded by the person who runs gridmap.")),
    415: Words(N_("That is of a kind that cannot be read here"), N_("Send it as the page or the description says.")),
    422: Words(N_("What was sent cannot be used"), N_("Mend what is listed here and send it again.")),
    429: Words(N_("Too many attempts"), N_("Wait a little, then try again.")),
    500: Words(
        N_("Something went wrong inside gridmap"),
        N_("Nothing was saved. Try again; if it happens again, tell the person who runs gridmap the number below."),
    ),
    503: Words(N_("Busy just now"), N_("Nothing was saved. Try again in a few seconds.")),
}
COME_BACK: tuple[type[Exception], ...] = (PoolTimeout, OperationalError, InterfaceError, NoDatabase)
"""No connection free, or the database away, restarting or cutting a query short: all of it passes."""


def install(app: Flask) -> None:
    """Answer every error from this page's table, never with a stack."""
    app.register_error_handler(Exception, answered)


def answered(error: Exception) -> Response:
    """The answer to an error; what nobody foresaw is noted in the log under an id that the answer shows."""
    error = getattr(error, "original_exception", None) or error
    status = status_of(error)
    mark = noted(error) if status == 500 else None
    plain = wants_json() or isinstance(error, BadHost)  # under a name that is none, no page finds its own addresses
    body = _problem(error, status, mark) if plain else _page(error, status, mark)
    answer = make_response(body, status)
    answer.mimetype = PROBLEM if plain else "text/html"
    answer.headers.extend(_headers(error, status))
    return answer


def status_of(error: Exception) -> int:
    """HTTP status that says whose turn it is: 4xx the reader's, 503 later, 500 ours."""
    if isinstance(error, BadInput):
        return 422
    if isinstance(error, Unseen):
        return 404
    if isinstance(error, COME_BACK):
        return 503
    if isinstance(error, HTTPException) and not isinstance(error, InternalServerError):
        return error.code or 500
    return 500


def words_of(error: Exception, status: int) -> Words:
    """Title and advice, as templates."""
    if isinstance(error, CSRFError):
        return FORGERY
    return WORDS.get(status, WORDS[500 if status >= 500 else 400])


def wants_json() -> bool:
    """Whether a program asks: everything under ``/api``."""
    return request.path == "/api" or request.path.startswith("/api/")


def _headers(error: Exception, status: int) -> Iterator[tuple[str, str]]:
    if status == 401:
        yield "WWW-Authenticate", 'Cookie realm="gridmap"'
    if status == 405 and (methods := getattr(error, "valid_methods", None)):
        yield "Allow", ", ".join(sorted(methods))
    if status in (429, 503):
        yield "Retry-After", str(getattr(error, "retry_after", None) or SOON)


def _problem(error: Exception, status: int, mark: str | None) -> str:
    words = words_of(error, status)
    told: dict[str, Any] = {"title": say(words.title, language()), "status": status}
    told["detail"] = say(words.advice, language())
    if isinstance(error, BadInput):
        told["faults"] = [fault_values(fault, language()) for fault in error.faults]
    if mark:
        told["id"] = mark
    return json.dumps(told)


def _page(error: Exception, status: int, mark: str | None) -> str:
    if status >= 500:
        g.setdefault("account", None)  # not to ask a database that may be away who this is
    words = words_of(error, status)
    faults = [fault_line(fault, language()) for fault in error.faults] if isinstance(error, BadInput) else []
    title, advice = Message(words.title), Message(words.advice)
    again = status >= 500 and request.method == "GET"
    told = {"title": title, "advice": advice, "faults": faults, "mark": mark}
    return render_template("error.html", status=status, again=again, **told)
