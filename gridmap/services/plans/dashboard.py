"""Start page of planners: every community with its plan in force, adopted plans to come, and drafts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.grid_status import GRID_STATUS_NAMES, GridStatusName
from gridmap.services.grids import in_force
from gridmap.services.plans import revisions
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries import territory
from gridmap.store.queries.territory import CommunityRow


@dataclass(frozen=True)
class CommunityPlans:
    """A community with its revisions.

    Parameters
    ----------
    community : CommunityRow
    in_force : RevisionSummary or None
    status_counts : mapping
        Grids in force by status today.
    upcoming : sequence of RevisionSummary
        Revisions that are adopted for a later day.
    drafts : sequence of RevisionSummary
        Revisions saved after the one in force and not adopted, the newest first.
    """

    community: CommunityRow
    in_force: RevisionSummary | None
    status_counts: Mapping[GridStatusName, int]
    upcoming: Sequence[RevisionSummary]
    drafts: Sequence[RevisionSummary]


@dataclass(frozen=True)
class SubdistrictPlans:
    """A subdistrict with its communities."""

    id: int
    name: str
    communities: Sequence[CommunityPlans]


def list_subdistrict_plans(session: Session, caller: Caller) -> Sequence[SubdistrictPlans]:
    """Return the communities in which the caller works, by subdistrict."""
    return [
        SubdistrictPlans(subdistrict.id, subdistrict.name, _load_community_plans(session, caller, subdistrict.id))
        for subdistrict in territory.list_subdistricts(session, caller)
    ]


def _load_community_plans(session: Session, caller: Caller, subdistrict_id: int) -> list[CommunityPlans]:
    summaries = revisions.list_subdistrict_revisions(session, caller, subdistrict_id)
    counts: dict[int, Counter[GridStatusName]] = {}
    for grid in in_force.list_grids(session, caller, in_force.resolve_day(session, subdistrict_id)):
        counts.setdefault(grid.community_id, Counter())[grid.status] += 1
    return [
        _community_plans(community, summaries.get(community.id, []), counts.get(community.id, Counter()))
        for community in territory.list_communities(session, caller, subdistrict_id)
    ]


def _community_plans(
    community: CommunityRow, summaries: Sequence[RevisionSummary], status_counts: Mapping[GridStatusName, int]
) -> CommunityPlans:
    current = next((each for each in summaries if each.status == "in_force"), None)
    return CommunityPlans(
        community=community,
        in_force=current,
        status_counts={status: status_counts.get(status, 0) for status in GRID_STATUS_NAMES},
        upcoming=[each for each in summaries if each.status == "planned"],
        drafts=[each for each in summaries if each.status == "draft" and each.id > (current.id if current else 0)],
    )
