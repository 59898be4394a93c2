"""Which part of its subdistricts an account works in: narrower than `row_filter.visible`."""

from datetime import date
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, and_, cast, func, select, text, true
from sqlalchemy.orm import Session

from gridmap.store.access import row_filter
from gridmap.store.schema import Community
from gridmap.store.session import ACCOUNT_ID, IS_TRUSTED

ACCOUNT_ROLE = "gridmap.role"


def get_today(session: Session) -> date:
    """The day that rights and pages speak of."""
    found: date = session.scalars(select(func.today())).one()
    return found


def account_role(session: Session) -> str | None:
    """Role of the account that the session acts for, asked for once a session."""
    if ACCOUNT_ROLE not in session.info:
        session.info[ACCOUNT_ROLE] = session.scalar(select(text("my_role()"))) if session.info.get(ACCOUNT_ID) else None
    found: str | None = session.info[ACCOUNT_ROLE]
    return found


def in_scope_communities(session: Session, table: Any = Community) -> ColumnElement[bool]:
    """Rows of a table that belong to a community the account works in.

    Parameters
    ----------
    session : Session
        Of `gridmap.store.session.Database.transaction`.
    table : mapped class
        With a column ``community_id``, or the community itself.
    """
    own = row_filter.visible(session, table)
    if session.info.get(IS_TRUSTED):
        return own
    column = table.community_id if hasattr(table, "community_id") else table.id
    return and_(own, column == _any_id_from("my_communities()"))


def in_scope_grids(session: Session, table: Any) -> ColumnElement[bool]:
    """Rows of a table that belong to a grid the account works in: of a worker the own ones.

    Parameters
    ----------
    session : Session
        Of `gridmap.store.session.Database.transaction`.
    table : mapped class
        `Grid`, or one with a column ``grid_id``.
    """
    if account_role(session) != "worker":
        return true()
    column = table.grid_id if hasattr(table, "grid_id") else table.id
    found: ColumnElement[bool] = column == _any_id_from("my_grids()")
    return found


def _any_id_from(function: str) -> ColumnElement[int]:
    """Any of the keys that a function of the database returns, which is asked once a query."""
    keys: ColumnElement[int] = func.any(cast(select(text(function)).scalar_subquery(), ARRAY(BigInteger)))
    return keys


def covers_subdistrict(session: Session, subdistrict_id: int) -> bool:
    """Whether the account works in all communities of a subdistrict."""
    here = Community.subdistrict_id == subdistrict_id
    missed = select(Community.id).where(here, row_filter.visible(session, Community), ~in_scope_communities(session))
    return session.execute(missed.limit(1)).first() is None
