"""What was planned for a community: every plan with its revisions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.queries import territory
from gridmap.store.schema import Community, Plan, Revision


@dataclass(frozen=True)
class PlanHistory:
    """A plan with its revisions in the order of their numbers."""

    plan: Plan
    revisions: Sequence[Revision]


def list_plans(session: Session, caller: Caller, community_id: int) -> Sequence[PlanHistory] | None:
    """Plans of a community, oldest first; None where the account does not work in it."""
    if not territory.list_communities(session, caller, Community.id == community_id):
        return None
    found = territory.list_plans(session, caller, community_id)
    revisions = territory.list_revisions(session, caller, [plan.id for plan in found])
    return [PlanHistory(plan, [each for each in revisions if each.plan_id == plan.id]) for plan in found]
