"""What leads to a grid in force, and what does not: buildings, facilities, organisations, shops."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Subquery, func, select
from sqlalchemy.orm import Session

from gridmap.store import access, extent, in_force
from gridmap.store.in_force import Day
from gridmap.store.schema import Assignment, Facility, Organisation, Shop

Services = type[Facility] | type[Organisation] | type[Shop]
SERVICES: dict[str, Services] = {"facilities": Facility, "organisations": Organisation, "shops": Shop}


def buildings(session: Session, day: Day) -> tuple[int, int]:
    """Buildings that stand on the day, and how many of them are in a grid."""
    standing = in_force.buildings(session, day).subquery()
    rows = select(func.count(), func.count(standing.c.grid_id)).select_from(standing)
    return _pair(session, rows)


def services(session: Session, day: Day, name: str) -> tuple[int, int]:
    """Facilities, organisations or shops of the day, and how many of them are in a grid."""
    table, gridded = SERVICES[name], by_cell(session, day)
    rows = (
        select(func.count(), func.count(gridded.c.grid_id))
        .select_from(table)
        .outerjoin(gridded, gridded.c.cell_id == table.cell_id)
        .where(table.subdistrict_id == day.home, table.valid.contains(day.on), access.only(session, table))
    )
    return _pair(session, rows)


def households(session: Session, day: Day) -> Sequence[Any]:
    """Sums by ``kind`` of household, of kinds that were counted: ``households``, ``low``, ``high``, ``estimated``."""
    standing, counted = in_force.buildings(session, day).subquery(), in_force.counts(session, day).subquery()
    rows = select(counted.c.kind, *in_force.sums(counted)).join(standing, standing.c.id == counted.c.building_id)
    return session.execute(rows.group_by(counted.c.kind)).all()


def residents_by_grid(session: Session, day: Day) -> dict[int, int | None]:
    """How many residents each grid in force has that has any; None where they are too few to tell the account."""
    counted = func.residents_by_grid(day.home, day.on).table_valued("grid_id", "residents")
    return {row.grid_id: row.residents for row in session.execute(select(counted))}


def by_cell(session: Session, day: Day) -> Subquery:
    """Cells with their grid in force."""
    held = in_force.revisions(session, day).subquery()
    return (
        select(Assignment.cell_id, Assignment.grid_id)
        .join(held, held.c.id == Assignment.revision_id)
        .where(access.only(session, Assignment), extent.grids(session, Assignment))
        .subquery()
    )


def _pair(session: Session, rows: Any) -> tuple[int, int]:
    every, inside = session.execute(rows).one()
    return int(every), int(inside)
