"""What a planner sees first: every community with the plan in force, what comes after it, and what waits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.grid_status import GRID_STATUS_NAMES, GridStatusName
from gridmap.maps.map_shell import MapShell, build_map_shell
from gridmap.services.grids import in_force, overview
from gridmap.services.plans import revisions
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.store.queries.grids_in_force import SubdistrictDay


@dataclass(frozen=True)
class CommunityPlans:
    """A community with its versions: the one in force with its grids by state today, the next ones, and drafts.

    `drafts` are versions that were saved after the one in force and are not approved, the newest first.
    """

    community: Any
    in_force: RevisionSummary | None
    status_counts: Mapping[GridStatusName, int]
    upcoming: Sequence[RevisionSummary]
    drafts: Sequence[RevisionSummary]


@dataclass(frozen=True)
class SubdistrictPlans:
    """A subdistrict with its communities."""

    name: str
    communities: Sequence[CommunityPlans]


def list_subdistrict_plans(session: Session, caller: Caller) -> Sequence[SubdistrictPlans]:
    """All communities that the account works in, by subdistrict."""
    return [
        SubdistrictPlans(each.name, _load_community_plans(session, caller, each.id))
        for each in overview.list_subdistricts(session, caller)
    ]


def build_community_map(community: Any, script_url: str) -> MapShell:
    """The map of a community, empty.

    Parameters
    ----------
    community : Row
        From `gridmap.services.plans.revisions.get_community`.
    script_url : str
        Address of the script that draws.
    """
    west, south, east, north = shapely.from_geojson(community.shape).bounds
    return build_map_shell((west, south, east, north), script_url)


def _load_community_plans(session: Session, caller: Caller, subdistrict_id: int) -> list[CommunityPlans]:
    known = revisions.list_subdistrict_revisions(session, caller, subdistrict_id)
    states: dict[int, Counter[GridStatusName]] = {}
    for grid in in_force.list_grids(session, caller, SubdistrictDay(subdistrict_id, in_force.get_today(session))):
        states.setdefault(grid.community_id, Counter())[grid.status] += 1
    return [
        _community_plans(each, known.get(each.id, []), states.get(each.id, Counter()))
        for each in overview.list_communities(session, caller, subdistrict_id)
    ]


def _community_plans(
    community: Any, revisions: Sequence[RevisionSummary], status_counts: Mapping[GridStatusName, int]
) -> CommunityPlans:
    held = next((each for each in revisions if each.status == "in_force"), None)
    later = [each for each in revisions if each.status == "planned"]
    drafts = [each for each in revisions if each.status == "draft" and each.id > (held.id if held else 0)]
    return CommunityPlans(
        community, held, {state: status_counts.get(state, 0) for state in GRID_STATUS_NAMES}, later, drafts
    )
