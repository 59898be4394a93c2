"""Scope filter of queries: the communities and grids that a caller works in, narrower than `row_filter.visible`."""

from sqlalchemy import ColumnElement, and_, select, true
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import Role
from gridmap.store.access import row_filter
from gridmap.store.schema import Base, Community


def in_scope_communities(caller: Caller, table: type[Base] = Community) -> ColumnElement[bool]:
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
    return and_(in_subdistricts, row_filter.in_communities(caller, table))


def is_in_scope(caller: Caller, community_id: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition for rows whose community, an expression, is one that the caller works in."""
    return true() if caller.trusted else community_id.in_(caller.community_ids)


def in_scope_grids(caller: Caller, table: type[Base]) -> ColumnElement[bool]:
    """Return the condition for the rows of a table that belong to a grid the caller works in.

    It limits workers to their own grids, and no other role.

    Parameters
    ----------
    caller : Caller
    table : mapped class
        `Grid`, or one with a column ``grid_id``.
    """
    if caller.role is not Role.WORKER:
        return true()
    return row_filter.first_column(table, "grid_id", "id").in_(caller.grid_ids)


def covers_subdistrict(session: Session, caller: Caller, subdistrict_id: int) -> bool:
    """Return whether the caller works in all communities of a subdistrict."""
    if caller.trusted or subdistrict_id in caller.whole_subdistrict_ids:
        return True
    in_subdistrict = Community.subdistrict_id == subdistrict_id
    outside = ~in_scope_communities(caller)
    missing = select(Community.id).where(in_subdistrict, row_filter.visible(caller, Community), outside)
    return session.execute(missing.limit(1)).first() is None
