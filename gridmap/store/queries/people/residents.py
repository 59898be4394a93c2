"""Residents of today whom a caller may see, with their numbers encrypted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import present_day
from gridmap.store.schema import Building, Dwelling, Household, Resident

NumberField = Literal["id_number", "phone"]


@dataclass(frozen=True)
class ResidentRow:
    """A resident.

    Parameters
    ----------
    id, subdistrict_id, household_id : int
    name_initial : str
        First letter of the name; the whole name is read by `gridmap.store.writes.reveals.reveal_value` only.
    id_number_encrypted, phone_encrypted : bytes or None
        None where the number is not known.
    building : str
        Name of the building, else its address, else its code.
    dwelling : str or None
        Number of the dwelling.
    household_kind : str
    """

    id: int
    subdistrict_id: int
    household_id: int
    name_initial: str
    id_number_encrypted: bytes | None
    phone_encrypted: bytes | None
    building: str
    dwelling: str | None
    household_kind: str


def has_residents(session: Session, caller: Caller) -> bool:
    """Return whether the caller sees a resident of today."""
    rows = (
        select(Resident.id)
        .join(Household, Household.id == Resident.household_id)
        .where(Resident.valid.contains(present_day()), Household.valid.contains(present_day()))
        .where(row_filter.visible(caller, Resident), row_filter.visible(caller, Household))
    )
    return session.execute(rows.limit(1)).first() is not None


def list_building_residents(session: Session, caller: Caller, building_id: int, limit: int) -> Sequence[ResidentRow]:
    """Return the residents of a building, in the order of their dwellings."""
    return list_residents_where(session, caller, Household.building_id == building_id, limit)


def list_household_residents(session: Session, caller: Caller, household_id: int, limit: int) -> Sequence[ResidentRow]:
    """Return the members of a household."""
    return list_residents_where(session, caller, Household.id == household_id, limit)


def find_residents_by_blind_index(
    session: Session, caller: Caller, field: NumberField, blind_indexes: Sequence[bytes], limit: int
) -> Sequence[ResidentRow]:
    """Return the residents with an identity number or a phone number.

    Parameters
    ----------
    session : Session
    caller : Caller
    field : {"id_number", "phone"}
    blind_indexes : sequence of bytes
        Keyed hashes of the number, one for each key in use.
    limit : int
    """
    column = Resident.id_number_index if field == "id_number" else Resident.phone_index
    return list_residents_where(session, caller, column.in_(blind_indexes), limit)


def list_residents_by_id(session: Session, caller: Caller, resident_ids: Sequence[int]) -> Sequence[ResidentRow]:
    """Return some residents, in the order of their dwellings; without those that the caller may not see."""
    return list_residents_where(session, caller, Resident.id.in_(resident_ids), len(resident_ids))


def find_resident(session: Session, caller: Caller, resident_id: int) -> ResidentRow | None:
    """Return one resident; None where the caller may not see it."""
    rows = list_residents_where(session, caller, Resident.id == resident_id, 1)
    return rows[0] if rows else None


def list_residents_where(
    session: Session, caller: Caller, condition: ColumnElement[bool], limit: int
) -> Sequence[ResidentRow]:
    """Return the residents of today that meet a condition, in the order of buildings and dwellings."""
    today = present_day()
    visible = [row_filter.visible(caller, table) for table in (Resident, Household, Building)]
    rows = (
        select(
            Resident.id,
            Resident.subdistrict_id,
            Resident.household_id,
            Resident.name_initial,
            Resident.id_number_encrypted,
            Resident.phone_encrypted,
            func.coalesce(func.nullif(Building.name, ""), func.nullif(Building.address, ""), Building.code),
            Dwelling.number,
            Household.kind,
        )
        .join(Household, Household.id == Resident.household_id)
        .join(Building, Building.id == Household.building_id)
        .outerjoin(Dwelling, Dwelling.id == Household.dwelling_id)
        .where(condition, *visible, Resident.valid.contains(today), Household.valid.contains(today))
        .order_by(Building.name, Building.code, Dwelling.number, Resident.id)
        .limit(limit)
    )
    return [ResidentRow(*row) for row in session.execute(rows)]
