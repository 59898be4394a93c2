"""What is in no grid in force, by name: buildings, shops, facilities, organisations."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.store import access, in_force, linked
from gridmap.store.in_force import Day
from gridmap.store.schema import Building


def named(session: Session, day: Day, kind: str, most: int) -> Sequence[str]:
    """Names of things of a kind that stand on the day and are in no grid; at most so many.

    Parameters
    ----------
    session : Session
    day : Day
    kind : str
        ``buildings``, or one of `linked.SERVICES`.
    most : int
        How many are wanted.
    """
    rows = _buildings(session, day) if kind == "buildings" else _services(session, day, kind)
    return session.scalars(rows.limit(most)).all()


def _buildings(session: Session, day: Day) -> Any:
    standing = in_force.buildings(session, day).subquery()
    called = func.coalesce(Building.name, Building.address, Building.code)
    rows = select(called).join(standing, standing.c.id == Building.id).where(standing.c.grid_id.is_(None))
    return rows.where(access.only(session, Building)).order_by(called, Building.id)


def _services(session: Session, day: Day, kind: str) -> Any:
    table: Any = linked.SERVICES[kind]
    gridded = linked.by_cell(session, day)
    called = func.coalesce(table.name, table.kind) if hasattr(table, "kind") else table.name
    rows = select(called).outerjoin(gridded, gridded.c.cell_id == table.cell_id).where(gridded.c.grid_id.is_(None))
    here = table.subdistrict_id == day.home, table.valid.contains(day.on), access.only(session, table)
    return rows.where(*here).order_by(called, table.id)
