"""Norms of subdistricts and communities: those of a day, and the history of one place."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.norm import Norm, PersonRange
from gridmap.core.vocabulary import HouseholdKind
from gridmap.store.access import row_filter
from gridmap.store.queries.grids.day_cache import DayFigure, load_cached
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.schema import NormPeriod


class NormPlace(NamedTuple):
    """Place of a norm: a whole subdistrict, or one community of it."""

    subdistrict_id: int
    community_id: int | None = None


@dataclass(frozen=True)
class NormRow:
    """A norm that was entered.

    Parameters
    ----------
    id : int
    place : NormPlace
    norm : Norm
    source : str
        Document that it is taken from.
    source_date : date
        Date of the document.
    first : date
        First day on which it holds.
    end : date or None
        Day after the last one; None while no end is known.
    created_at : datetime
    created_by : int or None
        Account that entered it; None for a command.
    withdrawn_at : datetime or None
        When another entry took its place.
    withdrawn_by : int or None
    """

    id: int
    place: NormPlace
    norm: Norm
    source: str
    source_date: date
    first: date
    end: date | None
    created_at: datetime
    created_by: int | None
    withdrawn_at: datetime | None
    withdrawn_by: int | None


def list_norms_on(session: Session, caller: Caller, subdistrict_id: int, on: date) -> Sequence[NormRow]:
    """Return the norms of a subdistrict and its communities that hold on a day."""
    in_use = NormPeriod.subdistrict_id == subdistrict_id, NormPeriod.withdrawn_at.is_(None)
    return _list_norms(session, caller, *in_use, NormPeriod.valid.contains(on))


def list_norms_from(session: Session, caller: Caller, subdistrict_id: int, on: date) -> Sequence[NormRow]:
    """Return the norms of a subdistrict and its communities that begin after a day."""
    in_use = NormPeriod.subdistrict_id == subdistrict_id, NormPeriod.withdrawn_at.is_(None)
    return _list_norms(session, caller, *in_use, func.lower(NormPeriod.valid) > on)


def list_place_norms(session: Session, caller: Caller, place: NormPlace) -> Sequence[NormRow]:
    """Return every norm that was entered for one place, withdrawn ones too, in the order of their first days."""
    is_place = NormPeriod.subdistrict_id == place.subdistrict_id
    community = NormPeriod.community_id
    own = community.is_(None) if place.community_id is None else community == place.community_id
    return _list_norms(session, caller, is_place, own)


def find_norm(session: Session, caller: Caller, norm_id: int) -> NormRow | None:
    """Return one norm, or None where the caller does not see it."""
    rows = _list_norms(session, caller, NormPeriod.id == norm_id)
    return rows[0] if rows else None


def get_author_names(session: Session, subdistrict_id: int) -> Mapping[int, str]:
    """Return the names of the accounts that entered or withdrew norms of a subdistrict, by account."""
    authors = func.norm_authors(subdistrict_id).table_valued("account_id", "display_name")
    return {row.account_id: row.display_name for row in session.execute(select(authors))}


def count_judged_residents(
    session: Session, caller: Caller, day: SubdistrictDay, revision_ids: Sequence[int]
) -> Mapping[tuple[int, int], int | None]:
    """Return the residents by which a second range in persons is judged, by revision and grid.

    They are sums of statistical areas, the same for every role; None where no sum is disclosed.
    """
    columns = "revision_id", "grid_id", "residents"
    counts = func.judged_residents(day.subdistrict_id, day.date, list(revision_ids)).table_valued(*columns)
    session.execute(select(func.count_areas_of_month(day.subdistrict_id)))

    def load() -> Mapping[tuple[int, int], int | None]:
        return {(row.revision_id, row.grid_id): row.residents for row in session.execute(select(counts))}

    return load_cached(session, caller, DayFigure(("judged", *revision_ids), *astuple(day)), load)


def norm_row(row: NormPeriod) -> NormRow:
    """Return a norm as a value."""
    persons = (
        None
        if row.person_minimum is None or row.person_maximum is None
        else PersonRange(row.person_minimum, row.person_maximum)
    )
    kind, radius_m = HouseholdKind(row.household_kind), row.max_radius_m or 0
    assert row.valid.lower is not None, "a CHECK refuses periods without a first day"
    return NormRow(
        id=row.id,
        place=NormPlace(row.subdistrict_id, row.community_id),
        norm=Norm(row.minimum, row.maximum, row.target, kind, persons, radius_m),
        source=row.source,
        source_date=row.source_date,
        first=row.valid.lower,
        end=row.valid.upper,
        created_at=row.created_at,
        created_by=row.created_by,
        withdrawn_at=row.withdrawn_at,
        withdrawn_by=row.withdrawn_by,
    )


def _list_norms(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> list[NormRow]:
    rows = select(NormPeriod).where(*conditions, row_filter.visible(caller, NormPeriod))
    ordered = rows.order_by(func.lower(NormPeriod.valid), NormPeriod.id)
    return [norm_row(row) for row in session.scalars(ordered)]
