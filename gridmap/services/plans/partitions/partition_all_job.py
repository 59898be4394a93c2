"""Job that partitions all communities of a subdistrict on several processes and saves a revision of each."""

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import geopandas as gpd
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message
from gridmap.core.explanations.cured_reasons import add_cures
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.profile import Profile
from gridmap.services.grids import norms
from gridmap.services.jobs.context import JobContext
from gridmap.services.plans.partition import PartitionRequest
from gridmap.services.plans.partitions.partition_all import PartitionAllRequest, list_requested
from gridmap.services.plans.partitions.partition_job import save_plan
from gridmap.services.plans.plan_files import PlanValues, plan_from_values, plan_to_values
from gridmap.services.plans.range_check import require_possible_in_most
from gridmap.services.plans.revisions import norm_place
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.plans import revisions as revision_queries
from gridmap.store.queries.plans.community_town import StoredCommunity, load_community, load_resident_groups
from gridmap.store.queries.territory import CommunityRow

READING = Message(N_("Reading the communities"))
PARTITIONING = Message(N_("Partitioning the communities"))
SAVING = Message(N_("Saving the revisions"))


class PartitionTask(NamedTuple):
    """Input of the partition of one community; the resident groups are in metres."""

    town: Town
    land: LandCoverage
    profile: Profile
    seed: int
    groups: gpd.GeoDataFrame | None = None


class CommunityTask(NamedTuple):
    """A community with its latest revision when it was read."""

    community: CommunityRow
    stored: StoredCommunity
    groups: gpd.GeoDataFrame
    base_revision_id: int | None


def partition_subdistrict(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Partition all communities in which the account works, and save a revision of each, together.

    A community of which others have saved a revision meanwhile is left as it is.

    Returns
    -------
    mapping
        ``subdistrict_id``; ``saved``: number of communities; ``skipped``: names of those that others have changed, and
        of those without land.

    Raises
    ------
    NotPossible
        If a plan breaks a rule, or the office's Dask scheduler cannot be used.
    InvalidInput
        If no number of grids meets the range any more, as households have changed.
    """
    request = PartitionAllRequest.from_json(parameters)
    communities, without_land = _read_communities(context, request)
    tasks = [
        PartitionTask(each.stored.town, each.stored.land, request.profile, request.seed, each.groups)
        for each in communities
    ]
    plans = context.compute(partition_one, tasks, PARTITIONING)
    skipped = [*without_land, *_save_plans(context, communities, plans, request)]
    saved = len(communities) + len(without_land) - len(skipped)
    return {"subdistrict_id": request.subdistrict_id, "saved": saved, "skipped": skipped}


def partition_one(task: PartitionTask) -> PlanValues:
    """Partition one community; in any process, since the result depends on the task alone."""
    settings = PartitionSettings(task.profile, seed=task.seed)
    plan = partition_town(task.town, task.land, settings, resident_groups=task.groups)
    return plan_to_values(add_cures(task.town, task.land, plan, settings))


def _read_communities(context: JobContext, request: PartitionAllRequest) -> tuple[list[CommunityTask], list[str]]:
    """Return the communities with land, and the names of those without."""
    with context.transaction() as session:
        rows = list_requested(session, context.caller, request)
        today = get_today(session)
        require_possible_in_most(session, context.caller, rows, request.profile, today)
    found, without_land = [], []
    for number, row in enumerate(rows):
        context.progress(READING, number, len(rows))
        with context.transaction() as session:
            base = revision_queries.latest_revision_id(session, context.caller, row.id, lock=False)
            basis = norms.load_norm(session, context.caller, norm_place(row), today).basis(today)
            stored = load_community(session, context.caller, row.id, basis)
            if stored is None:
                without_land.append(row.name)
                continue
            groups = load_resident_groups(session, context.caller, row.id, stored.town.crs)
        found.append(CommunityTask(row, stored, groups, base))
    return found, without_land


def _save_plans(
    context: JobContext, communities: Sequence[CommunityTask], plans: Sequence[PlanValues], request: PartitionAllRequest
) -> list[str]:
    """Save the plans as revisions; return the names of communities that others have changed meanwhile."""
    skipped = []
    for number, (each, values) in enumerate(zip(communities, plans, strict=True)):
        context.progress(SAVING, number, len(communities))
        if _is_latest(context.session, context, each):
            plan, of_community = plan_from_values(values), _request_of(each, request)
            save_plan(context.session, context.caller, each.stored, plan, of_community)
        else:
            skipped.append(each.community.name)
    return skipped


def _request_of(task: CommunityTask, request: PartitionAllRequest) -> PartitionRequest:
    """Return the part of a request that is about one community."""
    return PartitionRequest(
        task.community.id,
        request.minimum,
        request.maximum,
        request.seed,
        task.base_revision_id,
        request.note,
        max_radius_m=request.max_radius_m,
    )


def _is_latest(session: Session, context: JobContext, task: CommunityTask) -> bool:
    """Return whether nobody has saved a revision meanwhile; nobody can until the job is completed."""
    latest = revision_queries.latest_revision_id(session, context.caller, task.community.id, lock=True)
    return latest == task.base_revision_id
