"""First plans of an imported town: partition, revisions and adoption."""

from dataclasses import replace
from datetime import date

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.services.imports.load_report import LoadedTown, LoadOptions, StepReporter
from gridmap.services.plans.adoption import adopt
from gridmap.services.plans.partition import FIRST_PLAN
from gridmap.store.writes.plans import RevisionContent, insert_plan, insert_revision
from gridmap.texts import DEFAULT_LANGUAGE, translate


def partition_and_adopt(
    session: Session,
    caller: Caller,
    loaded: LoadedTown,
    options: LoadOptions,
    settings: PartitionSettings,
    reporter: StepReporter,
) -> LoadedTown:
    """Partition a loaded town, and save and adopt the plan of each community."""
    town, land = loaded.town, loaded.land
    with reporter.clock.step("partition"):
        plan = partition_town(town, land, settings, reporter.progress)
    with reporter.clock.step("measure"):
        grids = measure_grids(town, land, plan, settings.profile)
        require_no_violations(find_violations(town, land, plan, grids.geometry.to_numpy()))
    loaded = replace(loaded, plan=plan, grids=grids.assign(name=_grid_names(town, grids, options.grid_name_format)))
    with reporter.clock.step("store_plan"):
        for community in np.unique(plan.community).tolist():
            community_id = int(loaded.stored.community_ids[community])
            content = _revision_content(loaded, community, settings.profile)
            _save_and_adopt(session, caller, community_id, content, options.effective_date)
    return loaded


def _grid_names(town: Town, grids: gpd.GeoDataFrame, name_format: str | None) -> pd.Series:
    """Name the grids by their community, with a number in the order of their codes."""
    if name_format is None:
        return pd.Series([None] * len(grids), dtype=object)
    names = grids["community_code"].map(town.communities.set_index("code")["name"])
    numbers = grids.groupby("community_code")["grid_code"].rank().astype(int)
    grid_names = [name_format.format(parent=name, number=number) for name, number in zip(names, numbers, strict=True)]
    return pd.Series(grid_names, dtype=object)


def _revision_content(loaded: LoadedTown, community: int, profile: Profile) -> RevisionContent:
    """Build the first revision of one community from the plan of the town."""
    plan, all_grids = loaded.plan, loaded.grids
    assert plan is not None, "the town has been partitioned"
    assert all_grids is not None, "its grids have been measured"
    grids = np.flatnonzero(plan.community == community)
    cells = np.flatnonzero(loaded.land.community == community)
    row_of_grid = np.full(len(plan), -1, dtype=np.int64)
    row_of_grid[grids] = np.arange(len(grids))
    return RevisionContent(
        land_id=int(loaded.stored.land_ids[community]),
        cell_ids=loaded.stored.cell_ids[cells],
        grid_of_cell=row_of_grid[plan.grid_of_cell[cells]],
        grids=all_grids.iloc[grids],
        profile=profile,
        reasons=plan.notes,
    )


def _save_and_adopt(
    session: Session, caller: Caller, community_id: int, content: RevisionContent, effective_date: date
) -> None:
    plan = insert_plan(session, caller, community_id, translate(FIRST_PLAN, DEFAULT_LANGUAGE))
    revision = insert_revision(session, caller, plan, content)
    adopt(session, caller, revision.id, effective_date)
