"""The explicit filter: every query names the rows it is entitled to; the database would hide the others anyway."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, false, select, text, true
from sqlalchemy.orm import Session

from gridmap.store.session import ACCOUNT, TRUSTED

SCOPE = "gridmap.scope"


def only(session: Session, table: Any) -> ColumnElement[bool]:
    """Rows of a table within the subdistricts of the account that the session acts for.

    Parameters
    ----------
    session : Session
        Of `gridmap.store.session.Database.transaction`.
    table : mapped class
        With a column ``subdistrict_id``, or the subdistrict itself.

    Returns
    -------
    ColumnElement of bool
        All rows for the owner's commands, none without an account.
    """
    if session.info.get(TRUSTED):
        return true()
    if session.info.get(ACCOUNT) is None:
        return false()
    column = table.subdistrict_id if hasattr(table, "subdistrict_id") else table.id
    found: ColumnElement[bool] = column.in_(subdistricts(session))
    return found


def subdistricts(session: Session) -> Sequence[int]:
    """Numbers of the subdistricts that the account of the session may see, asked for once a session."""
    if SCOPE not in session.info:
        session.info[SCOPE] = session.scalars(select(text("my_subdistricts()"))).one() or []
    found: Sequence[int] = session.info[SCOPE]
    return found
