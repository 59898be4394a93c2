"""From a draft to land and first plans, in one transaction."""

import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.coverage.checks import DrawnGrids, check_grids, find_grid_communities
from gridmap.core.coverage.repair import RepairedPlan, repair_grids
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town, select_communities
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.tracing.assembly import build_layers
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.package.town import read_town
from gridmap.formats.results.geopackage import write_layers
from gridmap.services.files.fault_texts import Findings
from gridmap.services.tracing.document import write_draft
from gridmap.services.tracing.drafts import Draft, check_draft, lock_draft
from gridmap.store.day_bounds import get_today
from gridmap.store.message_json import message_from_json, message_to_json
from gridmap.store.queries.plans import first_days as tracing_queries
from gridmap.store.writes.change_sets import open_change_set
from gridmap.store.writes.plans import RevisionContent, insert_plan, insert_revision
from gridmap.store.writes.towns import StoredTown, SubdistrictInfo, UnbuiltSubdistrict, fill_subdistrict
from gridmap.store.writes.tracing.drafts import save_tracing
from gridmap.texts import DEFAULT_LANGUAGE, translate

SOURCE = N_("Drawn on the first day")
TODAYS_GRIDS = N_("Today's grids")
TRACED_NOTE = N_("Grids as traced; {changed} buildings were in another grid, or in none")
NOT_READY = N_("The draft is not complete yet: {count} things are missing or wrong.")


@dataclass(frozen=True)
class BuiltLand:
    """Land made of a draft.

    Parameters
    ----------
    communities, buildings, cells : int
    revisions : mapping
        Key of the revision with the traced grids, by the key of each community that has some.
    """

    communities: int
    buildings: int
    cells: int
    revisions: Mapping[int, int]


def build_subdistrict(
    session: Session, caller: Caller, subdistrict_id: int, version: int, profile: Profile, address: str | None = None
) -> BuiltLand:
    """Build the land of an empty subdistrict from its draft, and save the traced grids as first revisions.

    Nothing is in force by that: the revisions are reviewed and approved as any others. Communities without traced
    grids have land and no plan; they are partitioned on their pages.

    Parameters
    ----------
    session : Session
        Of a planner of the whole subdistrict.
    caller : Caller
    subdistrict_id : int
    version : int
        Version of the draft that the planner has seen.
    profile : Profile
        Norm that the traced grids are judged by.
    address : str, optional
        Network address of the request, for the audit.

    Returns
    -------
    BuiltLand

    Raises
    ------
    NotFound
        If the caller does not work in the whole subdistrict.
    DraftConflict
        If the draft was saved in between.
    NotPossible
        If the land is built already, or if the draft is not complete.
    InvalidInput
        If the shapes cannot become land.
    """
    draft = lock_draft(session, caller, subdistrict_id, version)
    town, drawn = _read_town(draft)
    land = build_land(town, drawn=drawn.shapes if drawn else None)
    info = SubdistrictInfo(
        draft.subdistrict.code, draft.subdistrict.name, translate(SOURCE, DEFAULT_LANGUAGE), get_today(session)
    )
    open_change_set(session, info.source, info.as_of, subdistrict_id=subdistrict_id)
    unbuilt = UnbuiltSubdistrict(subdistrict_id, caller.account_id, address)
    stored = fill_subdistrict(session, town, land, info, unbuilt)
    revisions = _save_traced_grids(session, caller, _BuiltTown(town, land, stored), drawn, profile) if drawn else {}
    report = _check_traced_grids(town, drawn, profile) if drawn else []
    content = {**write_draft(draft.town), "report": [message_to_json(each) for each in report]}
    save_tracing(session, caller, subdistrict_id, draft.version, content)
    return BuiltLand(len(town.communities), len(town.buildings), len(land.cells), revisions)


def _check_traced_grids(town: Town, drawn: DrawnGrids, profile: Profile) -> list[Message]:
    """Return what is wrong in the communities with traced grids; the others are not traced, but partitioned later."""
    community_of_grid = find_grid_communities(town, drawn)
    traced = select_communities(town, np.unique(community_of_grid[community_of_grid >= 0]))
    return Findings(traced, drawn, check_grids(traced, drawn, profile)).summary()


def load_report(session: Session, caller: Caller, subdistrict_id: int) -> list[Message]:
    """Return what was found about the traced grids when the land was built."""
    row = tracing_queries.find_tracing(session, caller, subdistrict_id)
    return [message_from_json(each) for each in row.content.get("report", ())] if row else []


@dataclass(frozen=True, eq=False)
class _BuiltTown:
    """A town with its land and the keys of its rows."""

    town: Town
    land: LandCoverage
    stored: StoredTown


def _read_town(draft: Draft) -> tuple[Town, DrawnGrids | None]:
    """Return the draft as a town, checked as the package of any town is, with its grids."""
    check = check_draft(draft)
    if not check.is_ready:
        count = len(check.missing) + sum(fault.blocks for fault in check.shape_faults)
        raise NotPossible(Message(NOT_READY, {"count": count}))
    layers = build_layers(draft.town, draft.community_names, check.placed)
    with tempfile.TemporaryDirectory(prefix="gridmap-") as folder:
        package = Path(folder) / "draft.gpkg"
        write_layers(package, layers)
        return read_town_and_grids(package, None) if "grids" in layers else (read_town(package), None)


def _save_traced_grids(
    session: Session, caller: Caller, built: _BuiltTown, drawn: DrawnGrids, profile: Profile
) -> dict[int, int]:
    """Save the traced grids of each community that has some; a cell belongs to the grid that covers most of it."""
    repaired = repair_grids(built.town, built.land, drawn, profile)
    grids = _measure(built, repaired, drawn, profile)
    changed = built.town.buildings["community"].to_numpy()[repaired.changes["building"].to_numpy(dtype=np.int64)]
    revisions = {}
    for community in np.unique(find_grid_communities(built.town, drawn)).tolist():
        if community < 0:
            continue
        community_id = int(built.stored.community_ids[community])
        plan = insert_plan(session, caller, community_id, translate(TODAYS_GRIDS, DEFAULT_LANGUAGE))
        content = _revision_content(built, repaired, grids, community, profile)
        note = translate(Message(TRACED_NOTE, {"changed": int((changed == community).sum())}), DEFAULT_LANGUAGE)
        revisions[community_id] = insert_revision(session, caller, plan, content, note=note).id
    return revisions


def _measure(built: _BuiltTown, repaired: RepairedPlan, drawn: DrawnGrids, profile: Profile) -> gpd.GeoDataFrame:
    """Measure the grids, with the codes and names they were traced with."""
    town, land, plan = built.town, built.land, repaired.plan
    measured = measure_grids(town, land, plan, profile)
    violations = find_violations(town, land, plan, measured.geometry.to_numpy())
    require_no_violations(violation for violation in violations if violation.rule != "keeps_dedicated")
    names = [drawn.names[grid] if grid >= 0 else None for grid in repaired.drawn_grid_of_grid.tolist()]
    coded = [bool(drawn.codes[grid]) if grid >= 0 else False for grid in repaired.drawn_grid_of_grid.tolist()]
    codes = measured["grid_code"].where(~np.array(coded), pd.Series(repaired.codes, dtype=object))
    no_reasons = pd.Series([None] * len(measured), dtype=object)
    return measured.assign(grid_code=codes, name=pd.Series(names, dtype=object), reason=no_reasons)


def _revision_content(
    built: _BuiltTown, repaired: RepairedPlan, grids: gpd.GeoDataFrame, community: int, profile: Profile
) -> RevisionContent:
    rows = np.flatnonzero(repaired.plan.community == community)
    cells = np.flatnonzero(built.land.community == community)
    row_of_grid = np.full(len(repaired.plan), -1, dtype=np.int64)
    row_of_grid[rows] = np.arange(len(rows))
    return RevisionContent(
        land_id=int(built.stored.land_ids[community]),
        cell_ids=built.stored.cell_ids[cells],
        grid_of_cell=row_of_grid[repaired.plan.grid_of_cell[cells]],
        grids=grids.iloc[rows],
        profile=profile,
        reasons=repaired.plan.notes,
    )


def fault_messages(error: InvalidInput) -> list[Message]:
    """Return the faults of land that cannot be built, as sentences for the planner."""
    return [_fault_message(fault) for fault in error.faults]


def _fault_message(fault: InputFault) -> Message:
    place = " · ".join(part for part in (fault.layer, fault.id or "") if part)
    return Message("{place}: {problem}", {"place": place, "problem": fault.problem}) if place else fault.problem
