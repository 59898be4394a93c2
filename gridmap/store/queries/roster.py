"""People of the roster whom an account may belong to."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.columns import present_day
from gridmap.store.schema import Community, Worker


class RosterPerson(NamedTuple):
    """A person of the roster in office today, with the name of the community, and the account if there is one."""

    id: int
    name: str
    community: str
    account_id: int | None


def list_linkable_people(session: Session, caller: Caller, account_id: int) -> Sequence[RosterPerson]:
    """Return the people of the caller's communities who have no account, or this one, by community and name."""
    rows = (
        select(Worker.id, Worker.name, Community.name.label("community"), Worker.account_id)
        .join(Community, Community.id == Worker.community_id)
        .where(row_filter.visible(caller, Worker), scope_filter.in_scope_communities(caller, Worker))
        .where(Worker.valid.contains(present_day()), or_(Worker.account_id.is_(None), Worker.account_id == account_id))
        .order_by(Community.name, Worker.name, Worker.id)
    )
    return [RosterPerson(*row) for row in session.execute(rows)]
