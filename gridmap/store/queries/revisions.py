"""Revisions as a planner looks at them: what each holds, when it was adopted, and which building it has where."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import HouseholdKind
from gridmap.store import locks
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries import grids_in_force, territory
from gridmap.store.queries.grids_in_force import SubdistrictDay, geojson_column
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


def get_community(session: Session, caller: Caller, community_id: int) -> Any | None:
    """``id``, ``code``, ``name``, ``subdistrict_id``, ``shape`` of a community that the account works in, or None."""
    return next(iter(territory.list_communities(session, caller, Community.id == community_id)), None)


def list_revisions(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> Sequence[Any]:
    """``Revision`` and ``plan`` (its name), the newest first, as far as the account works there."""
    rows = select(Revision, Plan.name.label("plan")).join(Plan, Plan.id == Revision.plan_id)
    rows = rows.where(scope_filter.in_scope_communities(caller, Revision), *conditions)
    return session.execute(rows.order_by(Revision.id.desc())).all()


def get_revision(session: Session, caller: Caller, revision_id: int) -> Any | None:
    """The same of one revision, or None where there is none for this account."""
    return next(iter(list_revisions(session, caller, Revision.id == revision_id)), None)


def latest_revision_id(session: Session, caller: Caller, community_id: int, *, lock: bool) -> int | None:
    """The newest revision of a community.

    Parameters
    ----------
    session : Session
    community_id : int
    lock : bool
        Whether nobody else may save one until this transaction ends.
    """
    if lock:
        locks.lock_revisions(session, community_id)
    mine = Revision.community_id == community_id, scope_filter.in_scope_communities(caller, Revision)
    return session.scalar(select(func.max(Revision.id)).where(*mine))


def count_grids_by_status(
    session: Session, caller: Caller, *conditions: ColumnElement[bool]
) -> Mapping[int, Mapping[str, int]]:
    """Grids of each revision by status as it was saved; dedicated ones under ``dedicated``."""
    status = func.coalesce(RevisionGrid.status, "dedicated").label("status")
    rows = (
        select(RevisionGrid.revision_id, status, func.count().label("grids"))
        .join(Revision, Revision.id == RevisionGrid.revision_id)
        .where(scope_filter.in_scope_communities(caller, Revision), *conditions)
        .group_by(RevisionGrid.revision_id, status)
    )
    found: dict[int, dict[str, int]] = {}
    for row in session.execute(rows):
        found.setdefault(row.revision_id, {})[row.status] = row.grids
    return found


def list_adoptions(session: Session, caller: Caller, *conditions: ColumnElement[bool]) -> Sequence[Adoption]:
    """Adoptions in the order of their days."""
    rows = select(Adoption).where(scope_filter.in_scope_communities(caller, Adoption), *conditions)
    return session.scalars(rows.order_by(func.lower(Adoption.valid))).all()


def get_planner_names(session: Session, subdistrict_id: int) -> Mapping[int, str]:
    """What those are called who made or approved plans of a subdistrict."""
    known = func.plan_authors(subdistrict_id).table_valued("account_id", "display_name")
    return {row.account_id: row.display_name for row in session.execute(select(known))}


def list_grids(session: Session, caller: Caller, revision_id: int) -> Sequence[Any]:
    """``RevisionGrid``, ``code`` and ``shape`` (GeoJSON) of the grids of a revision, by code."""
    rows = (
        select(RevisionGrid, Grid.code, geojson_column(RevisionGrid.geometry))
        .join(Grid, Grid.id == RevisionGrid.grid_id)
        .where(RevisionGrid.revision_id == revision_id, scope_filter.in_scope_communities(caller, Grid))
    )
    return session.execute(rows.order_by(Grid.code)).all()


def footprint_column() -> Any:
    """Column ``shape`` of buildings, as GeoJSON."""
    return geojson_column(Building.geometry)


def list_grid_codes(session: Session, caller: Caller, community_id: int) -> Sequence[str]:
    """Every code that grids of a community have ever had."""
    mine = Grid.community_id == community_id, scope_filter.in_scope_communities(caller, Grid)
    return session.scalars(select(Grid.code).where(*mine).order_by(Grid.code)).all()


def get_grid_codes_by_cell(session: Session, caller: Caller, revision_id: int) -> Mapping[int, str]:
    """Code of the grid of each cell."""
    rows = select(Assignment.cell_id, Grid.code).join(Grid, Grid.id == Assignment.grid_id)
    mine = rows.where(Assignment.revision_id == revision_id, row_filter.visible(caller, Assignment))
    return {row.cell_id: row.code for row in session.execute(mine)}


def list_buildings(
    session: Session, caller: Caller, revision: Revision, on: date, *extra_columns: ColumnElement[Any]
) -> Sequence[Any]:
    """Buildings that stand on a day, each with its newest count and the grid a revision has it in, by code.

    Parameters
    ----------
    session : Session
    revision : Revision
    on : date
    extra_columns : ColumnElement
        Further columns, of `Building`.

    Returns
    -------
    sequence of Row
        ``id``, ``code``, ``name``, ``address``, ``levels``, ``courtyard``, ``households``, ``grid_id``, ``grid``
        (its code), and what else was asked for.
    """
    that = SubdistrictDay(revision.subdistrict_id, on)
    counted = grids_in_force.select_household_counts(
        session, caller, that, HouseholdCount.kind == HouseholdKind.RESIDENT
    ).subquery()
    placed = Assignment.revision_id == revision.id, Assignment.cell_id == BuildingCell.cell_id
    rows = (
        select(Building.id, Building.code, Building.name, Building.address, Building.levels, *extra_columns)
        .add_columns(Courtyard.name.label("courtyard"), Grid.id.label("grid_id"), Grid.code.label("grid"))
        .add_columns(func.coalesce(counted.c.households, 0).label("households"))
        .join(BuildingCell, BuildingCell.building_id == Building.id)
        .join(Assignment, placed[0] & placed[1])
        .join(Grid, Grid.id == Assignment.grid_id)
        .outerjoin(Courtyard, Courtyard.id == Building.courtyard_id)
        .outerjoin(counted, counted.c.building_id == Building.id)
        .where(BuildingCell.land_id == revision.land_id, Building.valid.contains(on))
        .where(scope_filter.in_scope_communities(caller, Building))
    )
    return session.execute(rows.order_by(Building.code, Building.id)).all()
