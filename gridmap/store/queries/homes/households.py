"""A dwelling with its households of today and before, and the version of a household."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import HouseholdKind, Occupancy, Residence
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import display_name_column, present_day
from gridmap.store.queries.journal.changes import list_record_changes
from gridmap.store.schema import Building, Dwelling, Household, Resident, Unit

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class DwellingRow:
    """A dwelling with the names of its unit and building."""

    id: int
    subdistrict_id: int
    building_id: int
    building: str
    unit: str | None
    number: str
    floor: int | None
    vacant: bool


@dataclass(frozen=True)
class HouseholdRow:
    """A household with its days, and the number of its members today; `last` is None while it lives there."""

    id: int
    subdistrict_id: int
    building_id: int
    dwelling_id: int | None
    kind: HouseholdKind
    occupancy: Occupancy | None
    residence: Residence | None
    source: str
    first: date
    last: date | None
    members: int


@dataclass(frozen=True)
class MemberKey:
    """A resident with the household and the days there, without anything personal."""

    id: int
    household_id: int
    subdistrict_id: int
    first: date
    last: date | None


def find_dwelling(session: Session, caller: Caller, dwelling_id: int) -> DwellingRow | None:
    """Return a dwelling of the caller's buildings, or None."""
    rows = (
        select(Dwelling.id, Dwelling.subdistrict_id, Dwelling.building_id, display_name_column(), Unit.name)
        .add_columns(Dwelling.number, Dwelling.floor, Dwelling.vacant)
        .join(Building, Building.id == Dwelling.building_id)
        .outerjoin(Unit, Unit.id == Dwelling.unit_id)
        .where(Dwelling.id == dwelling_id, row_filter.visible(caller, Dwelling), row_filter.visible(caller, Building))
    )
    row = session.execute(rows).first()
    return DwellingRow(*row) if row else None


def list_numbers(session: Session, caller: Caller, dwelling: DwellingRow) -> frozenset[tuple[str | None, str]]:
    """Return unit and number of the other dwellings of the building."""
    rows = select(Unit.name, Dwelling.number).outerjoin(Unit, Unit.id == Dwelling.unit_id)
    rows = rows.where(Dwelling.building_id == dwelling.building_id, Dwelling.id != dwelling.id)
    return frozenset((row[0], row[1]) for row in session.execute(rows.where(row_filter.visible(caller, Dwelling))))


def list_households(session: Session, caller: Caller, dwelling_id: int) -> Sequence[HouseholdRow]:
    """Return the households of a dwelling, past ones included, the latest first."""
    return _household_rows(session, caller, Household.dwelling_id == dwelling_id)


def list_doorless(session: Session, caller: Caller, building_id: int) -> Sequence[HouseholdRow]:
    """Return the present households of a building whose dwelling is not known."""
    conditions = Household.building_id == building_id, Household.dwelling_id.is_(None)
    return _household_rows(session, caller, *conditions, Household.valid.contains(present_day()))


def find_household(session: Session, caller: Caller, household_id: int) -> HouseholdRow | None:
    """Return a household of the caller's buildings, or None."""
    rows = _household_rows(session, caller, Household.id == household_id)
    return rows[0] if rows else None


def list_member_keys(session: Session, caller: Caller, household_id: int) -> Sequence[MemberKey]:
    """Return the residents of a household, past ones included."""
    return _member_keys(session, caller, Resident.household_id == household_id)


def find_member(session: Session, caller: Caller, resident_id: int) -> MemberKey | None:
    """Return a resident of the caller's buildings who has not left, or None."""
    rows = _member_keys(session, caller, Resident.id == resident_id, Resident.valid.contains(present_day()))
    return rows[0] if rows else None


def household_version(
    session: Session, household_id: int, resident_ids: Sequence[int], membership_ids: Sequence[int]
) -> int:
    """Return the version of a household: the latest change of it, its members and their service groups.

    It is 0 before the journal.
    """
    changes = [
        *list_record_changes(session, "household", [household_id]),
        *list_record_changes(session, "resident", resident_ids),
        *list_record_changes(session, "service_group_member", membership_ids),
    ]
    return max((each.origin.change_set_id for each in changes), default=0)


def _household_rows(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> Sequence[HouseholdRow]:
    members = (
        select(func.count())
        .select_from(Resident)
        .where(Resident.household_id == Household.id, Resident.valid.contains(present_day()))
        .where(row_filter.visible(caller, Resident))
        .scalar_subquery()
    )
    rows = (
        select(Household, members)
        .where(*conditions, row_filter.visible(caller, Household))
        .order_by(func.lower(Household.valid).desc(), Household.id.desc())
    )
    return [_household_row(row, count) for row, count in session.execute(rows)]


def _household_row(row: Household, members: int) -> HouseholdRow:
    first, end = row.valid.lower, row.valid.upper
    return HouseholdRow(
        row.id,
        row.subdistrict_id,
        row.building_id,
        row.dwelling_id,
        HouseholdKind(row.kind),
        Occupancy(row.occupancy) if row.occupancy else None,
        Residence(row.residence) if row.residence else None,
        row.source,
        first,
        end - ONE_DAY if end else None,
        members,
    )


def _member_keys(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> Sequence[MemberKey]:
    rows = select(Resident.id, Resident.household_id, Resident.subdistrict_id, Resident.valid)
    rows = rows.where(*conditions, row_filter.visible(caller, Resident)).order_by(Resident.id)
    return [
        MemberKey(row[0], row[1], row[2], row[3].lower, row[3].upper - ONE_DAY if row[3].upper else None)
        for row in session.execute(rows)
    ]
