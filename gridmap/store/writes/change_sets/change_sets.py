"""Change sets: the source of what a transaction changes, and its undo. Triggers write the journal itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from sqlalchemy import text
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

OPEN = text("SELECT open_change_set(:subdistrict_id, :source, coalesce(:as_of, today()), :account_id)")
PAUSE_JOURNAL = text("SELECT set_config('gridmap.journal', :state, true)")


def open_change_set(
    session: Session, source: str, as_of: date | None = None, *, subdistrict_id: int, account_id: int | None = None
) -> int:
    """Name the source of what the transaction is going to change in a subdistrict.

    Without it the journal names the account, and the changes count as made by hand.

    Parameters
    ----------
    session : Session
    source : str
        File, register or office that the values come from.
    as_of : date, optional
        Day that the source describes; today by default.
    subdistrict_id : int
    account_id : int, optional
        Account that a session of the owner works for, as a job does; other sessions work for their own.

    Returns
    -------
    int
        Key of the change set.
    """
    values = {"subdistrict_id": subdistrict_id, "source": source, "as_of": as_of, "account_id": account_id}
    return int(session.execute(OPEN, values).scalar_one())


class UndoConflict(Exception):
    """Something newer stands on a change set: rows of a table cannot have their earlier values again.

    Parameters
    ----------
    table : str
        Empty where `gridmap.store.queries.journal.changes.list_undo_obstacles` tells the rows.
    """

    def __init__(self, table: str) -> None:
        super().__init__(f"newer rows contradict the earlier values of {table or 'the change set'}")
        self.table = table


def undo_change_set(session: Session, change_set_id: int) -> int:
    """Give every row that a change set touched the values it had before; return the change set of the undo.

    Raises
    ------
    UndoConflict
        If something newer stands on it; nothing is changed.
    sqlalchemy.exc.DBAPIError
        If the account may not undo it.
    """
    try:
        with session.begin_nested():
            return int(session.execute(text("SELECT undo_change_set(:id)"), {"id": change_set_id}).scalar_one())
    except IntegrityError as error:
        raise UndoConflict(getattr(getattr(error.orig, "diag", None), "table_name", None) or "") from error


def remove_earlier_values(session: Session, day: date) -> int:
    """Remove the earlier values of change sets made before a day, as the owner; return the number of change sets."""
    return int(session.execute(text("SELECT remove_earlier_values(:day)"), {"day": day}).scalar_one())


@contextmanager
def paused_journal(session: Session) -> Iterator[None]:
    """Let the owner change values without a record: only where they mean the same afterwards."""
    session.flush()
    session.execute(PAUSE_JOURNAL, {"state": "off"})
    yield
    session.flush()
    session.execute(PAUSE_JOURNAL, {"state": "on"})
