"""Counts of buildings, facilities, organisations and shops, and of those linked to a grid in force."""

from collections.abc import Mapping
from dataclasses import astuple
from typing import NamedTuple

from sqlalchemy import ColumnElement, Subquery, func, or_, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import HouseholdKind
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.join_method import hash_joins
from gridmap.store.queries.columns import AnySelect
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids.day_cache import DayFigure, load_cached
from gridmap.store.queries.grids.grids_in_force import HouseholdTotals, SubdistrictDay
from gridmap.store.schema import (
    Assignment,
    Facility,
    FacilityFormerCell,
    Organisation,
    OrganisationFormerCell,
    Shop,
    ShopFormerCell,
)

ServiceTable = type[Facility] | type[Organisation] | type[Shop]
SERVICE_TABLES: dict[str, ServiceTable] = {"facilities": Facility, "organisations": Organisation, "shops": Shop}
FormerTable = type[FacilityFormerCell] | type[OrganisationFormerCell] | type[ShopFormerCell]
FORMER_CELLS: dict[ServiceTable, tuple[FormerTable, InstrumentedAttribute[int]]] = {
    Facility: (FacilityFormerCell, FacilityFormerCell.facility_id),
    Organisation: (OrganisationFormerCell, OrganisationFormerCell.organisation_id),
    Shop: (ShopFormerCell, ShopFormerCell.shop_id),
}
"""Former cells of things of a kind, with the column that names the thing."""


class LinkTotals(NamedTuple):
    """Number of things of a kind, and number of those in a grid in force."""

    total: int
    linked: int


def count_buildings(session: Session, caller: Caller, day: SubdistrictDay) -> LinkTotals:
    """Return the number of buildings of the day, and of those in a grid."""
    buildings = grids_in_force.select_buildings(caller, day).subquery()
    rows = select(func.count(), func.count(buildings.c.grid_id)).select_from(buildings)
    figure = DayFigure("buildings", *astuple(day))
    return load_cached(session, caller, figure, lambda: _link_totals(session, rows))


def count_services(session: Session, caller: Caller, day: SubdistrictDay, layer: str) -> LinkTotals:
    """Return the number of facilities, organisations or shops of the day, and of those in a grid.

    Parameters
    ----------
    session : Session
    caller : Caller
    day : SubdistrictDay
    layer : str
        One of `SERVICE_TABLES`.
    """
    table, grid_of_cell = SERVICE_TABLES[layer], select_grid_of_cells(caller, day)
    rows = (
        select(func.count(), func.count(grid_of_cell.c.grid_id))
        .select_from(table)
        .outerjoin(grid_of_cell, grid_of_cell.c.cell_id == cell_on_day(table, day))
        .where(table.subdistrict_id == day.subdistrict_id, table.valid.contains(day.date))
        .where(row_filter.visible(caller, table))
    )
    return _link_totals(session, rows)


def sum_households(session: Session, caller: Caller, day: SubdistrictDay) -> Mapping[HouseholdKind, HouseholdTotals]:
    """Return the households of the day by kind, of kinds that were counted."""
    buildings = grids_in_force.select_buildings(caller, day).subquery()
    counts = grids_in_force.select_household_counts(caller, day).subquery()
    rows = (
        select(counts.c.kind, *grids_in_force.household_sums(counts))
        .join(buildings, buildings.c.id == counts.c.building_id)
        .group_by(counts.c.kind)
    )

    def load() -> Mapping[HouseholdKind, HouseholdTotals]:
        with hash_joins(session):
            return {HouseholdKind(row.kind): grids_in_force.household_totals(row) for row in session.execute(rows)}

    return load_cached(session, caller, DayFigure("households", *astuple(day)), load)


def cell_on_day(table: ServiceTable, day: SubdistrictDay) -> ColumnElement[int | None]:
    """Return the cell of a thing on a day: the former one, if its land was built anew since, else that of its row.

    A cell of a later land is in no plan of the day.
    """
    former, key = FORMER_CELLS[table]
    rows = select(former.cell_id).where(key == table.id, former.valid.contains(day.date)).correlate(table)
    return func.coalesce(rows.scalar_subquery(), table.cell_id)


def is_on_cells(table: ServiceTable, day: SubdistrictDay, cells: Subquery) -> ColumnElement[bool]:
    """Return the condition for things on the cells of a query on a day, as indexes find them."""
    former, key = FORMER_CELLS[table]
    cell_ids = select(cells.c.cell_id)
    former_ids = select(key).where(former.cell_id.in_(cell_ids), former.valid.contains(day.date))
    return or_(table.cell_id.in_(cell_ids), table.id.in_(former_ids))


def select_grid_of_cells(caller: Caller, day: SubdistrictDay) -> Subquery:
    """Select ``cell_id`` and ``grid_id``: the cells with their grids in force."""
    in_force = grids_in_force.select_revisions(caller, day).subquery()
    return (
        select(Assignment.cell_id, Assignment.grid_id)
        .join(in_force, in_force.c.id == Assignment.revision_id)
        .where(Assignment.subdistrict_id == day.subdistrict_id)
        .where(row_filter.visible(caller, Assignment), scope_filter.in_scope_grids(caller, Assignment))
        .subquery()
    )


def _link_totals(session: Session, rows: AnySelect) -> LinkTotals:
    with hash_joins(session):
        total, linked = session.execute(rows).one()
    return LinkTotals(int(total), int(linked))
