"""Row filter of queries: every query names the rows that its caller is entitled to.

Row-level security hides the others anyway; the explicit filter is the first of the two layers.
"""

from collections.abc import Iterator

from sqlalchemy import ColumnElement, and_, false, select, text, true

from gridmap.core.caller import Caller
from gridmap.store.schema import Base, Dwelling, Household, Resident


def visible(caller: Caller, table: type[Base]) -> ColumnElement[bool]:
    """Return the condition for the rows of a table within the caller's subdistricts; of persons, within its buildings.

    Parameters
    ----------
    caller : Caller
    table : mapped class
        With a column ``subdistrict_id``, or the subdistrict itself.

    Returns
    -------
    ColumnElement of bool
        True for the owner's commands, false without an account.
    """
    if caller.trusted:
        return true()
    if caller.account_id is None:
        return false()
    in_subdistricts = first_column(table, "subdistrict_id", "id").in_(caller.subdistrict_ids)
    return and_(in_subdistricts, *_building_conditions(table))


def first_column(table: type[Base], *names: str) -> ColumnElement[int]:
    """Return the first of some columns that a table has."""
    column: ColumnElement[int] = getattr(table, next(name for name in names if hasattr(table, name)))
    return column


def _building_conditions(table: type[Base]) -> Iterator[ColumnElement[bool]]:
    """Yield the condition that limits persons to the buildings of a worker or a station."""
    own_buildings = select(text("my_buildings()"))
    if table in (Household, Dwelling):
        yield first_column(table, "building_id").in_(own_buildings)
    if table is Resident:
        yield Resident.household_id.in_(select(Household.id).where(Household.building_id.in_(own_buildings)))
