"""What leads to a grid in force, and what does not: buildings, facilities, organisations, shops."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries import grids_in_force
from gridmap.store.queries.grids_in_force import SubdistrictDay
from gridmap.store.schema import Assignment, Facility, Organisation, Shop

ServiceTable = type[Facility] | type[Organisation] | type[Shop]
SERVICE_TABLES: dict[str, ServiceTable] = {"facilities": Facility, "organisations": Organisation, "shops": Shop}


def count_buildings(session: Session, caller: Caller, day: SubdistrictDay) -> tuple[int, int]:
    """Buildings that stand on the day, and how many of them are in a grid."""
    standing = grids_in_force.select_buildings(session, caller, day).subquery()
    rows = select(func.count(), func.count(standing.c.grid_id)).select_from(standing)
    return _total_and_linked(session, rows)


def count_services(session: Session, caller: Caller, day: SubdistrictDay, layer: str) -> tuple[int, int]:
    """Facilities, organisations or shops of the day, and how many of them are in a grid."""
    table, gridded = SERVICE_TABLES[layer], select_grid_of_cells(session, caller, day)
    rows = (
        select(func.count(), func.count(gridded.c.grid_id))
        .select_from(table)
        .outerjoin(gridded, gridded.c.cell_id == table.cell_id)
        .where(
            table.subdistrict_id == day.subdistrict_id,
            table.valid.contains(day.date),
            row_filter.visible(caller, table),
        )
    )
    return _total_and_linked(session, rows)


def list_household_totals(session: Session, caller: Caller, day: SubdistrictDay) -> Sequence[Any]:
    """Sums by ``kind`` of household, of kinds that were counted: ``list_household_totals``, ``low``, ``high``, ``estimated``."""
    standing, counted = (
        grids_in_force.select_buildings(session, caller, day).subquery(),
        grids_in_force.select_household_counts(session, caller, day).subquery(),
    )
    rows = select(counted.c.kind, *grids_in_force.household_sums(counted)).join(
        standing, standing.c.id == counted.c.building_id
    )
    return session.execute(rows.group_by(counted.c.kind)).all()


def count_residents_by_grid(session: Session, day: SubdistrictDay) -> dict[int, int | None]:
    """How many residents each grid in force has that has any; None where they are too few to tell the account."""
    counted = func.residents_by_grid(day.subdistrict_id, day.date).table_valued("grid_id", "residents")
    return {row.grid_id: row.residents for row in session.execute(select(counted))}


def select_grid_of_cells(session: Session, caller: Caller, day: SubdistrictDay) -> Subquery:
    """Cells with their grid in force."""
    held = grids_in_force.select_revisions(session, caller, day).subquery()
    return (
        select(Assignment.cell_id, Assignment.grid_id)
        .join(held, held.c.id == Assignment.revision_id)
        .where(row_filter.visible(caller, Assignment), scope_filter.in_scope_grids(caller, Assignment))
        .subquery()
    )


def _total_and_linked(session: Session, rows: Any) -> tuple[int, int]:
    every, inside = session.execute(rows).one()
    return int(every), int(inside)
