"""Titles of rows that a sheet is compared with: the name of a place or worker; of persons the door, and no name."""

from collections.abc import Sequence

from sqlalchemy import ColumnElement, cast, func, select
from sqlalchemy import String as Text
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import AnySelect
from gridmap.store.schema import Base, Building, Dwelling, Household, Resident

DOOR: ColumnElement[str] = func.concat_ws(
    " ", func.coalesce(Building.address, Building.name, Building.code), Dwelling.number
)

NAMES = ("name", "number", "title")
"""Columns that name a row; its kind is a word of the office, but for streets, where it is a word of the code."""
COUNT_TABLES = ("household_count", "population_count", "service_group_count")
"""Tables whose rows are about a building, and have its title."""


def list_row_titles(session: Session, caller: Caller, table: str, row_ids: Sequence[int]) -> dict[int, str]:
    """Return a title of each row by its key.

    Parameters
    ----------
    session : Session
    caller : Caller
    table : str
        Residents are named by their door and year of birth.
    row_ids : sequence of int
    """
    if not row_ids:
        return {}
    rows = _select_titles(caller, table)
    stored = Base.metadata.tables[table]
    found = session.execute(rows.where(stored.c.id.in_(row_ids))).all()
    return {int(row[0]): str(row[1]) for row in found}


def _select_titles(caller: Caller, table: str) -> AnySelect:
    if table == "resident":
        title = func.concat_ws(" ", DOOR, cast(Resident.birth_year, Text))
        residents = select(Resident.id, title)
        resident_homes = _with_door(residents.join(Household, Household.id == Resident.household_id))
        return resident_homes.where(row_filter.visible(caller, Resident))
    if table == "household":
        return _with_door(select(Household.id, DOOR)).where(row_filter.visible(caller, Household))
    if table in COUNT_TABLES:
        stored = Base.metadata.tables[table]
        title = func.coalesce(Building.address, Building.name, Building.code)
        counts = select(stored.c.id, title).join(Building, Building.id == stored.c.building_id)
        return counts.where(row_filter.visible(caller, Building))
    mapped = next(each.class_ for each in Base.registry.mappers if each.class_.__tablename__ == table)
    stored = Base.metadata.tables[table]
    columns = NAMES if table == "street" else ("kind", *NAMES)
    names = [stored.c[name] for name in columns if name in stored.c]
    rows = select(stored.c.id, func.concat_ws(" ", "", *names))
    return rows.where(row_filter.visible(caller, mapped))


def _with_door(rows: AnySelect) -> AnySelect:
    return rows.join(Building, Building.id == Household.building_id).outerjoin(
        Dwelling, Dwelling.id == Household.dwelling_id
    )
