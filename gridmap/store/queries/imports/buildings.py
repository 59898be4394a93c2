"""Buildings that a sheet is compared with: their attributes, dwellings and households."""

from collections.abc import Sequence
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import distinct_on
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.text_comparison import fold_text
from gridmap.core.vocabulary import HouseholdKind
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import present_day
from gridmap.store.schema import Building, Dwelling, Estate, Household, HouseholdCount


class StoredBuilding(NamedTuple):
    """A building that stands, with what a sheet can say of it."""

    id: int
    community_id: int
    estate: str | None
    building: str | None
    address: str | None
    use: str | None
    levels: float | None


class StatedCount(NamedTuple):
    """Households of a building by the newest count of a kind."""

    building_id: int
    kind: str
    households: int
    as_of: date


def list_buildings(session: Session, caller: Caller, subdistrict_id: int) -> dict[int, StoredBuilding]:
    """Return the standing buildings of a subdistrict that the caller sees, by key."""
    rows = (
        select(Building.id, Building.community_id, Estate.name, Building.name, Building.address)
        .add_columns(Building.use, Building.levels)
        .outerjoin(Estate, Estate.id == Building.estate_id)
        .where(Building.subdistrict_id == subdistrict_id, row_filter.visible(caller, Building))
        .where(Building.valid.contains(present_day()))
    )
    return {row[0]: StoredBuilding(*row) for row in session.execute(rows)}


def list_estates(session: Session, caller: Caller, subdistrict_id: int) -> dict[tuple[int, str], int]:
    """Return the keys of the estates of a subdistrict by community and folded name."""
    rows = select(Estate.id, Estate.community_id, Estate.name).where(
        Estate.subdistrict_id == subdistrict_id, row_filter.visible(caller, Estate)
    )
    return {(row.community_id, fold_text(row.name)): row.id for row in session.execute(rows)}


def count_homes(session: Session, caller: Caller, building_ids: Sequence[int]) -> dict[tuple[int, str], int]:
    """Count the dwellings, and the households of each kind today, of buildings that have any.

    Returns
    -------
    dict
        By building and kind; dwellings by ``dwelling``.
    """
    dwellings = (
        select(Dwelling.building_id, func.count())
        .where(Dwelling.building_id.in_(building_ids), row_filter.visible(caller, Dwelling))
        .group_by(Dwelling.building_id)
    )
    households = (
        select(Household.building_id, Household.kind, func.count())
        .where(Household.building_id.in_(building_ids), row_filter.visible(caller, Household))
        .where(Household.valid.contains(present_day()))
        .group_by(Household.building_id, Household.kind)
    )
    found = {(row[0], HouseholdKind.DWELLING.value): row[1] for row in session.execute(dwellings)}
    return {**found, **{(row[0], row[1]): row[2] for row in session.execute(households)}}


def list_newest_counts(session: Session, caller: Caller, building_ids: Sequence[int]) -> list[StatedCount]:
    """Return the newest count of each kind of buildings, without estimates."""
    count = HouseholdCount
    rows = (
        select(count.building_id, count.kind, count.households, count.as_of)
        .where(count.building_id.in_(building_ids), ~count.estimated, row_filter.visible(caller, count))
        .ext(distinct_on(count.building_id, count.kind))
        .order_by(count.building_id, count.kind, count.as_of.desc())
    )
    return [StatedCount(*row) for row in session.execute(rows)]
