"""Transactions: each knows for whom it acts, and the database decides by it what there is to see."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date
from select import POLLIN, poll
from typing import Any

from sqlalchemy import Engine, create_engine, event, text
from sqlalchemy.exc import InvalidatePoolError
from sqlalchemy.orm import Session

SET_ACCOUNT_SQL = "SELECT set_config('gridmap.account', %(acting)s, true)"
CONNECTION_MAX_AGE_S = 300
"""A connection is replaced after so long: what lies between may have forgotten it without a word."""


class Database:
    """Connections to one database, as one login.

    Parameters
    ----------
    url : str
        SQLAlchemy URL: of the application's login, or of the owner's for commands.
    trusted : bool
        The owner acts for nobody and sees everything; the web is never trusted.
    pool_size : int
        Connections kept; as many requests can be at the database at once.
    pool_timeout_s : float
        Seconds to wait for a free connection before `sqlalchemy.exc.TimeoutError`: who waits longer is better served
        by being told to come back.
    statement_timeout_s : float
        Seconds a statement may take. Ten are ten times what the slowest page needs; 0 for no limit.
    today : date, optional
        The day that the database takes for today, in rehearsals.
    """

    def __init__(
        self,
        url: str,
        *,
        trusted: bool = False,
        pool_size: int = 8,
        pool_timeout_s: float = 2.0,
        statement_timeout_s: float = 10.0,
        today: date | None = None,
    ) -> None:
        self.trusted = trusted
        self.engine: Engine = create_engine(
            url,
            pool_size=pool_size,
            max_overflow=0,
            pool_timeout=pool_timeout_s,
            pool_recycle=CONNECTION_MAX_AGE_S,
            hide_parameters=True,  # what failed goes to the log, and values may be of persons
            connect_args=_connection_options(0.0 if trusted else statement_timeout_s, today),
        )
        event.listen(self.engine, "checkout", _check_connection)

    @contextmanager
    def transaction(self, account_id: int | None = None) -> Iterator[Session]:
        """A session that commits at the end, and leaves nothing behind if an error passes through.

        Parameters
        ----------
        account_id : int, optional
            For whom; without one only what is public can be seen.
        """
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            set_session_account(session, account_id)
            yield session

    def fetch_one(
        self, statement: str, params: Mapping[str, Any], account_id: int | None = None
    ) -> dict[str, Any] | None:
        """The first row of one statement; a transaction by itself, in a single trip.

        Parameters
        ----------
        statement : str
            SQL with ``%(names)s``.
        params : mapping
            What the names stand for.
        account_id : int, optional
            For whom, as in `transaction`: statements sent together are one transaction, and its end forgets it.
        """
        if account_id is not None:
            statement, params = f"{SET_ACCOUNT_SQL}; {statement}", {**params, "acting": str(account_id)}
        with self.engine.connect() as connection:
            driver: Any = connection.connection.driver_connection
            driver.autocommit = True
            row = connection.exec_driver_sql(statement, dict(params)).mappings().first()
        return dict(row) if row is not None else None

    def close(self) -> None:
        """Give all connections back."""
        self.engine.dispose()


def set_session_account(session: Session, account_id: int | None) -> None:
    """Tell the database for whom the transaction acts; it forgets at the end of the transaction."""
    if account_id is not None:
        session.execute(text("SELECT set_config('gridmap.account', :account, true)"), {"account": str(account_id)})


def _check_connection(connection: Any, *_event_args: object) -> None:
    """Have a connection replaced, and all others, if the database has ended it: only then is there something to read.

    To ask it each time whether it still answers would cost a trip for every transaction.
    """
    waiting = poll()
    waiting.register(connection, POLLIN)
    if waiting.poll(0):
        raise InvalidatePoolError
    connection.autocommit = False  # whatever it was used for before


def _connection_options(statement_timeout_s: float, today: date | None) -> dict[str, Any]:
    """Limits that every connection starts with; dates are those of the place the office stands in."""
    settings = {
        "timezone": os.environ.get("GRIDMAP_TIMEZONE", "Asia/Shanghai"),
        "statement_timeout": f"{statement_timeout_s * 1000:.0f}",
        "lock_timeout": f"{statement_timeout_s * 500:.0f}",
        "idle_in_transaction_session_timeout": "0" if not statement_timeout_s else "60000",
        "jit": "off",
    }
    if today:
        settings["gridmap.today"] = today.isoformat()
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    return {"options": options, "connect_timeout": 5, "application_name": "gridmap"}
