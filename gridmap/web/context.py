"""Context of a request: its account, caller and transaction."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any, Protocol, cast

from flask import Flask, Response, abort, current_app, g
from sqlalchemy.orm import Session

from gridmap.core.caller import ANONYMOUS, Caller
from gridmap.core.vocabulary import Role

DATABASE_EXTENSION = "gridmap.database"
ACCOUNT_DATABASE_EXTENSION = "gridmap.account_database"
FORM_KEEPER_EXTENSION = "gridmap.keep_form"
REQUEST_OWNER_EXTENSION = "gridmap.request_owner"
ACCOUNT_LOADER_EXTENSION = "gridmap.load_account"


class RequestAccount(Protocol):
    """The signed-in account, as pages need it."""

    @property
    def id(self) -> int:
        """Key of the account."""

    @property
    def token(self) -> str:
        """Token of the session, by which transactions act for the account."""

    @property
    def name(self) -> str:
        """Name to sign in with."""

    @property
    def display_name(self) -> str:
        """Name shown on pages."""

    @property
    def role(self) -> Role:
        """Role, which decides what the account may do."""

    @property
    def unseen_jobs(self) -> int:
        """Jobs that have ended and whose end the account has not seen."""

    @property
    def unseen_notices(self) -> int:
        """Notices about cases that the account has not seen."""

    @property
    def caller(self) -> Caller:
        """The account as a caller of use cases."""


class RequestDatabase(Protocol):
    """The database, as the web uses it: transactions that see the rows of one account."""

    def transaction(self, token: str | None) -> AbstractContextManager[Session]:
        """Commit when the block ends, roll back when it fails."""

    def fetch_one(
        self, statement: str, params: Mapping[str, object], token: str | None = None
    ) -> dict[str, Any] | None:
        """Return the first row of a statement, in one round trip."""


class DatabaseNotConfigured(Exception):
    """A page needs data, and the application was started without a database."""


class _Rollback(Exception):
    """Rolls back the transaction of a request that is answered by an error."""


def database() -> RequestDatabase:
    """Return the application's database, with the login of pages.

    Raises
    ------
    DatabaseNotConfigured
        If the application was started without one.
    """
    return _get_database(DATABASE_EXTENSION)


def account_database() -> RequestDatabase:
    """Return the application's database with the login for sign-in, passwords and accounts.

    Raises
    ------
    DatabaseNotConfigured
        If the application was started without one.
    """
    return _get_database(ACCOUNT_DATABASE_EXTENSION)


def _get_database(name: str) -> RequestDatabase:
    extension = current_app.extensions.get(name)
    if extension is None:
        raise DatabaseNotConfigured
    return cast("RequestDatabase", extension)


def account() -> RequestAccount | None:
    """Return the signed-in account, or None; it is loaded once a request."""
    if "account" not in g:
        load_account: Callable[[], RequestAccount | None] | None = current_app.extensions.get(ACCOUNT_LOADER_EXTENSION)
        g.account = load_account() if load_account else None
    return cast("RequestAccount | None", g.account)


def caller() -> Caller:
    """Return the caller of the request, which every use case takes; anonymous without a valid sign-in."""
    person = account()
    return person.caller if person else ANONYMOUS


def require_token() -> str:
    """Return the token of the browser's session; views without a signed-in account are not reached."""
    return (account() or abort(401)).token


def role() -> Role | None:
    """Return the role of the signed-in account, or None."""
    signed_in = account()
    return signed_in.role if signed_in else None


def session() -> Session:
    """Return the request's session, which sees the rows that the account may see; it is opened on first use.

    It is committed before the response is sent if the status is below 400, and rolled back otherwise. Rows that must
    outlive an error, such as a failed sign-in, are written in a transaction of their own, from `database`. A streamed
    response must have read everything before its first byte.

    Raises
    ------
    DatabaseNotConfigured
        If the application was started without a database.
    """
    return _request_session(database)


def account_session() -> Session:
    """Return the request's session with the login for accounts, in place of `session`; a request has one of the two.

    Raises
    ------
    DatabaseNotConfigured
        If the application was started without a database.
    """
    return _request_session(account_database)


def _request_session(get_database: Callable[[], RequestDatabase]) -> Session:
    if "session" not in g:
        person = account()
        transaction = get_database().transaction(person.token if person else None)
        g.session = transaction.__enter__()
        g.transaction = transaction
    return cast("Session", g.session)


def separate_transaction() -> AbstractContextManager[Session]:
    """Return a second transaction of the request's account, separate from `session`, for rows that outlive an error.

    It takes a connection of its own: end it before `session` is first used, or call `discard_session` before it.
    """
    person = account()
    return database().transaction(person.token if person else None)


def discard_session() -> None:
    """Roll back what the request has written by `session`, and give its connection back."""
    _end_transaction(commit=False)


def init_app(app: Flask) -> None:
    """End the transaction of every request, with its response or without one."""
    app.after_request(_finish_transaction)
    app.teardown_request(lambda _: _end_transaction(commit=False))


def _finish_transaction(response: Response) -> Response:
    _end_transaction(commit=response.status_code < 400)
    return response


def _end_transaction(commit: bool) -> None:
    g.pop("session", None)
    transaction: AbstractContextManager[Session] | None = g.pop("transaction", None)
    if transaction is None:
        return
    if commit:
        transaction.__exit__(None, None, None)
        return
    with suppress(_Rollback):
        transaction.__exit__(_Rollback, _Rollback(), None)
