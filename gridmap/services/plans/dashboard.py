"""Start page of planners: every community with its plan in force, adopted plans to come, and drafts."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import Message
from gridmap.core.plans.grid_status import GRID_STATUS_NAMES, GridStatusName
from gridmap.services.grids import in_force
from gridmap.services.plans import revisions
from gridmap.services.plans.community_sizes import CommunitySize, list_community_sizes, summarise_sizes
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries import territory
from gridmap.store.queries.territory import CommunityRow, SubdistrictRow


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
    size : CommunitySize
        Its households, against the guideline for communities.
    """

    community: CommunityRow
    in_force: RevisionSummary | None
    status_counts: Mapping[GridStatusName, int]
    upcoming: Sequence[RevisionSummary]
    drafts: Sequence[RevisionSummary]
    size: CommunitySize


@dataclass(frozen=True)
class SubdistrictPlans:
    """A subdistrict with its communities, and a sentence on those outside the guideline for their size."""

    id: int
    name: str
    communities: Sequence[CommunityPlans]
    size_sentence: Message | None


def list_subdistrict_plans(session: Session, caller: Caller) -> Sequence[SubdistrictPlans]:
    """Return the communities in which the caller works, by subdistrict."""
    return [
        _load_subdistrict_plans(session, caller, subdistrict)
        for subdistrict in territory.list_subdistricts(session, caller)
    ]


def _load_subdistrict_plans(session: Session, caller: Caller, subdistrict: SubdistrictRow) -> SubdistrictPlans:
    summaries = revisions.list_subdistrict_revisions(session, caller, subdistrict.id)
    day = in_force.resolve_day(session, subdistrict.id)
    counts: dict[int, Counter[GridStatusName]] = {}
    for grid in in_force.list_grids(session, caller, day):
        counts.setdefault(grid.community_id, Counter())[grid.status] += 1
    communities = territory.list_communities(session, caller, subdistrict.id)
    sizes = list_community_sizes(session, caller, day, communities)
    plans = [
        _community_plans(each, summaries.get(each.id, []), counts.get(each.id, Counter()), sizes[each.id])
        for each in communities
    ]
    return SubdistrictPlans(subdistrict.id, subdistrict.name, plans, summarise_sizes(communities, sizes))


def _community_plans(
    community: CommunityRow,
    summaries: Sequence[RevisionSummary],
    status_counts: Mapping[GridStatusName, int],
    size: CommunitySize,
) -> CommunityPlans:
    current = next((each for each in summaries if each.status == "in_force"), None)
    return CommunityPlans(
        community=community,
        in_force=current,
        status_counts={status: status_counts.get(status, 0) for status in GRID_STATUS_NAMES},
        upcoming=[each for each in summaries if each.status == "planned"],
        drafts=[each for each in summaries if each.status == "draft" and each.id > (current.id if current else 0)],
        size=size,
    )
