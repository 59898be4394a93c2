"""Job that looks for plans of a community from today's grids and stores each as a file; the planner saves one."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from io import BytesIO
from typing import Any

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.coverage.drawn_grids import DrawnGrids
from gridmap.core.coverage.repair import repair_grids
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.explanations.cured_reasons import PlanCures
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.inherited_codes import fill_missing_codes
from gridmap.core.plans.measures import grid_polygons
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.repartition.alternatives import describe_alternatives, find_alternatives
from gridmap.core.repartition.present_plan import PresentPlan
from gridmap.core.repartition.search import SearchSettings
from gridmap.core.repartition.town_search import Repartition, TownSearch
from gridmap.core.vocabulary import FilePurpose, GridKind
from gridmap.services.grids import norms
from gridmap.services.jobs import stored_files
from gridmap.services.jobs.context import JobContext
from gridmap.services.jobs.stored_files import FileContent
from gridmap.services.plans import plan_files
from gridmap.services.plans.partitions.repartition import RepartitionRequest, list_start_grids, load_start
from gridmap.services.plans.partitions.repartition_content import CodedPlan, build_view, count_far_homes_of
from gridmap.services.plans.range_check import require_possible
from gridmap.services.plans.revisions import get_community, norm_place, require_latest
from gridmap.store.day_bounds import get_today
from gridmap.store.message_json import message_to_json
from gridmap.store.queries.plans import revision_contents
from gridmap.store.queries.plans.community_town import (
    StoredCommunity,
    load_community,
    load_resident_groups,
)

READING, SAVING = Message(N_("Reading the community")), Message(N_("Saving the plans"))
IN_ONE_PIECE, KEEPS_DEDICATED = "in_one_piece", "keeps_dedicated"
CANNOT_LOCK = N_(
    "Grid {code} cannot be locked: it holds a park, school or market with a grid of its own by the rules. "
    "Leave it unlocked, and try again."
)


@dataclass(frozen=True, eq=False)
class CommunityStart:
    """A community with the grids of today.

    Parameters
    ----------
    revision_id : int
        Revision that has the grids.
    stored : StoredCommunity
    plan : CodedPlan
        Its grids on the newest land.
    groups : GeoDataFrame
        Resident groups, in metres.
    used_codes : sequence of str
        Codes that grids of the community have ever had.
    """

    revision_id: int
    stored: StoredCommunity
    plan: CodedPlan
    groups: Any
    used_codes: Sequence[str]


def repartition_community(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Look for plans of a community from today's grids and store each that differs from them as a file.

    A drawing in pieces is repaired first.

    Returns
    -------
    mapping
        ``community_id``, ``start_revision_id``; ``repaired``: buildings that the repair put into another grid;
        ``today``: figures of today's grids; ``far_homes_today``: inhabited buildings beyond the radius; ``plans``: for
        each plan its ``figures``, ``far_homes``, ``sentence`` and ``file_id``, which is None for the plan in which
        nothing changes.

    Raises
    ------
    NotFound
        If the account does not work in the community any more.
    gridmap.services.plans.revisions.EditConflict
        If others had saved a revision before the work began.
    NotPossible
        If there are no grids to start from, or a grid cannot be locked.
    InvalidInput
        If no number of grids meets the range any more, as households have changed.
    """
    request = RepartitionRequest.from_json(parameters)
    start = _read_start(context, request)
    present, repaired = repair_start(start, request)
    refuse_locks(start.stored, present)
    settings = PartitionSettings(request.profile)
    search = TownSearch(start.stored.town, start.stored.land, present, settings, start.groups)
    wanted = SearchSettings(request.profile, request.weights)
    plans = find_alternatives(search, wanted, request.alternatives, request.max_moved, context.progress)
    today = search.measure(present.grid_of_cell, present.codes, present.kind)
    cures = PlanCures(start.stored.town, start.stored.land, settings)
    sentences = describe_alternatives([each.figures for each in plans], today)
    context.progress(SAVING, 0, 1)
    return {
        "community_id": request.community_id,
        "start_revision_id": start.revision_id,
        "repaired": repaired,
        "today": today._asdict(),
        "far_homes_today": _count_far_homes(start.stored, present.grid_of_cell, present.kind, request),
        "plans": [
            {
                "figures": each.figures._asdict(),
                "far_homes": _count_far_homes(start.stored, each.plan.grid_of_cell, each.plan.kind, request),
                "sentence": message_to_json(sentence),
                "file_id": _store_plan(context, start, each, cures),
            }
            for each, sentence in zip(plans, sentences, strict=True)
        ],
    }


def _count_far_homes(
    stored: StoredCommunity, grid_of_cell: IntArray, kinds: Sequence[GridKind], request: RepartitionRequest
) -> int:
    """Return the number of inhabited buildings beyond the requested radius; 0 without one."""
    radius = request.max_radius_m
    return count_far_homes_of(stored, grid_of_cell, kinds, radius) if radius else 0


def _read_start(context: JobContext, request: RepartitionRequest) -> CommunityStart:
    """Read the community, its grids of today and its resident groups."""
    context.progress(READING, 0, 1)
    caller, community_id = context.caller, request.community_id
    with context.transaction() as session:
        community = get_community(session, caller, community_id)
        require_latest(session, caller, community_id, request.base_revision_id, lock=False)
        start = load_start(session, caller, community_id)
        today = get_today(session)
        require_possible(session, caller, community, request.profile, today)
        basis = norms.load_norm(session, caller, norm_place(community), today).basis(today)
        stored = load_community(session, caller, community_id, basis)
        assert stored, "its grids are on its newest land"
        kinds = {grid.code: grid.kind for grid in list_start_grids(session, caller, start)}
        code_by_cell = revision_contents.get_grid_codes_by_cell(session, caller, start.id)
        groups = load_resident_groups(session, caller, community_id, stored.town.crs)
        used_codes = revision_contents.list_grid_codes(session, caller, community_id)
    codes, grid = np.unique([code_by_cell[cell] for cell in stored.cell_ids.tolist()], return_inverse=True)
    plan = _plan_of(grid.ravel().astype(np.int64), tuple(kinds[code] for code in codes.tolist()))
    return CommunityStart(start.id, stored, CodedPlan(plan, codes.tolist()), groups, used_codes)


def _plan_of(grid_of_cell: IntArray, kinds: tuple[GridKind, ...]) -> GridPlan:
    return GridPlan(grid_of_cell, np.zeros(len(kinds), dtype=np.int64), kinds, (None,) * len(kinds))


def repair_start(start: CommunityStart, request: RepartitionRequest) -> tuple[PresentPlan, int]:
    """Return the grids of today, and how many buildings changed their grid so that each is in one piece."""
    stored, plan = start.stored, start.plan.plan
    shapes = grid_polygons(plan, stored.land)
    codes, repaired = start.plan.codes, 0
    if any(each.rule == IN_ONE_PIECE for each in find_violations(stored.town, stored.land, plan, shapes)):
        drawn = DrawnGrids(shapes, np.zeros(len(plan), dtype=np.bool_), np.array(codes, dtype=object), plan.community)
        found = repair_grids(stored.town, stored.land, drawn, request.profile)
        plan, codes, repaired = found.plan, found.codes, len(found.changes)
    return PresentPlan(plan.grid_of_cell, list(codes), plan.kind, frozenset(request.locked)), repaired


def refuse_locks(stored: StoredCommunity, present: PresentPlan) -> None:
    """Refuse to lock a grid with dedicated land that the rules do not leave in it: no plan with it could be saved."""
    plan = _plan_of(present.grid_of_cell, tuple(present.kind))
    for each in find_violations(stored.town, stored.land, plan, grid_polygons(plan, stored.land)):
        if each.rule == KEEPS_DEDICATED and each.grid is not None and present.codes[each.grid] in present.locked:
            raise NotPossible(Message(CANNOT_LOCK, {"code": present.codes[each.grid]}))


def _store_plan(context: JobContext, start: CommunityStart, found: Repartition, cures: PlanCures) -> int | None:
    """Store a plan with what its page shows; return the key of the file, None where nothing changes."""
    stored, known = start.stored, set(start.plan.codes)
    inherited = [code if code in known else None for code in found.codes]
    after = CodedPlan(found.plan, fill_missing_codes(stored.town.name, inherited, start.used_codes))
    if np.array_equal(after.code_of_cell(), start.plan.code_of_cell()):
        return None
    plan = cures.add(found.plan, context.progress)
    after = replace(after, plan=plan)
    shapes = grid_polygons(after.plan, stored.land)
    require_no_violations(find_violations(stored.town, stored.land, after.plan, shapes))
    view = build_view(stored, start.groups, start.plan, after, shapes, cures.settings.profile)
    content = BytesIO(plan_files.write_plan(plan, stored, view))
    file = FileContent(plan_files.FILE_NAME, plan_files.MEDIA_TYPE, content)
    subdistrict_id = context.job.subdistrict_id
    assert subdistrict_id, "a partition belongs to a subdistrict"
    return stored_files.store_file(context.session, context.caller, subdistrict_id, file, FilePurpose.RESULT)
