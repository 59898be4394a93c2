"""Scope filter of queries: the communities and grids that a caller works in, narrower than `row_filter.visible`."""

from datetime import date
from typing import Any

from sqlalchemy import ARRAY, BigInteger, ColumnElement, and_, cast, func, select, text, true
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import Role
from gridmap.store.access import row_filter
from gridmap.store.schema import Community


def get_today(session: Session) -> date:
    """Return the date that rights and pages refer to."""
    today: date = session.scalars(select(func.today())).one()
    return today


def in_scope_communities(caller: Caller, table: Any = Community) -> ColumnElement[bool]:
    """Return the condition for the rows of a table that belong to a community the caller works in.

    Parameters
    ----------
    caller : Caller
    table : mapped class
        With a column ``community_id``, or the community itself.
    """
    in_subdistricts = row_filter.visible(caller, table)
    if caller.trusted:
        return in_subdistricts
    column = table.community_id if hasattr(table, "community_id") else table.id
    return and_(in_subdistricts, column == _any_id_from("my_communities()"))


def in_scope_grids(caller: Caller, table: Any) -> ColumnElement[bool]:
    """Return the condition for the rows of a table that belong to a grid the caller works in: of a worker, the own ones.

    Parameters
    ----------
    caller : Caller
    table : mapped class
        `Grid`, or one with a column ``grid_id``.
    """
    if caller.role is not Role.WORKER:
        return true()
    column = table.grid_id if hasattr(table, "grid_id") else table.id
    in_grids: ColumnElement[bool] = column == _any_id_from("my_grids()")
    return in_grids


def _any_id_from(function: str) -> ColumnElement[int]:
    """Return any of the keys that a database function returns; the function is evaluated once a query."""
    keys: ColumnElement[int] = func.any(cast(select(text(function)).scalar_subquery(), ARRAY(BigInteger)))
    return keys


def covers_subdistrict(session: Session, caller: Caller, subdistrict_id: int) -> bool:
    """Return whether the caller works in all communities of a subdistrict."""
    in_subdistrict = Community.subdistrict_id == subdistrict_id
    outside = ~in_scope_communities(caller)
    missing = select(Community.id).where(in_subdistrict, row_filter.visible(caller, Community), outside)
    return session.execute(missing.limit(1)).first() is None
