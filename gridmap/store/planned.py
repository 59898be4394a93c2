"""Revisions as a planner looks at them: what each holds, when it was adopted, and which building it has where."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select, text
from sqlalchemy.orm import Session

from gridmap.core.names import HouseholdKind
from gridmap.store import access, extent, in_force, territory
from gridmap.store.in_force import Day, geojson
from gridmap.store.schema import (
    Adoption,
    Assignment,
    Building,
    BuildingCell,
    Community,
    Courtyard,
    Grid,
    HouseholdCount,
    Plan,
    Revision,
    RevisionGrid,
)


def community(session: Session, key: int) -> Any | None:
    """``id``, ``code``, ``name``, ``subdistrict_id``, ``shape`` of a community that the account works in, or None."""
    return next(iter(territory.communities(session, Community.id == key)), None)


def versions(session: Session, *wanted: ColumnElement[bool]) -> Sequence[Any]:
    """``Revision`` and ``plan`` (its name), the newest first, as far as the account works there."""
    rows = select(Revision, Plan.name.label("plan")).join(Plan, Plan.id == Revision.plan_id)
    rows = rows.where(extent.communities(session, Revision), *wanted)
    return session.execute(rows.order_by(Revision.id.desc())).all()


def version(session: Session, key: int) -> Any | None:
    """The same of one revision, or None where there is none for this account."""
    return next(iter(versions(session, Revision.id == key)), None)


def newest(session: Session, community: int, *, hold: bool) -> int | None:
    """The newest revision of a community.

    Parameters
    ----------
    session : Session
    community : int
    hold : bool
        Whether nobody else may save one until this transaction ends.
    """
    if hold:
        session.execute(text("SELECT pg_advisory_xact_lock(hashtext('planning'), :of)"), {"of": community % 2**31})
    mine = Revision.community_id == community, extent.communities(session, Revision)
    return session.scalar(select(func.max(Revision.id)).where(*mine))


def has_the_turn(session: Session, account: int | None) -> bool:
    """Whether no other transaction of the account has a division worked out; held until this one ends."""
    turn = text("SELECT pg_try_advisory_xact_lock(hashtext('partition'), :of)")
    return bool(session.scalar(turn, {"of": (account or 0) % 2**31}))


def tallies(session: Session, *wanted: ColumnElement[bool]) -> Mapping[int, Mapping[str, int]]:
    """Grids of each revision by status as it was saved; dedicated ones under ``dedicated``."""
    status = func.coalesce(RevisionGrid.status, "dedicated").label("status")
    rows = (
        select(RevisionGrid.revision_id, status, func.count().label("grids"))
        .join(Revision, Revision.id == RevisionGrid.revision_id)
        .where(extent.communities(session, Revision), *wanted)
        .group_by(RevisionGrid.revision_id, status)
    )
    found: dict[int, dict[str, int]] = {}
    for row in session.execute(rows):
        found.setdefault(row.revision_id, {})[row.status] = row.grids
    return found


def adoptions(session: Session, *wanted: ColumnElement[bool]) -> Sequence[Adoption]:
    """Adoptions in the order of their days."""
    rows = select(Adoption).where(extent.communities(session, Adoption), *wanted)
    return session.scalars(rows.order_by(func.lower(Adoption.valid))).all()


def names(session: Session, home: int) -> Mapping[int, str]:
    """What those are called who made or approved plans of a subdistrict."""
    known = func.planned_by(home).table_valued("account_id", "display_name")
    return {row.account_id: row.display_name for row in session.execute(select(known))}


def grids(session: Session, revision: int) -> Sequence[Any]:
    """``RevisionGrid``, ``code`` and ``shape`` (GeoJSON) of the grids of a revision, by code."""
    rows = (
        select(RevisionGrid, Grid.code, geojson(RevisionGrid.geometry))
        .join(Grid, Grid.id == RevisionGrid.grid_id)
        .where(RevisionGrid.revision_id == revision, extent.communities(session, Grid))
    )
    return session.execute(rows.order_by(Grid.code)).all()


def footprint() -> Any:
    """Column ``shape`` of buildings, as GeoJSON."""
    return geojson(Building.geometry)


def codes(session: Session, community: int) -> Sequence[str]:
    """Every code that grids of a community have ever had."""
    mine = Grid.community_id == community, extent.communities(session, Grid)
    return session.scalars(select(Grid.code).where(*mine).order_by(Grid.code)).all()


def code_of_cells(session: Session, revision: int) -> Mapping[int, str]:
    """Code of the grid of each cell."""
    rows = select(Assignment.cell_id, Grid.code).join(Grid, Grid.id == Assignment.grid_id)
    mine = rows.where(Assignment.revision_id == revision, access.only(session, Assignment))
    return {row.cell_id: row.code for row in session.execute(mine)}


def buildings(session: Session, revision: Revision, day: date, *shown: ColumnElement[Any]) -> Sequence[Any]:
    """Buildings that stand on a day, each with its newest count and the grid a revision has it in, by code.

    Parameters
    ----------
    session : Session
    revision : Revision
    day : date
    shown : ColumnElement
        Further columns, of `Building`.

    Returns
    -------
    sequence of Row
        ``id``, ``code``, ``name``, ``address``, ``levels``, ``courtyard``, ``households``, ``grid_id``, ``grid``
        (its code), and what else was asked for.
    """
    that = Day(revision.subdistrict_id, day)
    counted = in_force.counts(session, that, HouseholdCount.kind == HouseholdKind.RESIDENT).subquery()
    placed = Assignment.revision_id == revision.id, Assignment.cell_id == BuildingCell.cell_id
    rows = (
        select(Building.id, Building.code, Building.name, Building.address, Building.levels, *shown)
        .add_columns(Courtyard.name.label("courtyard"), Grid.id.label("grid_id"), Grid.code.label("grid"))
        .add_columns(func.coalesce(counted.c.households, 0).label("households"))
        .join(BuildingCell, BuildingCell.building_id == Building.id)
        .join(Assignment, placed[0] & placed[1])
        .join(Grid, Grid.id == Assignment.grid_id)
        .outerjoin(Courtyard, Courtyard.id == Building.courtyard_id)
        .outerjoin(counted, counted.c.building_id == Building.id)
        .where(BuildingCell.land_id == revision.land_id, Building.valid.contains(day))
        .where(extent.communities(session, Building))
    )
    return session.execute(rows.order_by(Building.code, Building.id)).all()
