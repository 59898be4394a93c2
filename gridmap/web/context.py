"""Of the request that is being answered: who asks, in which language, and its transaction."""

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, suppress
from typing import Any, Protocol, cast

from flask import Flask, Response, current_app, g
from sqlalchemy.orm import Session

from gridmap.core.caller import ANONYMOUS, Caller
from gridmap.core.vocabulary import Role

DATABASE_EXTENSION = "gridmap.database"
ACCOUNT_LOADER_EXTENSION = "gridmap.load_account"


class RequestAccount(Protocol):
    """Who is signed in, as far as every page needs to know."""

    @property
    def id(self) -> int:
        """Key of the account."""

    @property
    def name(self) -> str:
        """What the person signs in with."""

    @property
    def display_name(self) -> str:
        """What the person is called on pages."""

    @property
    def subdistricts(self) -> tuple[int, ...]:
        """Keys of the subdistricts where the role holds today."""

    @property
    def role(self) -> Role:
        """What the person may do."""


class RequestDatabase(Protocol):
    """What the web asks of the database: transactions in which the rows of one account are visible, and who that is."""

    def transaction(self, account_id: int | None) -> AbstractContextManager[Session]:
        """Commit when the block ends, roll back when it fails."""

    def fetch_one(
        self, statement: str, params: Mapping[str, Any], account_id: int | None = None
    ) -> dict[str, Any] | None:
        """The first row of one statement, in one trip."""


class DatabaseNotConfigured(Exception):
    """A page wanted data, and the application was started without a database."""


class _Rollback(Exception):
    """Ends a transaction whose answer is a refusal."""


def database() -> RequestDatabase:
    """The application's database.

    Raises
    ------
    DatabaseNotConfigured
        If the application was started without one.
    """
    found = current_app.extensions.get(DATABASE_EXTENSION)
    if found is None:
        raise DatabaseNotConfigured
    return cast("RequestDatabase", found)


def account() -> RequestAccount | None:
    """Who asks, or None without a valid sign-in; looked up once a request, when first asked for."""
    if "account" not in g:
        load_account: Callable[[], RequestAccount | None] | None = current_app.extensions.get(ACCOUNT_LOADER_EXTENSION)
        g.account = load_account() if load_account else None
    return cast("RequestAccount | None", g.account)


def caller() -> Caller:
    """Return the caller of the request, which every use case takes; anonymous without a valid sign-in."""
    person = account()
    return Caller(person.id, person.role, person.subdistricts) if person else ANONYMOUS


def session() -> Session:
    """The request's transaction, seeing what the account may see; opened when first asked for.

    It is committed before the answer leaves if the status is below 400, and rolled back otherwise; what must outlive a
    refusal (a failed sign-in, say) is written in a transaction of its own, from `database`. An answer that is streamed
    must have read everything before its first byte.

    Raises
    ------
    DatabaseNotConfigured
        If the application was started without a database.
    """
    if "session" not in g:
        person = account()
        transaction = database().transaction(person.id if person else None)
        g.session = transaction.__enter__()
        g.transaction = transaction
    return cast("Session", g.session)


def init_app(app: Flask) -> None:
    """End every request's transaction, with its answer or without one."""
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
    refusal = _Rollback()
    with suppress(_Rollback):
        transaction.__exit__(_Rollback, refusal, None)
