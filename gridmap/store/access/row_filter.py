"""The explicit filter: every query names the rows it is entitled to; the database would hide the others anyway."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import ColumnElement, and_, false, select, text, true
from sqlalchemy.orm import Session

from gridmap.store.schema import Dwelling, Household, Resident
from gridmap.store.session import ACCOUNT_ID, IS_TRUSTED

SUBDISTRICT_IDS = "gridmap.scope"


def visible(session: Session, table: Any) -> ColumnElement[bool]:
    """Rows of a table within the subdistricts of the account that the session acts for; of persons, of its buildings.

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
    if session.info.get(IS_TRUSTED):
        return true()
    if session.info.get(ACCOUNT_ID) is None:
        return false()
    column = table.subdistrict_id if hasattr(table, "subdistrict_id") else table.id
    found: ColumnElement[bool] = column.in_(subdistrict_ids(session))
    return and_(found, *_building_conditions(table))


def _building_conditions(table: Any) -> Iterator[ColumnElement[bool]]:
    """Of persons only those who live in the buildings of a worker or a station."""
    mine = select(text("my_buildings()"))
    if table in (Household, Dwelling):
        yield table.building_id.in_(mine)
    if table is Resident:
        yield Resident.household_id.in_(select(Household.id).where(Household.building_id.in_(mine)))


def subdistrict_ids(session: Session) -> Sequence[int]:
    """Numbers of the subdistricts that the account of the session may see, asked for once a session."""
    if SUBDISTRICT_IDS not in session.info:
        session.info[SUBDISTRICT_IDS] = session.scalars(select(text("my_subdistricts()"))).one() or []
    found: Sequence[int] = session.info[SUBDISTRICT_IDS]
    return found
