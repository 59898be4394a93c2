"""Plans of a community and their revisions, with the names of the accounts that saved or adopted them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import Message
from gridmap.core.vocabulary import GridKind, HouseholdKind
from gridmap.store import locks
from gridmap.store.access import scope_filter
from gridmap.store.message_json import message_from_json
from gridmap.store.schema import Plan, Revision, RevisionGrid


@dataclass(frozen=True)
class PlanRow:
    """A plan of a community."""

    id: int
    subdistrict_id: int
    community_id: int
    name: str
    created_at: datetime


@dataclass(frozen=True)
class RevisionRow:
    """A revision of a plan.

    Parameters
    ----------
    id, subdistrict_id, community_id, plan_id, land_id : int
    plan_name : str
    number : int
        1, 2, 3 within the plan.
    parent_id : int or None
        Revision that it was changed from.
    minimum, maximum : int
        Households of a grid that it was made with; its grids are judged by the norm of a day.
    household_kind : HouseholdKind
        Kind of household that it was made with.
    max_radius_m : int
        Farthest home from the centre of a grid that it was made with, metres; 0 for no limit.
    note : str or None
    reasons : sequence of Message
        Exceptions that concern no single grid.
    created_at : datetime
    created_by : int or None
        Account that saved it; None for a command.
    """

    id: int
    subdistrict_id: int
    community_id: int
    plan_id: int
    plan_name: str
    land_id: int
    number: int
    parent_id: int | None
    minimum: int
    maximum: int
    household_kind: HouseholdKind
    max_radius_m: int
    note: str | None
    reasons: Sequence[Message]
    created_at: datetime
    created_by: int | None


class SavedGridRow(NamedTuple):
    """A grid of a revision with the households at the time of saving."""

    revision_id: int
    grid_id: int
    kind: GridKind
    households: int


def list_plans(session: Session, caller: Caller, community_id: int) -> Sequence[PlanRow]:
    """Return the plans of a community in which the caller works, the oldest first."""
    rows = select(Plan).where(Plan.community_id == community_id, scope_filter.in_scope_communities(caller, Plan))
    return [plan_row(plan) for plan in session.scalars(rows.order_by(Plan.id))]


def find_plan(session: Session, caller: Caller, plan_id: int) -> PlanRow | None:
    """Return one plan, or None where the caller does not work in its community."""
    rows = select(Plan).where(Plan.id == plan_id, scope_filter.in_scope_communities(caller, Plan))
    plan = session.scalar(rows)
    return None if plan is None else plan_row(plan)


def list_community_revisions(session: Session, caller: Caller, community_id: int) -> Sequence[RevisionRow]:
    """Return the revisions of a community in which the caller works, the newest first."""
    return _list_revisions(session, caller, Revision.community_id == community_id)


def list_subdistrict_revisions(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[RevisionRow]:
    """Return the revisions of all communities of a subdistrict in which the caller works, the newest first."""
    return _list_revisions(session, caller, Revision.subdistrict_id == subdistrict_id)


def find_revision(session: Session, caller: Caller, revision_id: int) -> RevisionRow | None:
    """Return one revision, or None where the caller does not work in its community."""
    rows = _list_revisions(session, caller, Revision.id == revision_id)
    return rows[0] if rows else None


def latest_revision_id(session: Session, caller: Caller, community_id: int, *, lock: bool) -> int | None:
    """Return the newest revision of a community.

    Parameters
    ----------
    session : Session
    caller : Caller
    community_id : int
    lock : bool
        True to keep others from saving a revision of the community until the transaction ends.
    """
    if lock:
        locks.lock_revisions(session, community_id)
    in_scope = Revision.community_id == community_id, scope_filter.in_scope_communities(caller, Revision)
    return session.scalar(select(func.max(Revision.id)).where(*in_scope))


def list_saved_grids(session: Session, caller: Caller, revision_ids: Sequence[int]) -> Sequence[SavedGridRow]:
    """Return the grids of revisions with the households at the time of saving."""
    rows = (
        select(RevisionGrid.revision_id, RevisionGrid.grid_id, RevisionGrid.kind, RevisionGrid.households)
        .join(Revision, Revision.id == RevisionGrid.revision_id)
        .where(Revision.id.in_(revision_ids), scope_filter.in_scope_communities(caller, Revision))
    )
    return [
        SavedGridRow(revision, grid, GridKind(kind), count) for revision, grid, kind, count in session.execute(rows)
    ]


def get_planner_names(session: Session, subdistrict_id: int) -> Mapping[int, str]:
    """Return the names of the accounts that saved or adopted revisions of a subdistrict, by account."""
    authors = func.plan_authors(subdistrict_id).table_valued("account_id", "display_name")
    return {row.account_id: row.display_name for row in session.execute(select(authors))}


def plan_row(plan: Plan) -> PlanRow:
    """Return a plan as a value."""
    return PlanRow(plan.id, plan.subdistrict_id, plan.community_id, plan.name, plan.created_at)


def revision_row(revision: Revision, plan_name: str) -> RevisionRow:
    """Return a revision as a value."""
    return RevisionRow(
        id=revision.id,
        subdistrict_id=revision.subdistrict_id,
        community_id=revision.community_id,
        plan_id=revision.plan_id,
        plan_name=plan_name,
        land_id=revision.land_id,
        number=revision.number,
        parent_id=revision.parent_id,
        minimum=revision.minimum,
        maximum=revision.maximum,
        household_kind=HouseholdKind(revision.household_kind),
        max_radius_m=revision.max_radius_m or 0,
        note=revision.note,
        reasons=[message_from_json(reason) for reason in revision.reasons],
        created_at=revision.created_at,
        created_by=revision.created_by,
    )


def _list_revisions(session: Session, caller: Caller, condition: ColumnElement[bool]) -> list[RevisionRow]:
    rows = (
        select(Revision, Plan.name)
        .join(Plan, Plan.id == Revision.plan_id)
        .where(condition, scope_filter.in_scope_communities(caller, Revision))
        .order_by(Revision.id.desc())
    )
    return [revision_row(revision, plan_name) for revision, plan_name in session.execute(rows)]
