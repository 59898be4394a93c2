"""Estates, courtyards and resident groups in the grids of a revision, with their households in each."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, literal, select, union_all
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import GroupKind
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import AnySelect
from gridmap.store.queries.grids.grids_in_force import CountBasis
from gridmap.store.queries.plans.revision_contents import select_buildings
from gridmap.store.queries.plans.revisions import RevisionRow
from gridmap.store.schema import Building, Courtyard, Estate, ResidentGroup


@dataclass(frozen=True)
class GroupPartRow:
    """Households of a group of buildings in one grid of a revision."""

    kind: GroupKind
    group_id: int
    name: str
    grid: str
    households: int


def list_group_parts(
    session: Session, caller: Caller, revision: RevisionRow, basis: CountBasis
) -> Sequence[GroupPartRow]:
    """Return the households of each estate, courtyard and resident group in each grid of a revision.

    Parameters
    ----------
    session : Session
    caller : Caller
    revision : RevisionRow
    basis : CountBasis
        Buildings of the day with their newest count; those without households are left out.

    Returns
    -------
    sequence of GroupPartRow
        By kind, name and grid. A building is in the resident group whose extent holds a point within it.
    """
    parts = union_all(
        _select_estates(caller, revision, basis),
        _select_courtyards(caller, revision, basis),
        _select_resident_groups(caller, revision, basis),
    ).subquery()
    rows = (
        select(parts.c.kind, parts.c.id, parts.c.name, parts.c.grid, func.sum(parts.c.households))
        .where(parts.c.households > 0)
        .group_by(parts.c.kind, parts.c.id, parts.c.name, parts.c.grid)
        .order_by(parts.c.kind, parts.c.name, parts.c.id, parts.c.grid)
    )
    return [
        GroupPartRow(GroupKind(kind), key, name, grid, int(households))
        for kind, key, name, grid, households in session.execute(rows)
    ]


def _select_estates(caller: Caller, revision: RevisionRow, basis: CountBasis) -> AnySelect:
    buildings = select_buildings(caller, revision, basis).add_columns(Building.estate_id).subquery()
    return (
        select(literal(GroupKind.ESTATE.value).label("kind"), Estate.id, Estate.name)
        .add_columns(buildings.c.grid, buildings.c.households)
        .join(buildings, buildings.c.estate_id == Estate.id)
        .where(row_filter.visible(caller, Estate))
    )


def _select_courtyards(caller: Caller, revision: RevisionRow, basis: CountBasis) -> AnySelect:
    buildings = select_buildings(caller, revision, basis).add_columns(Building.courtyard_id).subquery()
    return (
        select(literal(GroupKind.COURTYARD.value).label("kind"), Courtyard.id, buildings.c.courtyard.label("name"))
        .add_columns(buildings.c.grid, buildings.c.households)
        .join(buildings, buildings.c.courtyard_id == Courtyard.id)
        .where(row_filter.visible(caller, Courtyard))
    )


def _select_resident_groups(caller: Caller, revision: RevisionRow, basis: CountBasis) -> AnySelect:
    centre = func.ST_PointOnSurface(Building.geometry).label("centre")
    buildings = select_buildings(caller, revision, basis).add_columns(centre).subquery()
    return (
        select(literal(GroupKind.RESIDENT_GROUP.value).label("kind"), ResidentGroup.id, ResidentGroup.name)
        .add_columns(buildings.c.grid, buildings.c.households)
        .join(buildings, func.ST_Contains(ResidentGroup.geometry, buildings.c.centre))
        .where(ResidentGroup.community_id == revision.community_id, row_filter.visible(caller, ResidentGroup))
    )
