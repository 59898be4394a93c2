"""Grids in force on a day, with the figures that are true on it: joins through the land, nothing kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, cast

from sqlalchemy import ColumnElement, Label, Select, Subquery, func, literal, select
from sqlalchemy.dialects import postgresql
from sqlalchemy.orm import Session

from gridmap.core.names import HouseholdKind, Line
from gridmap.store import access, extent
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

DIGITS = 6
"""Decimals of a degree: 0.1 m, and the same for two grids that share a corner."""


@dataclass(frozen=True)
class Day:
    """A subdistrict on a day.

    Parameters
    ----------
    home : int
        The subdistrict.
    on : date
    """

    home: int
    on: date


def geojson(column: Any) -> Label[str]:
    """A geometry as GeoJSON text, rings turned as RFC 7946 wants them."""
    return func.ST_AsGeoJSON(func.ST_ForcePolygonCCW(column), DIGITS).label("shape")


def revisions(session: Session, day: Day) -> Select[Any]:
    """Revisions in force, with the day each began to hold."""
    return (
        select(Revision, func.lower(Adoption.valid).label("since"))
        .join(Adoption, Adoption.revision_id == Revision.id)
        .where(Adoption.subdistrict_id == day.home, Adoption.valid.contains(day.on))
        .where(access.only(session, Adoption), extent.communities(session, Revision))
    )


def grids(session: Session, day: Day, *wanted: ColumnElement[bool]) -> Sequence[Any]:
    """Grids in force with their figures, in the order of their keys.

    Parameters
    ----------
    session : Session
    day : Day
    wanted : ColumnElement of bool
        Further conditions on `Grid`.

    Returns
    -------
    sequence of Row
        ``id``, ``code``, ``community_id``, ``name``, ``kind``, ``area_m2``, ``reason``, ``minimum``, ``maximum``,
        ``since``, ``shape`` (GeoJSON), ``buildings``, ``households``, ``low``, ``high``, ``estimated``, ``workers``
        (names of those in charge).
    """
    held = revisions(session, day).subquery()
    living, roster = _living(session, day).subquery(), _roster(session, day).subquery()
    figures = [func.coalesce(living.c[name], 0).label(name) for name in ("buildings", "households", "low", "high")]
    rows = (
        select(Grid.id, Grid.code, Grid.community_id, RevisionGrid.name, RevisionGrid.kind, RevisionGrid.area_m2)
        .add_columns(RevisionGrid.reason, held.c.minimum, held.c.maximum, held.c.since, *figures)
        .add_columns(func.coalesce(living.c.estimated, literal(False)).label("estimated"), roster.c.workers)
        .add_columns(geojson(RevisionGrid.geometry))
        .join(RevisionGrid, RevisionGrid.grid_id == Grid.id)
        .join(held, held.c.id == RevisionGrid.revision_id)
        .outerjoin(living, living.c.grid_id == Grid.id)
        .outerjoin(roster, roster.c.grid_id == Grid.id)
        .where(extent.communities(session, Grid), extent.grids(session, Grid), *wanted)
    )
    return session.execute(rows.order_by(Grid.id)).all()


def home_of(session: Session, grid: int) -> int | None:
    """Subdistrict of a grid that the account works in."""
    mine = extent.communities(session, Grid), extent.grids(session, Grid)
    return session.scalar(select(Grid.subdistrict_id).where(Grid.id == grid, *mine))


def buildings(session: Session, day: Day) -> Select[Any]:
    """Buildings that stand on the day, each with the grid in force it is in, or None."""
    held = revisions(session, day).subquery()
    placed = (
        select(BuildingCell.building_id, Assignment.grid_id)
        .join(held, held.c.land_id == BuildingCell.land_id)
        .join(Assignment, (Assignment.revision_id == held.c.id) & (Assignment.cell_id == BuildingCell.cell_id))
        .where(access.only(session, BuildingCell), access.only(session, Assignment))
        .subquery()
    )
    return (
        select(Building.id, Building.community_id, placed.c.grid_id)
        .outerjoin(placed, placed.c.building_id == Building.id)
        .where(Building.subdistrict_id == day.home, Building.valid.contains(day.on))
        .where(extent.communities(session, Building))
    )


def counts(session: Session, day: Day, *wanted: ColumnElement[bool]) -> Select[Any]:
    """The newest count of each building and kind of household up to the day."""
    return (
        select(HouseholdCount)
        .ext(postgresql.distinct_on(HouseholdCount.building_id, HouseholdCount.kind))
        .where(HouseholdCount.subdistrict_id == day.home, HouseholdCount.as_of <= day.on, *wanted)
        .where(access.only(session, HouseholdCount))
        .order_by(HouseholdCount.building_id, HouseholdCount.kind, HouseholdCount.as_of.desc())
    )


def _living(session: Session, day: Day) -> Select[Any]:
    """Buildings and households of each grid."""
    living_here = HouseholdCount.kind == HouseholdKind.RESIDENT
    standing, counted = buildings(session, day).subquery(), counts(session, day, living_here).subquery()
    return (
        select(standing.c.grid_id, func.count().label("buildings"), *sums(counted))
        .outerjoin(counted, counted.c.building_id == standing.c.id)
        .group_by(standing.c.grid_id)
    )


def sums(counted: Subquery) -> list[Label[Any]]:
    """Households of many buildings, with the range that holds if some are estimated."""
    added = [func.coalesce(func.sum(counted.c[name]), 0).label(name) for name in ("households", "low", "high")]
    return [*added, func.coalesce(func.bool_or(counted.c.estimated), literal(False)).label("estimated")]


def _roster(session: Session, day: Day) -> Select[Any]:
    """Names of those in charge of each grid."""
    names = func.array_agg(func.distinct(Worker.name))
    rows: Any = (
        select(Duty.grid_id, names.label("workers"))
        .join(Worker, Worker.id == Duty.worker_id)
        .where(Duty.line == Line.OWN_GRID, Duty.in_charge, Duty.valid.contains(day.on), Worker.valid.contains(day.on))
        .where(Duty.subdistrict_id == day.home, access.only(session, Duty), access.only(session, Worker))
        .group_by(Duty.grid_id)
    )
    return cast("Select[Any]", rows)
