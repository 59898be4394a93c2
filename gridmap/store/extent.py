"""Which part of its subdistricts an account works in: narrower than `access.only`."""

from datetime import date
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, and_, cast, func, select, text, true
from sqlalchemy.orm import Session

from gridmap.store import access
from gridmap.store.schema import Community
from gridmap.store.session import ACCOUNT, TRUSTED

ROLE = "gridmap.role"


def today(session: Session) -> date:
    """The day that rights and pages speak of."""
    found: date = session.scalars(select(func.today())).one()
    return found


def role(session: Session) -> str | None:
    """Role of the account that the session acts for, asked for once a session."""
    if ROLE not in session.info:
        session.info[ROLE] = session.scalar(select(text("my_role()"))) if session.info.get(ACCOUNT) else None
    found: str | None = session.info[ROLE]
    return found


def communities(session: Session, table: Any = Community) -> ColumnElement[bool]:
    """Rows of a table that belong to a community the account works in.

    Parameters
    ----------
    session : Session
        Of `gridmap.store.session.Database.transaction`.
    table : mapped class
        With a column ``community_id``, or the community itself.
    """
    own = access.only(session, table)
    if session.info.get(TRUSTED):
        return own
    column = table.community_id if hasattr(table, "community_id") else table.id
    return and_(own, column == _any_of("my_communities()"))


def grids(session: Session, table: Any) -> ColumnElement[bool]:
    """Rows of a table that belong to a grid the account works in: of a worker the own ones.

    Parameters
    ----------
    session : Session
        Of `gridmap.store.session.Database.transaction`.
    table : mapped class
        `Grid`, or one with a column ``grid_id``.
    """
    if role(session) != "worker":
        return true()
    column = table.grid_id if hasattr(table, "grid_id") else table.id
    found: ColumnElement[bool] = column == _any_of("my_grids()")
    return found


def _any_of(function: str) -> ColumnElement[int]:
    """Any of the keys that a function of the database returns, which is asked once a query."""
    keys: ColumnElement[int] = func.any(cast(select(text(function)).scalar_subquery(), ARRAY(BigInteger)))
    return keys


def whole(session: Session, home: int) -> bool:
    """Whether the account works in all communities of a subdistrict."""
    here = Community.subdistrict_id == home
    missed = select(Community.id).where(here, access.only(session, Community), ~communities(session))
    return session.execute(missed.limit(1)).first() is None
