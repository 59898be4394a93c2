"""Plans that a partition from today's grids has found: shown to the planner, who saves one as a revision."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.explanations.cured_reasons import GridException, split_reason
from gridmap.core.repartition.figures import PlanFigures
from gridmap.core.vocabulary import JobState
from gridmap.services.jobs import stored_files
from gridmap.services.jobs.jobs import JobRow, get_job
from gridmap.services.jobs.kinds import REPARTITION
from gridmap.services.plans import plan_files
from gridmap.services.plans.comparison import GridTotals
from gridmap.services.plans.explanations.cut_groups import SharedGroup, read_cut_group
from gridmap.services.plans.partition import PartitionRequest, submit_partition
from gridmap.services.plans.partitions.repartition import RepartitionRequest, find_start
from gridmap.services.plans.revisions import RevisionSummary, get_community, list_community_revisions
from gridmap.store.message_json import message_from_json
from gridmap.store.queries.territory import CommunityRow

START_CHANGED = N_("Other grids are in force by now than those that these plans start from. Look for plans again.")
FILE_GONE = N_("This plan was saved already, or has had its time. The revisions of the community show what was saved.")


@dataclass(frozen=True)
class FoundPlan:
    """A plan that was found.

    Parameters
    ----------
    number : int
        From 1.
    figures : PlanFigures
    sentence : Message
        What it trades.
    file_id : int or None
        None where nothing changes.
    far_homes : int
        Inhabited buildings beyond the requested radius.
    """

    number: int
    figures: PlanFigures
    sentence: Message
    file_id: int | None
    far_homes: int = 0


@dataclass(frozen=True)
class GridMove:
    """Households and buildings that move from a grid to another one."""

    from_grid: str
    to_grid: str
    households: int
    buildings: int


@dataclass(frozen=True)
class PlanView:
    """A plan as its page shows it.

    Parameters
    ----------
    totals_by_code : mapping
        Totals of each grid before and after, judged by the range that was asked for; None where there is no such grid.
    shapes : mapping
        GeoJSON of the plan's grids, by code.
    moves : sequence of GridMove
    moved_buildings : sequence of int
    exceptions : sequence of GridException
        Grids out of range or otherwise unusual, with the reason and what would help.
    cut_groups : sequence of SharedGroup
        Estates, courtyards and resident groups in several grids of the plan.
    """

    totals_by_code: Mapping[str, tuple[GridTotals | None, GridTotals | None]]
    shapes: Mapping[str, str]
    moves: Sequence[GridMove]
    moved_buildings: Sequence[int]
    exceptions: Sequence[GridException]
    cut_groups: Sequence[SharedGroup]

    def changed_grids(self) -> Mapping[str, tuple[GridTotals | None, GridTotals | None]]:
        """Return the totals of the grids that buildings leave or join, by code."""
        codes = {code for move in self.moves for code in (move.from_grid, move.to_grid)}
        return {code: pair for code, pair in self.totals_by_code.items() if code in codes or None in pair}


@dataclass(frozen=True)
class FoundPlans:
    """All plans of a job.

    Parameters
    ----------
    job_id : int
    community : CommunityRow
    request : RepartitionRequest
    start : RevisionSummary
        The revision that they start from.
    newer : sequence of RevisionSummary
        Revisions that were saved since the job was asked for, the newest first.
    latest_id : int
        Key of the latest revision.
    is_outdated : bool
        Whether a repartition would start from other grids by now.
    today : PlanFigures
    far_homes_today : int
        Inhabited buildings beyond the radius in today's grids.
    repaired : int
        Buildings that the repair of a drawing in pieces put into another grid.
    plans : sequence of FoundPlan
        The one that moves the fewest households first.
    """

    job_id: int
    community: CommunityRow
    request: RepartitionRequest
    start: RevisionSummary
    newer: Sequence[RevisionSummary]
    latest_id: int
    is_outdated: bool
    today: PlanFigures
    far_homes_today: int
    repaired: int
    plans: Sequence[FoundPlan]

    def get_plan(self, number: int) -> FoundPlan:
        """Return a plan by its number; raise `NotFound` where there is none."""
        found = next((each for each in self.plans if each.number == number), None)
        if found is None:
            raise NotFound(number)
        return found


def load_plans(session: Session, caller: Caller, job_id: int) -> FoundPlans:
    """Return the plans that a job of the account has found.

    Raises
    ------
    NotFound
        If there is no such job of the account, or it is not done.
    """
    job = get_job(session, caller, job_id)
    if job.kind != REPARTITION.name or job.state is not JobState.DONE or job.result is None:
        raise NotFound(job_id)
    request, start_id = RepartitionRequest.from_json(job.parameters), job.result["start_revision_id"]
    community = get_community(session, caller, request.community_id)
    summaries = list_community_revisions(session, caller, community.id)
    start, now = next(each for each in summaries if each.id == start_id), find_start(summaries)
    in_force_or_latest = now is not None and (now.id == start.id or now.status != "in_force")
    return FoundPlans(
        job_id=job.id,
        community=community,
        request=request,
        start=start,
        newer=[each for each in summaries if each.id > request.base_revision_id],
        latest_id=summaries[0].id,
        is_outdated=not in_force_or_latest,
        today=PlanFigures(**job.result["today"]),
        far_homes_today=job.result.get("far_homes_today", 0),
        repaired=job.result["repaired"],
        plans=_list_plans(job),
    )


def _list_plans(job: JobRow) -> list[FoundPlan]:
    return [
        FoundPlan(
            number,
            PlanFigures(**values["figures"]),
            message_from_json(values["sentence"]),
            values["file_id"],
            values.get("far_homes", 0),
        )
        for number, values in enumerate((job.result or {})["plans"], 1)
    ]


def load_view(session: Session, caller: Caller, plan: FoundPlan) -> PlanView | None:
    """Return what the page of a plan shows; None where nothing changes, or its file is gone."""
    if not has_file(session, caller, plan):
        return None
    view = plan_files.read_view(read_file(session, caller, plan))
    before, after = (_read_totals(view[side]) for side in ("before", "after"))
    return PlanView(
        totals_by_code={code: (before.get(code), after.get(code)) for code in sorted({*before, *after})},
        shapes=view["shapes"],
        moves=[GridMove(**each) for each in view["moves"]],
        moved_buildings=view["moved_buildings"],
        exceptions=[split_reason(each["code"], message_from_json(each["reason"])) for each in view["exceptions"]],
        cut_groups=[read_cut_group(each) for each in view.get("cut_groups", ())],
    )


def read_file(session: Session, caller: Caller, plan: FoundPlan) -> bytes:
    """Return the file of a plan; raise `NotFound` where there is none."""
    if plan.file_id is None:
        raise NotFound(plan.number)
    file = stored_files.get_stored_file(session, caller, plan.file_id)
    return b"".join(stored_files.iterate_content(session, caller, file))


def _read_totals(side: Mapping[str, Any]) -> Mapping[str, GridTotals]:
    return {code: GridTotals(**values) for code, values in side.items()}


def has_file(session: Session, caller: Caller, plan: FoundPlan) -> bool:
    """Return whether a plan can be saved: its file is deleted once it is saved."""
    if plan.file_id is None:
        return False
    try:
        stored_files.get_stored_file(session, caller, plan.file_id)
    except NotFound:
        return False
    return True


def save_plan(session: Session, caller: Caller, job_id: int, number: int, base_revision_id: int | None) -> int:
    """Ask for a plan to be saved as the next revision, and return the key of the job.

    Parameters
    ----------
    session : Session
    caller : Caller
    job_id, number : int
        Job that has found the plan, and the number of the plan.
    base_revision_id : int or None
        Latest revision that the planner has seen.

    Raises
    ------
    NotFound
        If there is no such plan of the account.
    gridmap.services.plans.revisions.EditConflict
        If others saved a newer revision.
    InvalidInput
        If no number of grids meets the range any more.
    NotPossible
        If the plan was saved already, other grids are in force by now, or too many jobs of the account wait.
    """
    found = load_plans(session, caller, job_id)
    plan = found.get_plan(number)
    if not has_file(session, caller, plan):
        raise NotPossible(Message(FILE_GONE))
    if found.is_outdated:
        raise NotPossible(Message(START_CHANGED))
    wanted = found.request
    request = PartitionRequest(
        wanted.community_id,
        wanted.minimum,
        wanted.maximum,
        0,
        base_revision_id,
        wanted.note,
        plan.file_id,
        found.start.id,
        wanted.max_radius_m,
    )
    return submit_partition(session, caller, request, f"plan {number} of job {job_id}")
