"""Links of residents, households, dwellings and buildings: how many miss the next one, and which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Select, exists, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import display_name_column, present_day
from gridmap.store.schema import Building, Dwelling, Household, Resident

ONE_DAY = timedelta(days=1)


class LinkTally(NamedTuple):
    """Number of rows, and of those that miss a link."""

    total: int
    missing: int


@dataclass(frozen=True)
class OrphanRow:
    """A row that misses a link, with words that say which; `last` is the last day of what it was linked to."""

    id: int
    building: str
    detail: str | None = None
    last: date | None = None


@dataclass(frozen=True)
class DuplicateRow:
    """Residents of today with the same identity number."""

    resident_ids: tuple[int, ...]


def tally_residents(session: Session, caller: Caller) -> LinkTally:
    """Return the residents of today, and those whose household has ended."""
    household_is_here = Household.valid.contains(present_day())
    return _tally(session, _residents(caller, func.count(), func.count().filter(~household_is_here)))


def tally_doors(session: Session, caller: Caller) -> LinkTally:
    """Return the households of today, and those whose dwelling is not known."""
    missing = func.count().filter(Household.dwelling_id.is_(None))
    return _tally(session, _households(caller, func.count(), missing))


def tally_households(session: Session, caller: Caller) -> LinkTally:
    """Return the households of today, and those whose building does not stand any more."""
    missing = func.count().filter(~Building.valid.contains(present_day()))
    return _tally(session, _households(caller, func.count(), missing))


def tally_dwellings(session: Session, caller: Caller) -> LinkTally:
    """Return the dwellings of standing buildings, and those without a household that nobody saw to be vacant."""
    return _tally(session, _dwellings(caller, func.count(), func.count().filter(_is_unrecorded(caller))))


def list_former_residents(session: Session, caller: Caller, limit: int) -> Sequence[OrphanRow]:
    """Return residents whose household has ended, with its last day and without names."""
    rows = _residents(caller, Resident.id, display_name_column(), Household.valid)
    rows = rows.where(~Household.valid.contains(present_day())).order_by(Resident.id).limit(limit)
    return [OrphanRow(key, name, None, _last(valid)) for key, name, valid in session.execute(rows)]


def list_doorless_households(session: Session, caller: Caller, limit: int) -> Sequence[OrphanRow]:
    """Return households whose dwelling is not known."""
    rows = _households(caller, Household.id, display_name_column())
    rows = rows.where(Household.dwelling_id.is_(None), Building.valid.contains(present_day()))
    return [OrphanRow(*row) for row in session.execute(rows.order_by(Building.code, Household.id).limit(limit))]


def list_homeless_households(session: Session, caller: Caller, limit: int) -> Sequence[OrphanRow]:
    """Return households whose building does not stand any more, with its last day."""
    rows = _households(caller, Household.id, display_name_column(), Building.valid)
    rows = rows.where(~Building.valid.contains(present_day())).order_by(Household.id).limit(limit)
    return [OrphanRow(key, name, None, _last(valid)) for key, name, valid in session.execute(rows)]


def list_unrecorded_dwellings(session: Session, caller: Caller, limit: int) -> Sequence[OrphanRow]:
    """Return dwellings without a household that nobody saw to be vacant."""
    rows = _dwellings(caller, Dwelling.id, display_name_column(), Dwelling.number).where(_is_unrecorded(caller))
    return [OrphanRow(*row) for row in session.execute(rows.order_by(Building.code, Dwelling.id).limit(limit))]


def list_duplicates(session: Session, caller: Caller, limit: int) -> Sequence[DuplicateRow]:
    """Return residents of today that have the same identity number as another one of the caller's buildings."""
    today = present_day()
    rows = (
        select(func.array_agg(Resident.id))
        .where(Resident.id_number_index.isnot(None), Resident.valid.contains(today))
        .where(row_filter.visible(caller, Resident))
        .group_by(Resident.id_number_index)
        .having(func.count() > 1)
        .order_by(func.min(Resident.id))
        .limit(limit)
    )
    return [DuplicateRow(tuple(sorted(ids))) for (ids,) in session.execute(rows)]


def have_same_number(session: Session, caller: Caller, first_id: int, second_id: int) -> bool:
    """Return whether two residents of the caller's buildings have the same identity number."""
    rows = select(func.count(func.distinct(Resident.id_number_index)), func.count(Resident.id_number_index)).where(
        Resident.id.in_((first_id, second_id)), row_filter.visible(caller, Resident)
    )
    return tuple(session.execute(rows).one()) == (1, 2)


def find_household_of_former(session: Session, caller: Caller, resident_id: int) -> int | None:
    """Return the household of a resident who may have left it; None where the caller does not see it."""
    rows = select(Resident.household_id).where(Resident.id == resident_id, row_filter.visible(caller, Resident))
    return session.scalar(rows)


def list_ended_residents(session: Session, caller: Caller, resident_ids: Sequence[int]) -> Sequence[OrphanRow]:
    """Return records that have ended among some, without names: building, dwelling and last day."""
    tables = Resident, Household, Building
    rows = (
        select(Resident.id, display_name_column(), Dwelling.number, Resident.valid)
        .join(Household, Household.id == Resident.household_id)
        .join(Building, Building.id == Household.building_id)
        .outerjoin(Dwelling, (Dwelling.id == Household.dwelling_id) & row_filter.visible(caller, Dwelling))
        .where(Resident.id.in_(resident_ids), *(row_filter.visible(caller, table) for table in tables))
    )
    return [OrphanRow(key, name, number, _last(valid)) for key, name, number, valid in session.execute(rows)]


def _residents(caller: Caller, *columns: Any) -> Select[Any]:
    visible = row_filter.visible(caller, Resident), row_filter.visible(caller, Household)
    rows = select(*columns).select_from(Resident).join(Household, Household.id == Resident.household_id)
    rows = rows.join(Building, Building.id == Household.building_id)
    return rows.where(Resident.valid.contains(present_day()), *visible, row_filter.visible(caller, Building))


def _households(caller: Caller, *columns: Any) -> Select[Any]:
    rows = select(*columns).select_from(Household).join(Building, Building.id == Household.building_id)
    visible = row_filter.visible(caller, Household), row_filter.visible(caller, Building)
    return rows.where(Household.valid.contains(present_day()), *visible)


def _dwellings(caller: Caller, *columns: Any) -> Select[Any]:
    rows = select(*columns).select_from(Dwelling).join(Building, Building.id == Dwelling.building_id)
    visible = row_filter.visible(caller, Dwelling), row_filter.visible(caller, Building)
    return rows.where(Building.valid.contains(present_day()), *visible)


def _is_unrecorded(caller: Caller) -> ColumnElement[bool]:
    household = exists().where(Household.dwelling_id == Dwelling.id, Household.valid.contains(present_day()))
    return ~Dwelling.vacant & ~household.where(row_filter.visible(caller, Household))


def _tally(session: Session, rows: Select[Any]) -> LinkTally:
    return LinkTally(*session.execute(rows).one())


def _last(valid: Any) -> date | None:
    return valid.upper - ONE_DAY if valid.upper else None
