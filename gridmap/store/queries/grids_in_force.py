"""Grids in force on a day, with the figures that are true on it: joins through the land, nothing kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, Label, Select, Subquery, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import DutyKind, HouseholdKind
from gridmap.store.access import row_filter, scope_filter
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

GEOJSON_DECIMALS = 6
"""Decimals of a degree: 0.1 m, and the same for two grids that share a corner."""


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


def geojson_column(column: Any) -> Label[str]:
    """A geometry as GeoJSON text, rings turned as RFC 7946 wants them."""
    return func.ST_AsGeoJSON(func.ST_ForcePolygonCCW(column), GEOJSON_DECIMALS).label("shape")


def select_revisions(session: Session, caller: Caller, day: SubdistrictDay) -> Select[Any]:
    """Revisions in force, with the day each began to hold."""
    return (
        select(Revision, func.lower(Adoption.valid).label("since"))
        .join(Adoption, Adoption.revision_id == Revision.id)
        .where(Adoption.subdistrict_id == day.subdistrict_id, Adoption.valid.contains(day.date))
        .where(row_filter.visible(caller, Adoption), scope_filter.in_scope_communities(caller, Revision))
    )


def list_grids(
    session: Session, caller: Caller, day: SubdistrictDay, *conditions: ColumnElement[bool]
) -> Sequence[Any]:
    """Grids in force with their figures, in the order of their keys.

    Parameters
    ----------
    session : Session
    day : SubdistrictDay
    conditions : ColumnElement of bool
        Further conditions on `Grid`.

    Returns
    -------
    sequence of Row
        ``id``, ``code``, ``community_id``, ``name``, ``kind``, ``area_m2``, ``reason``, ``minimum``, ``maximum``,
        ``since``, ``shape`` (GeoJSON), ``select_buildings``, ``households``, ``low``, ``high``, ``estimated``, ``workers``
        (names of those in charge).
    """
    held = select_revisions(session, caller, day).subquery()
    living, roster = (
        _select_grid_totals(session, caller, day).subquery(),
        _select_workers_in_charge(session, caller, day).subquery(),
    )
    figures = [func.coalesce(living.c[name], 0).label(name) for name in ("buildings", "households", "low", "high")]
    rows = (
        select(Grid.id, Grid.code, Grid.community_id, RevisionGrid.name, RevisionGrid.kind, RevisionGrid.area_m2)
        .add_columns(RevisionGrid.reason, held.c.minimum, held.c.maximum, held.c.since, *figures)
        .add_columns(func.coalesce(living.c.estimated, literal(False)).label("estimated"), roster.c.workers)
        .add_columns(geojson_column(RevisionGrid.geometry))
        .join(RevisionGrid, RevisionGrid.grid_id == Grid.id)
        .join(held, held.c.id == RevisionGrid.revision_id)
        .outerjoin(living, living.c.grid_id == Grid.id)
        .outerjoin(roster, roster.c.grid_id == Grid.id)
        .where(scope_filter.in_scope_communities(caller, Grid), scope_filter.in_scope_grids(caller, Grid), *conditions)
    )
    return session.execute(rows.order_by(Grid.id)).all()


def get_subdistrict_id(session: Session, caller: Caller, grid_id: int) -> int | None:
    """Subdistrict of a grid that the account works in."""
    mine = scope_filter.in_scope_communities(caller, Grid), scope_filter.in_scope_grids(caller, Grid)
    return session.scalar(select(Grid.subdistrict_id).where(Grid.id == grid_id, *mine))


def select_buildings(session: Session, caller: Caller, day: SubdistrictDay) -> Select[Any]:
    """Buildings that stand on the day, each with the grid in force it is in, or None."""
    held = select_revisions(session, caller, day).subquery()
    placed = (
        select(BuildingCell.building_id, Assignment.grid_id)
        .join(held, held.c.land_id == BuildingCell.land_id)
        .join(Assignment, (Assignment.revision_id == held.c.id) & (Assignment.cell_id == BuildingCell.cell_id))
        .where(row_filter.visible(caller, BuildingCell), row_filter.visible(caller, Assignment))
        .subquery()
    )
    return (
        select(Building.id, Building.community_id, placed.c.grid_id)
        .outerjoin(placed, placed.c.building_id == Building.id)
        .where(Building.subdistrict_id == day.subdistrict_id, Building.valid.contains(day.date))
        .where(scope_filter.in_scope_communities(caller, Building))
    )


def select_household_counts(
    session: Session, caller: Caller, day: SubdistrictDay, *conditions: ColumnElement[bool]
) -> Select[Any]:
    """The newest count of each building and kind of household up to the day."""
    return (
        select(HouseholdCount)
        .ext(postgresql.distinct_on(HouseholdCount.building_id, HouseholdCount.kind))
        .where(HouseholdCount.subdistrict_id == day.subdistrict_id, HouseholdCount.as_of <= day.date, *conditions)
        .where(row_filter.visible(caller, HouseholdCount))
        .order_by(HouseholdCount.building_id, HouseholdCount.kind, HouseholdCount.as_of.desc())
    )


def _select_grid_totals(session: Session, caller: Caller, day: SubdistrictDay) -> Select[Any]:
    """Buildings and households of each grid."""
    living_here = HouseholdCount.kind == HouseholdKind.RESIDENT
    standing, counted = (
        select_buildings(session, caller, day).subquery(),
        select_household_counts(session, caller, day, living_here).subquery(),
    )
    return (
        select(standing.c.grid_id, func.count().label("buildings"), *household_sums(counted))
        .outerjoin(counted, counted.c.building_id == standing.c.id)
        .group_by(standing.c.grid_id)
    )


def household_sums(counts: Subquery) -> list[Label[Any]]:
    """Households of many buildings, with the range that holds if some are estimated."""
    added = [func.coalesce(func.sum(counts.c[name]), 0).label(name) for name in ("households", "low", "high")]
    return [*added, func.coalesce(func.bool_or(counts.c.estimated), literal(False)).label("estimated")]


def _select_workers_in_charge(session: Session, caller: Caller, day: SubdistrictDay) -> Select[Any]:
    """Names of those in charge of each grid."""
    names = func.array_agg(func.distinct(Worker.name))
    rows: Any = (
        select(Duty.grid_id, names.label("workers"))
        .join(Worker, Worker.id == Duty.worker_id)
        .where(
            Duty.kind == DutyKind.OWN_GRID,
            Duty.in_charge,
            Duty.valid.contains(day.date),
            Worker.valid.contains(day.date),
        )
        .where(
            Duty.subdistrict_id == day.subdistrict_id,
            row_filter.visible(caller, Duty),
            row_filter.visible(caller, Worker),
        )
        .group_by(Duty.grid_id)
    )
    return cast("Select[Any]", rows)
