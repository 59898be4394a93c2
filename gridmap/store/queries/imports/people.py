"""Dwellings, households and residents that a sheet is compared with; names of residents as digests only."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import present_day
from gridmap.store.schema import Dwelling, Household, Resident, Unit

PRESENT_RESIDENTS = text("SELECT * FROM residents_for_import(:subdistrict_id, CAST(:building_ids AS bigint[]))")


class UnitRow(NamedTuple):
    """A unit of a building."""

    id: int
    building_id: int
    name: str


class StoredDwelling(NamedTuple):
    """A dwelling of a building, in a unit where it has several."""

    id: int
    building_id: int
    unit_id: int | None
    number: str
    floor: int | None


class StoredHousehold(NamedTuple):
    """A household that lives or is registered in a building today."""

    id: int
    building_id: int
    dwelling_id: int | None
    kind: str


class ResidentKeyRow(NamedTuple):
    """A resident of today by what a sheet can name."""

    id: int
    household_id: int
    building_id: int
    dwelling_id: int | None
    kind: str
    name_digest: bytes
    birth_year: int | None
    id_number_index: bytes | None
    phone_index: bytes | None


def list_units(session: Session, caller: Caller, building_ids: Sequence[int]) -> list[UnitRow]:
    """Return the units of buildings."""
    rows = select(Unit.id, Unit.building_id, Unit.name).where(
        Unit.building_id.in_(building_ids), row_filter.visible(caller, Unit)
    )
    return [UnitRow(*row) for row in session.execute(rows)]


def list_dwellings(session: Session, caller: Caller, building_ids: Sequence[int]) -> list[StoredDwelling]:
    """Return the dwellings of buildings."""
    rows = select(Dwelling.id, Dwelling.building_id, Dwelling.unit_id, Dwelling.number, Dwelling.floor).where(
        Dwelling.building_id.in_(building_ids), row_filter.visible(caller, Dwelling)
    )
    return [StoredDwelling(*row) for row in session.execute(rows)]


def list_households(session: Session, caller: Caller, building_ids: Sequence[int]) -> list[StoredHousehold]:
    """Return the households of buildings today."""
    rows = (
        select(Household.id, Household.building_id, Household.dwelling_id, Household.kind)
        .where(Household.building_id.in_(building_ids), row_filter.visible(caller, Household))
        .where(Household.valid.contains(present_day()))
        .order_by(Household.id)
    )
    return [StoredHousehold(*row) for row in session.execute(rows)]


def list_residents(session: Session, subdistrict_id: int, building_ids: Sequence[int]) -> list[ResidentKeyRow]:
    """Return the residents of today whose buildings the session's account sees, of all buildings of the subdistrict.

    Parameters
    ----------
    session : Session
    subdistrict_id : int
    building_ids : sequence of int
        Residents of these buildings, and all others that have an identity number: a person may have moved.
    """
    values = {"subdistrict_id": subdistrict_id, "building_ids": list(building_ids)}
    return [
        ResidentKeyRow(*row[:5], bytes(row[5]), row[6], _bytes(row[7]), _bytes(row[8]))  # type: ignore[call-arg]  # columns in the order of the fields
        for row in session.execute(PRESENT_RESIDENTS, values)
    ]


def list_first_days(session: Session, caller: Caller, resident_ids: Sequence[int]) -> dict[int, date]:
    """Return the first day of the records of residents that the caller sees, by key."""
    rows = select(Resident.id, func.lower(Resident.valid).label("first")).where(
        Resident.id.in_(resident_ids), row_filter.visible(caller, Resident)
    )
    return {row.id: row.first for row in session.execute(rows)}


def _bytes(value: memoryview | bytes | None) -> bytes | None:
    return None if value is None else bytes(value)
