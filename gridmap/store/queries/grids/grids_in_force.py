"""Grids in force on a date with the figures of that date; the joins run through the land, and no result is stored."""

from collections.abc import Mapping, Sequence
from dataclasses import astuple, dataclass, field
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import ColumnElement, Label, Select, Subquery, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import Message
from gridmap.core.vocabulary import DutyKind, GridKind, HouseholdKind
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.join_method import hash_joins
from gridmap.store.message_json import message_from_json
from gridmap.store.queries.columns import AnyRow, AnySelect, outline_column
from gridmap.store.queries.grids.day_cache import DayFigure, load_cached
from gridmap.store.schema import (
    Adoption,
    Assignment,
    Building,
    BuildingCell,
    Duty,
    Grid,
    HouseholdCount,
    Revision,
    RevisionGrid,
    Worker,
)


@dataclass(frozen=True)
class SubdistrictDay:
    """A subdistrict on a day.

    Parameters
    ----------
    subdistrict_id : int
        The subdistrict.
    date : date
    """

    subdistrict_id: int
    date: date


class CountBasis(NamedTuple):
    """Counts that figures rest on: the newest ones up to a day, of one kind of household."""

    on: date
    household_kind: HouseholdKind = HouseholdKind.RESIDENT


@dataclass(frozen=True)
class HouseholdTotals:
    """Sum of households of many buildings; `low` and `high` are the range that holds if some are estimated."""

    households: int
    low: float
    high: float
    estimated: bool


@dataclass(frozen=True)
class GridInForceRow:
    """A grid in force with the figures of a day; `shape` is GeoJSON.

    `counted_buildings` have a count of the households living there.
    """

    id: int
    code: str
    community_id: int
    name: str | None
    kind: GridKind
    area_m2: float
    reason: Message | None
    extent: Message | None
    revision_id: int
    since: date
    buildings: int
    counted_buildings: int
    households: HouseholdTotals
    shape: str = field(repr=False)


def list_grids(session: Session, caller: Caller, day: SubdistrictDay) -> Sequence[GridInForceRow]:
    """Return the grids in force in which the caller works, in the order of their keys."""

    def load() -> Sequence[GridInForceRow]:
        with hash_joins(session):
            return tuple(_grid_row(row) for row in session.execute(_select_grids(caller, day).order_by(Grid.id)))

    return load_cached(session, caller, DayFigure("grids", *astuple(day)), load)


def find_grid(session: Session, caller: Caller, day: SubdistrictDay, grid_id: int) -> GridInForceRow | None:
    """Return one grid, or None where it is not in force on the day or the caller does not work in it."""
    row = session.execute(_select_grids(caller, day).where(Grid.id == grid_id)).first()
    return None if row is None else _grid_row(row)


def count_households_by_grid(
    session: Session, caller: Caller, day: SubdistrictDay, kind: HouseholdKind
) -> Mapping[int, int]:
    """Return the households of a kind in each grid in force, without grids where no building has a count of it."""
    buildings = select_buildings(caller, day).subquery()
    counts = select_household_counts(caller, day, HouseholdCount.kind == kind).subquery()
    rows = (
        select(buildings.c.grid_id, func.sum(counts.c.households).label("households"))
        .join(counts, counts.c.building_id == buildings.c.id)
        .where(buildings.c.grid_id.is_not(None))
        .group_by(buildings.c.grid_id)
    )

    def load() -> Mapping[int, int]:
        with hash_joins(session):
            return {row.grid_id: int(row.households) for row in session.execute(rows)}

    return load_cached(session, caller, DayFigure(("households", kind.value), *astuple(day)), load)


def list_workers(session: Session, caller: Caller, day: SubdistrictDay) -> Mapping[int, tuple[str, ...]]:
    """Return the names of the workers in charge of each grid that has any."""
    return {row.grid_id: tuple(row.workers) for row in session.execute(_select_workers_in_charge(caller, day))}


def find_subdistrict_id(session: Session, caller: Caller, grid_id: int) -> int | None:
    """Return the subdistrict of a grid in which the caller works, or None."""
    in_scope = scope_filter.in_scope_communities(caller, Grid), scope_filter.in_scope_grids(caller, Grid)
    return session.scalar(select(Grid.subdistrict_id).where(Grid.id == grid_id, *in_scope))


def select_revisions(caller: Caller, day: SubdistrictDay) -> Select[Revision, date]:
    """Select the revisions in force, with the first day of each as ``since``."""
    return (
        select(Revision, func.lower(Adoption.valid).label("since"))
        .join(Adoption, Adoption.revision_id == Revision.id)
        .where(Adoption.subdistrict_id == day.subdistrict_id, Adoption.valid.contains(day.date))
        .where(row_filter.visible(caller, Adoption), scope_filter.in_scope_communities(caller, Revision))
    )


def select_building_grids(caller: Caller, day: SubdistrictDay) -> Subquery:
    """Select ``building_id``, ``grid_id`` and ``community_id`` of the buildings in a grid in force on the day.

    The community is that of the plan: on days before a boundary was mended, that of the time.
    """
    in_force = select_revisions(caller, day).subquery()
    return (
        select(BuildingCell.building_id, Assignment.grid_id, in_force.c.community_id)
        .join(in_force, in_force.c.land_id == BuildingCell.land_id)
        .join(Assignment, (Assignment.revision_id == in_force.c.id) & (Assignment.cell_id == BuildingCell.cell_id))
        .where(BuildingCell.subdistrict_id == day.subdistrict_id, Assignment.subdistrict_id == day.subdistrict_id)
        .where(row_filter.visible(caller, BuildingCell), row_filter.visible(caller, Assignment))
        .subquery()
    )


def select_buildings(caller: Caller, day: SubdistrictDay) -> Select[int, int, int | None]:
    """Select ``id`` and ``community_id`` of the buildings of the day, with ``grid_id``: the grid in force, or None."""
    located = select_building_grids(caller, day)
    community_id = func.coalesce(located.c.community_id, Building.community_id)
    return (
        select(Building.id, community_id.label("community_id"), located.c.grid_id)
        .outerjoin(located, located.c.building_id == Building.id)
        .where(Building.subdistrict_id == day.subdistrict_id, Building.valid.contains(day.date))
        .where(row_filter.visible(caller, Building), scope_filter.is_in_scope(caller, community_id))
    )


def select_household_counts(
    caller: Caller, day: SubdistrictDay, *conditions: ColumnElement[bool]
) -> Select[HouseholdCount]:
    """Select the newest count up to the day of each building and kind of household."""
    return (
        select(HouseholdCount)
        .ext(postgresql.distinct_on(HouseholdCount.building_id, HouseholdCount.kind))
        .where(HouseholdCount.subdistrict_id == day.subdistrict_id, HouseholdCount.as_of <= day.date, *conditions)
        .where(row_filter.visible(caller, HouseholdCount))
        .order_by(HouseholdCount.building_id, HouseholdCount.kind, HouseholdCount.as_of.desc())
    )


def select_resident_household_counts(caller: Caller, day: SubdistrictDay) -> Select[HouseholdCount]:
    """Select the newest count up to the day of the households that live in each building."""
    return select_household_counts(caller, day, HouseholdCount.kind == HouseholdKind.RESIDENT)


def household_sums(counts: Subquery) -> list[Label[Any]]:
    """Return the columns of `HouseholdTotals` for the counts of many buildings."""
    sums = [func.coalesce(func.sum(counts.c[name]), 0).label(name) for name in ("households", "low", "high")]
    return [*sums, func.coalesce(func.bool_or(counts.c.estimated), literal(False)).label("estimated")]


def household_totals(row: AnyRow) -> HouseholdTotals:
    """Return the totals of a row with the columns of `household_sums`."""
    return HouseholdTotals(int(row.households), float(row.low), float(row.high), row.estimated)


def _select_grids(caller: Caller, day: SubdistrictDay) -> AnySelect:
    """Select the columns of `GridInForceRow`."""
    in_force = select_revisions(caller, day).subquery()
    totals = _select_grid_totals(caller, day).subquery()
    names = ("buildings", "counted_buildings", "households", "low", "high")
    figures = [func.coalesce(totals.c[name], 0).label(name) for name in names]
    return (
        select(Grid.id, Grid.code, Grid.community_id, RevisionGrid.name, RevisionGrid.kind, RevisionGrid.area_m2)
        .add_columns(RevisionGrid.reason, RevisionGrid.extent, outline_column())
        .add_columns(in_force.c.id.label("revision_id"), in_force.c.since, *figures)
        .add_columns(func.coalesce(totals.c.estimated, literal(False)).label("estimated"))
        .join(RevisionGrid, RevisionGrid.grid_id == Grid.id)
        .join(in_force, in_force.c.id == RevisionGrid.revision_id)
        .outerjoin(totals, totals.c.grid_id == Grid.id)
        .where(scope_filter.in_scope_communities(caller, Grid), scope_filter.in_scope_grids(caller, Grid))
    )


def _select_grid_totals(caller: Caller, day: SubdistrictDay) -> AnySelect:
    """Select the buildings and households of each grid."""
    buildings = select_buildings(caller, day).subquery()
    counts = select_resident_household_counts(caller, day).subquery()
    return (
        select(buildings.c.grid_id, func.count().label("buildings"), *household_sums(counts))
        .add_columns(func.count(counts.c.id).label("counted_buildings"))
        .outerjoin(counts, counts.c.building_id == buildings.c.id)
        .group_by(buildings.c.grid_id)
    )


def _select_workers_in_charge(caller: Caller, day: SubdistrictDay) -> AnySelect:
    """Select the names of the workers in charge of each grid."""
    is_own_grid = Duty.kind == DutyKind.OWN_GRID
    names = func.array_agg(func.distinct(Worker.name)).label("workers")
    return (
        select(Duty.grid_id, names)
        .join(Worker, Worker.id == Duty.worker_id)
        .where(is_own_grid, Duty.in_charge, Duty.valid.contains(day.date), Worker.valid.contains(day.date))
        .where(Duty.subdistrict_id == day.subdistrict_id)
        .where(row_filter.visible(caller, Duty), row_filter.visible(caller, Worker))
        .group_by(Duty.grid_id)
    )


def _grid_row(row: AnyRow) -> GridInForceRow:
    return GridInForceRow(
        id=row.id,
        code=row.code,
        community_id=row.community_id,
        name=row.name,
        kind=GridKind(row.kind),
        area_m2=row.area_m2,
        reason=message_from_json(row.reason) if row.reason else None,
        extent=message_from_json(row.extent) if row.extent else None,
        revision_id=row.revision_id,
        since=row.since,
        buildings=row.buildings,
        counted_buildings=row.counted_buildings,
        households=household_totals(row),
        shape=row.shape,
    )
