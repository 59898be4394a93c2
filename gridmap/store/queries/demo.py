"""Demo subdistricts: how they differ from real ones, their accounts, the keys of their grids; for the owner only."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import and_, false, func, or_, select
from sqlalchemy.orm import Session, aliased

from gridmap.core.vocabulary import AccessClass, Role
from gridmap.store.schema import (
    Account,
    AccountScope,
    CategoryOfSubdistrict,
    Cell,
    Duty,
    Grid,
    Incident,
    Resident,
    Subdistrict,
    Worker,
)

DEMO_SOURCE = "gridmap demo"
"""Source of the subdistricts and residents of a demo."""
SAME_METRES, SAME_PERIOD = 50.0, timedelta(days=7)
"""Incidents of a category within these are the same one."""


class AccountName(NamedTuple):
    """Role and name of an account."""

    role: Role
    name: str


class WorkerName(NamedTuple):
    """Key and name of a worker."""

    id: int
    name: str


def list_account_names(session: Session, subdistrict_code: str) -> Sequence[AccountName]:
    """Return the accounts with a scope in a subdistrict; none if there is no such subdistrict."""
    rows = session.execute(
        select(Account.role, Account.name)
        .join(AccountScope, AccountScope.account_id == Account.id)
        .join(Subdistrict, Subdistrict.id == AccountScope.subdistrict_id)
        .where(Subdistrict.code == subdistrict_code)
        .order_by(Account.id)
    )
    return [AccountName(Role(role), name) for role, name in rows.unique()]


def is_demo(session: Session) -> bool:
    """Return whether there is a subdistrict, and every subdistrict and every resident is invented."""
    real_place = select(Subdistrict.id).where(Subdistrict.source != DEMO_SOURCE).limit(1)
    real_person = select(Resident.id).where(Resident.source != DEMO_SOURCE).limit(1)
    has_place = session.scalar(select(Subdistrict.id).limit(1)) is not None
    return has_place and session.scalar(real_place) is None and session.scalar(real_person) is None


def has_accounts(session: Session) -> bool:
    """Return whether the installation has an account."""
    return session.scalar(select(Account.id).limit(1)) is not None


def get_grid_ids_by_code(session: Session, subdistrict_id: int) -> Mapping[str, int]:
    """Return the keys of the grids of a subdistrict by their codes."""
    rows = session.execute(select(Grid.code, Grid.id).where(Grid.subdistrict_id == subdistrict_id))
    return {row.code: row.id for row in rows}


class CaseIncidentRow(NamedTuple):
    """An incident of a community whose case the demo makes up; see `gridmap.demo.cases.DemoIncident`."""

    id: int
    occurred_at: datetime
    closed_at: datetime | None
    is_ordinary: bool
    is_reported: bool
    for_grid: bool
    same_as: int | None
    promised_days: int


def list_case_incidents(
    session: Session, community_id: int, worker_id: int, since: datetime
) -> Sequence[CaseIncidentRow]:
    """Return the incidents of a community since a time, and all open ones, in the order of time.

    Parameters
    ----------
    session : Session
    community_id : int
    worker_id : int
        Worker whose grids are told apart.
    since : datetime
    """
    other = aliased(Incident)
    is_near = func.ST_DWithin(func.geography(other.geometry), func.geography(Incident.geometry), SAME_METRES)
    days_between = Incident.occurred_at - other.occurred_at
    same_as = (
        select(func.min(other.id))
        .where(other.subdistrict_id == Incident.subdistrict_id, other.category == Incident.category, is_near)
        .where(days_between > timedelta(0), days_between <= SAME_PERIOD, other.occurred_at >= since)
        .correlate(Incident)
        .scalar_subquery()
    )
    own_grids = select(Duty.grid_id).where(Duty.worker_id == worker_id, Duty.in_charge)
    for_grid = func.grid_of_cell(Incident.cell_id).in_(own_grids)
    of_category = and_(
        CategoryOfSubdistrict.subdistrict_id == Incident.subdistrict_id, CategoryOfSubdistrict.key == Incident.category
    )
    rows = (
        select(Incident.id, Incident.occurred_at, Incident.closed_at, Incident.access_class == AccessClass.ORDINARY)
        .add_columns(Incident.reported_by.is_not(None), func.coalesce(for_grid, false()), same_as)
        .add_columns(CategoryOfSubdistrict.promised_days)
        .join(Cell, Cell.id == Incident.cell_id)
        .join(CategoryOfSubdistrict, of_category)
        .where(Cell.community_id == community_id, or_(Incident.occurred_at >= since, Incident.closed_at.is_(None)))
        .order_by(Incident.occurred_at, Incident.id)
    )
    return [CaseIncidentRow(*row) for row in session.execute(rows)]


def find_first_worker(session: Session, community_id: int) -> WorkerName | None:
    """Return the worker of a community with an account, or None."""
    rows = select(Worker.id, Worker.name).where(Worker.community_id == community_id, Worker.account_id.is_not(None))
    row = session.execute(rows.order_by(Worker.id)).first()
    return row and WorkerName(*row)
