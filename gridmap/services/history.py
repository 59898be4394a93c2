"""What was planned for a community: every plan with its revisions."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.store import territory
from gridmap.store.schema import Community, Plan, Revision


@dataclass(frozen=True)
class PlanHistory:
    """A plan with its revisions in the order of their numbers."""

    plan: Plan
    revisions: Sequence[Revision]


def plans(session: Session, community: int) -> Sequence[PlanHistory] | None:
    """Plans of a community, oldest first; None where the account does not work in it."""
    if not territory.communities(session, Community.id == community):
        return None
    found = territory.plans(session, community)
    revisions = territory.revisions(session, [plan.id for plan in found])
    return [PlanHistory(plan, [each for each in revisions if each.plan_id == plan.id]) for plan in found]
