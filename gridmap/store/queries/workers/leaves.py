"""Leave of people on the roster, their substitutes, and the grids whose access these have meanwhile."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session, aliased

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.workers.roster import ONE_DAY
from gridmap.store.schema import Leave, Worker


@dataclass(frozen=True)
class LeaveRow:
    """A leave with its days, both included; `signs_in` tells whether the substitute has an account."""

    id: int
    worker_id: int
    worker: str
    substitute_id: int
    substitute: str
    substitute_phone: str | None
    signs_in: bool
    first: date
    last: date


def list_leaves(
    session: Session, caller: Caller, since: date, community_id: int | None = None, worker_id: int | None = None
) -> Sequence[LeaveRow]:
    """Return the leaves of a day or later, by first day: of a community, or of one person as either of both."""
    substitute = aliased(Worker)
    rows = (
        select(Leave.id, Leave.worker_id, Worker.name, Leave.substitute_id, substitute.name.label("substitute"))
        .add_columns(substitute.office_phone, substitute.account_id.is_not(None).label("signs_in"), Leave.valid)
        .join(Worker, Worker.id == Leave.worker_id)
        .join(substitute, substitute.id == Leave.substitute_id)
        .where(row_filter.visible(caller, Leave), row_filter.visible(caller, Worker), func.upper(Leave.valid) > since)
        .order_by(func.lower(Leave.valid), Leave.id)
    )
    if community_id is not None:
        rows = rows.where(Worker.community_id == community_id)
    if worker_id is not None:
        rows = rows.where(or_(Leave.worker_id == worker_id, Leave.substitute_id == worker_id))
    return [
        LeaveRow(
            id=row.id,
            worker_id=row.worker_id,
            worker=row.name,
            substitute_id=row.substitute_id,
            substitute=row.substitute,
            substitute_phone=row.office_phone,
            signs_in=row.signs_in,
            first=row.valid.lower,
            last=row.valid.upper - ONE_DAY,
        )
        for row in session.execute(rows)
    ]


def find_leave(session: Session, caller: Caller, leave_id: int, since: date) -> LeaveRow | None:
    """Return a leave that is not over on a day, or None."""
    return next((each for each in list_leaves(session, caller, since) if each.id == leave_id), None)
