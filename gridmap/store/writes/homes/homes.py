"""Dwellings, households and residents written by hand; a row ends, and is never deleted."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ScalarSelect, Update, func, select, update
from sqlalchemy.dialects.postgresql import Range, insert
from sqlalchemy.orm import InstrumentedAttribute, Session, aliased

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import HouseholdKind, Occupancy, Residence
from gridmap.store.access import row_filter
from gridmap.store.queries.homes.doors import HomeBuilding
from gridmap.store.queries.homes.households import DwellingRow, HouseholdRow
from gridmap.store.schema import Dwelling, Household, Resident, Unit

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class HouseholdValues:
    """Occupancy and residence of a household; None where they are not known."""

    occupancy: Occupancy | None = None
    residence: Residence | None = None

    @property
    def kind(self) -> HouseholdKind:
        """Kind of the household: who lives elsewhere is registered here only."""
        is_elsewhere = self.residence is Residence.LIVES_ELSEWHERE
        return HouseholdKind.REGISTERED if is_elsewhere else HouseholdKind.RESIDENT


def ensure_units(session: Session, caller: Caller, building: HomeBuilding, names: Sequence[str]) -> Mapping[str, int]:
    """Insert the units of a building that are missing, and return the keys of all by name."""
    of_building = select(Unit.name, Unit.id).where(Unit.building_id == building.id, row_filter.visible(caller, Unit))
    known: dict[str, int] = {row.name: row.id for row in session.execute(of_building)}
    for name in names:
        if name not in known:
            unit = Unit(subdistrict_id=building.subdistrict_id, building_id=building.id, name=name)
            session.add(unit)
            session.flush()
            known[name] = unit.id
    return known


def insert_dwellings(
    session: Session, caller: Caller, building: HomeBuilding, doors: Sequence[Mapping[str, object]]
) -> int:
    """Insert dwellings of a building, except those that it has, and return the number of new ones."""
    keys = {"subdistrict_id": building.subdistrict_id, "building_id": building.id}
    count = select(func.count()).select_from(Dwelling)
    count = count.where(Dwelling.building_id == building.id, row_filter.visible(caller, Dwelling))
    before = session.scalars(count).one()
    session.execute(insert(Dwelling).values([{**keys, **door} for door in doors]).on_conflict_do_nothing())
    return session.scalars(count).one() - before


def change_dwelling(
    session: Session, caller: Caller, dwelling_id: int, *, number: str, floor: int | None, vacant: bool
) -> None:
    """Change number, floor and vacancy of a dwelling."""
    changed = update(Dwelling).where(Dwelling.id == dwelling_id, row_filter.visible(caller, Dwelling))
    _execute(session, changed.values(number=number, floor=floor, vacant=vacant))


def insert_household(session: Session, dwelling: DwellingRow, values: HouseholdValues, first: date, source: str) -> int:
    """Insert a household of a dwelling that lives there from a day on, and return the key."""
    household = Household(
        subdistrict_id=dwelling.subdistrict_id,
        building_id=dwelling.building_id,
        dwelling_id=dwelling.id,
        kind=values.kind,
        occupancy=values.occupancy,
        residence=values.residence,
        source=source,
        valid=Range(first, None),
    )
    session.add(household)
    session.flush()
    return household.id


def change_household(session: Session, caller: Caller, household_id: int, values: HouseholdValues) -> None:
    """Change how a household lives in its dwelling."""
    changed = {"kind": values.kind, "occupancy": values.occupancy, "residence": values.residence}
    _execute(session, _update_household(caller, household_id).values(**changed))


def set_dwelling(session: Session, caller: Caller, household_id: int, dwelling_id: int) -> None:
    """Set the dwelling of a household whose dwelling was not known."""
    _execute(session, _update_household(caller, household_id).values(dwelling_id=dwelling_id))


def end_household(session: Session, caller: Caller, household: HouseholdRow, last: date) -> None:
    """End a household and its members with a last day."""
    _execute(session, _update_household(caller, household.id).values(valid=Range(household.first, last + ONE_DAY)))
    members = update(Resident).where(Resident.household_id == household.id, row_filter.visible(caller, Resident))
    still_there = func.upper_inf(Resident.valid) | (func.upper(Resident.valid) > last + ONE_DAY)
    end = func.daterange(func.least(func.lower(Resident.valid), last), last + ONE_DAY)
    _execute(session, members.where(still_there).values(valid=end))


def insert_resident(
    session: Session, household: HouseholdRow, columns: Mapping[str, object], first: date, source: str
) -> None:
    """Insert a member of a household."""
    keys = {"subdistrict_id": household.subdistrict_id, "household_id": household.id}
    session.add(Resident(**keys, **columns, source=source, valid=Range(first, None)))
    session.flush()


def change_resident(session: Session, caller: Caller, resident_id: int, columns: Mapping[str, object]) -> None:
    """Change some columns of a resident."""
    _execute(session, _update_resident(caller, resident_id).values(**columns))


def copy_missing_values(session: Session, caller: Caller, kept_id: int, ended_id: int) -> None:
    """Give a resident the year of birth and the phone of another one, where it has none."""
    other = aliased(Resident)

    def of_other(column: InstrumentedAttribute[Any]) -> ScalarSelect[Any]:
        value = select(getattr(other, column.key)).where(other.id == ended_id)
        return value.scalar_subquery()

    columns = (Resident.birth_year, Resident.phone_encrypted, Resident.phone_index)
    values = {column.key: func.coalesce(column, of_other(column)) for column in columns[:1]}
    _execute(session, _update_resident(caller, kept_id).values(**values))
    phone = {column.key: of_other(column) for column in columns[1:]}
    _execute(session, _update_resident(caller, kept_id).where(Resident.phone_index.is_(None)).values(**phone))


def end_resident(session: Session, caller: Caller, resident_id: int, first: date, last: date) -> None:
    """End the membership of a resident with a last day."""
    _execute(session, _update_resident(caller, resident_id).values(valid=Range(first, last + ONE_DAY)))


def _update_household(caller: Caller, household_id: int) -> Update:
    return update(Household).where(Household.id == household_id, row_filter.visible(caller, Household))


def _update_resident(caller: Caller, resident_id: int) -> Update:
    return update(Resident).where(Resident.id == resident_id, row_filter.visible(caller, Resident))


def _execute(session: Session, statement: Update) -> None:
    """Update rows in the database; what the session has read of them before is read again."""
    session.execute(statement, execution_options={"synchronize_session": False})
    session.expire_all()
