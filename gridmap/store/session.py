"""Database connections, and transactions that act for an account."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from select import POLLIN, poll
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session

from gridmap import config

ACT_AS_SQL = "SELECT act_as(%(session_token)s)"
CONNECTION_MAX_AGE_S = 300
"""Seconds after which a connection is replaced: a router between the two may drop idle connections silently."""


class Database:
    """Pool of connections to one database, with one login.

    Parameters
    ----------
    url : str
        SQLAlchemy URL with the application's login, or with the owner's for commands.
    trusted : bool
        Whether the login is the owner's, which acts for no account and sees every row. The web is never trusted.
    pool_size : int
        Number of connections, and so of requests that use the database at once.
    pool_timeout_s : float
        Seconds to wait for a free connection before `sqlalchemy.exc.TimeoutError`. After two seconds a page that asks
        the user to try again is better than a longer wait.
    statement_timeout_s : float
        Maximum seconds of a statement; 0 for no limit. The default is ten times what the slowest page needs.
    """

    def __init__(
        self,
        url: str,
        *,
        trusted: bool = False,
        pool_size: int = 8,
        pool_timeout_s: float = 2.0,
        statement_timeout_s: float = 10.0,
    ) -> None:
        self.trusted = trusted
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout_s,
            pool_recycle=CONNECTION_MAX_AGE_S,
            hide_parameters=True,  # errors are logged, and values may be personal data
            connect_args=_connection_options(0.0 if trusted else statement_timeout_s),
        )
        event.listen(self.engine, "checkout", _check_connection)

    @contextmanager
    def transaction(self, token: str | None = None) -> Iterator[Session]:
        """Yield a session that commits at the end, or rolls back if an error is raised.

        Parameters
        ----------
        token : str, optional
            Token of the signed-in browser that the transaction acts for; without one it sees public data only.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            act_as(session, token)
            yield session

    def fetch_one(
        self, statement: str, params: Mapping[str, object], token: str | None = None
    ) -> dict[str, Any] | None:
        """Return the first row of one statement, in a transaction of its own and one round trip.

        Parameters
        ----------
        statement : str
            SQL with placeholders ``%(name)s``.
        params : mapping
            Values of the placeholders.
        token : str, optional
            Token, as in `transaction`. Statements sent together are one transaction, so the setting ends with it.
        """
        if token is not None:
            statement, params = f"{ACT_AS_SQL}; {statement}", {**params, "session_token": token}
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.autocommit = True
            row = connection.exec_driver_sql(statement, dict(params)).mappings().first()
        return dict(row) if row is not None else None

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()


def act_as(session: Session, token: str | None) -> None:
    """Let the transaction act for the account of a session token; the database forgets it when the transaction ends."""
    if token is not None:
        session.execute(text("SELECT act_as(:token)"), {"token": token})


def _check_connection(connection: Any, *_event_args: object) -> None:
    """Invalidate the pool if the server has closed this connection: only then is its socket readable.

    A query as a check would cost a round trip for every transaction.
    """
    readable = poll()
    readable.register(connection, POLLIN)
    if readable.poll(0):
        raise InvalidatePoolError
    connection.autocommit = False  # `fetch_one` may have set it


def _connection_options(statement_timeout_s: float) -> dict[str, str | int]:
    """Return the settings of new connections; dates are in the time zone of the office."""
    settings = {
        "timezone": config.office_time_zone(),
        "statement_timeout": f"{statement_timeout_s * 1000:.0f}",
        "lock_timeout": f"{statement_timeout_s * 500:.0f}",
        "idle_in_transaction_session_timeout": "0" if not statement_timeout_s else "60000",
        "jit": "off",
    }
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {"options": options, "connect_timeout": 5, "application_name": "gridmap"}
