"""A town package into the database: all of it in one transaction, or nothing."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER, Caller
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.progress import Progress
from gridmap.formats.package.town import read_town
from gridmap.formats.package.town_extras import TownExtras, read_town_extras
from gridmap.services.files.partition_report import Clock, PartitionReport
from gridmap.services.plans.adoption import adopt
from gridmap.store import schema
from gridmap.store.retry import retry_transaction
from gridmap.store.session import Database
from gridmap.store.writes import bulk
from gridmap.store.writes.features import build_link_columns, insert_incidents, insert_resident_groups, insert_shops
from gridmap.store.writes.plans import RevisionContent, create_plan, insert_revision
from gridmap.store.writes.towns import StoredTown, SubdistrictInfo, insert_town, open_period
from gridmap.texts import DEFAULT_LANGUAGE, translate

READING, STORING = Message(N_("Reading the town")), Message(N_("Storing the town"))
ALREADY_LOADED = N_("The subdistrict {code} is in the database already: give this one another code with --code.")
FIRST_PLAN = N_("First plan")
STORED_TEXT = N_(
    "subdistrict {code} ({name}): communities {communities}, buildings {buildings}, households {households}"
)
EXTRAS_TEXT = N_("resident groups {resident_groups}, shops {shops}, incidents {incidents}")


@dataclass(frozen=True)
class LoadOptions:
    """How a town is to be loaded.

    Parameters
    ----------
    settings : PartitionSettings or None
        How to divide it; None leaves it undivided.
    effective_date : date
        First day on which the plan is in force.
    grid_name_format : str, optional
        Form of the names of grids, with ``{of}`` for the community and ``{number}``.
    """

    settings: PartitionSettings | None
    effective_date: date
    grid_name_format: str | None = None


@dataclass(frozen=True, eq=False)
class LoadedTown:
    """A town in the database: what was written, and the rows it was written to."""

    identity: SubdistrictInfo
    town: Town
    land: LandCoverage
    stored: StoredTown
    plan: GridPlan | None = None
    grids: gpd.GeoDataFrame | None = None
    extra_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LoadReport:
    """What was loaded, for people and for machines."""

    loaded: LoadedTown
    partition: PartitionReport | None
    clock: Clock

    @property
    def out_of_range(self) -> int:
        """Household grids out of range."""
        return 0 if self.partition is None else self.partition.out_of_range

    def summary(self) -> list[Message]:
        """What is in the database now."""
        told = [Message(STORED_TEXT, self._sizes()), Message(EXTRAS_TEXT, self.loaded.extra_counts)]
        return told if self.partition is None else [*told, self.partition.summary()[-1]]

    def as_json(self) -> dict[str, object]:
        """The same as plain values."""
        division = None if self.partition is None else self.partition.as_json()
        return {**self._sizes(), **self.loaded.extra_counts, "partition": division, "seconds": self.clock.steps}

    def _sizes(self) -> dict[str, object]:
        town, identity = self.loaded.town, self.loaded.identity
        households = int(town.buildings["households"].sum())
        sizes = {"communities": len(town.communities), "buildings": len(town.buildings), "households": households}
        return {"code": identity.code, "name": identity.name, **sizes}


def load_town_file(
    database: Database, source: Path, identity: SubdistrictInfo, options: LoadOptions, progress: Progress
) -> LoadReport:
    """Load a town package.

    Parameters
    ----------
    database : Database
        Trusted.
    source : Path
        Town package; its layers incidents, resident_groups and shops are loaded, too.
    identity : SubdistrictInfo
        Of the subdistrict.
    options : LoadOptions
        Whether and how to divide it.
    progress : Progress
        Told of every step.

    Returns
    -------
    LoadReport

    Raises
    ------
    BadInput
        If the package cannot be used.
    NotPossible
        If the subdistrict is in the database already.
    InvalidPlanError
        If the plan breaks a rule of the land. Nothing is written, whichever it is.
    """
    clock = Clock()
    with database.transaction() as session:
        refuse_existing_code(session, identity.code)
    progress(READING, 0, 1)
    with clock.step("read"):
        town = read_town(source)
        besides = read_town_extras(source, town)
    progress(READING, 1, 1)
    loaded = retry_transaction(
        lambda: _load_in_transaction(database, town, besides, identity, options, StepReporter(clock, progress))
    )
    division = None
    if options.settings and loaded.plan is not None and loaded.grids is not None:
        division = PartitionReport(town, loaded.land, loaded.plan, loaded.grids, options.settings, clock, "en")
    return LoadReport(loaded, division, clock)


def _load_in_transaction(
    database: Database,
    town: Town,
    extras: TownExtras,
    identity: SubdistrictInfo,
    options: LoadOptions,
    reporter: "StepReporter",
) -> LoadedTown:
    with database.transaction() as session:
        return load_town(session, OWNER, town, extras, identity, options, reporter)


@dataclass(frozen=True)
class StepReporter:
    """Who wants to know how far it is, and how long it took."""

    clock: Clock
    progress: Progress


def load_town(
    session: Session,
    caller: Caller,
    town: Town,
    extras: TownExtras,
    identity: SubdistrictInfo,
    options: LoadOptions,
    reporter: StepReporter,
) -> LoadedTown:
    """Load a town within a transaction; see `load_town_file`.

    Parameters
    ----------
    session : Session
        Of a trusted database; committed by the caller.
    town, extras : Town, TownExtras
        What to load.
    identity, options : SubdistrictInfo, LoadOptions
        As what, and how.
    reporter : StepReporter
    """
    refuse_existing_code(session, identity.code)
    with reporter.clock.step("land"):
        land = build_land(town, reporter.progress)
    reporter.progress(STORING, 0, 3)
    with reporter.clock.step("store"):
        stored = insert_town(session, town, land, identity)
        reporter.progress(STORING, 1, 3)
        sizes = _insert_extras(session, town, land, stored, extras, identity)
    loaded = LoadedTown(identity, town, land, stored, extra_counts=sizes)
    reporter.progress(STORING, 2, 3)
    if options.settings is not None:
        loaded = partition_and_adopt(session, caller, loaded, options, options.settings, reporter)
    bulk.analyze(session)
    reporter.progress(STORING, 3, 3)
    return loaded


def refuse_existing_code(session: Session, code: str) -> None:
    """Refuse a code that the database knows: loading a town anew would be changing it."""
    if session.scalar(select(schema.Subdistrict.id).where(schema.Subdistrict.code == code)) is not None:
        raise NotPossible(Message(ALREADY_LOADED, {"code": code}))


def _insert_extras(
    session: Session, town: Town, land: LandCoverage, stored: StoredTown, extras: TownExtras, identity: SubdistrictInfo
) -> dict[str, int]:
    insert_resident_groups(session, stored, extras.resident_groups)
    insert_shops(
        session, build_link_columns(extras.shops, town, land, stored), extras.shops, open_period(identity.as_of)
    )
    insert_incidents(session, build_link_columns(extras.incidents, town, land, stored), extras.incidents, identity.code)
    return {name: len(getattr(extras, name)) for name in ("resident_groups", "shops", "incidents")}


def partition_and_adopt(
    session: Session,
    caller: Caller,
    loaded: LoadedTown,
    options: LoadOptions,
    settings: PartitionSettings,
    reporter: StepReporter,
) -> LoadedTown:
    """Divide a loaded town, and save and adopt the plan of each of its communities."""
    town, land = loaded.town, loaded.land
    with reporter.clock.step("partition"):
        plan = partition_town(town, land, settings, reporter.progress)
    with reporter.clock.step("measure"):
        grids = measure_grids(town, land, plan, settings.profile)
        require_no_violations(find_violations(town, land, plan, grids.geometry.to_numpy()))
    named = grids.assign(name=_grid_names(town, grids, options.grid_name_format))
    with reporter.clock.step("store_plan"):
        for community in range(len(town.communities)):
            _save_and_adopt_plan(session, caller, loaded, plan, named, community, options)
    return replace(loaded, plan=plan, grids=named)


def _grid_names(town: Town, grids: gpd.GeoDataFrame, name_format: str | None) -> pd.Series:
    """Names of grids, numbered within their community in the order of their codes."""
    if name_format is None:
        return pd.Series([None] * len(grids), dtype=object)
    name = grids["community_code"].map(town.communities.set_index("code")["name"])
    number = grids.groupby("community_code")["grid_code"].rank().astype(int)
    return pd.Series([name_format.format(of=of, number=n) for of, n in zip(name, number, strict=True)], dtype=object)


def _save_and_adopt_plan(
    session: Session,
    caller: Caller,
    loaded: LoadedTown,
    plan: GridPlan,
    grids: gpd.GeoDataFrame,
    community_index: int,
    options: LoadOptions,
) -> None:
    """Save and adopt what concerns one community."""
    mine = np.flatnonzero(plan.community == community_index)
    cells = np.flatnonzero(loaded.land.community == community_index)
    if options.settings is None or not len(mine):
        return
    row = np.full(len(plan), -1, dtype=np.int64)
    row[mine] = np.arange(len(mine))
    division = RevisionContent(
        land_id=int(loaded.stored.land_ids[community_index]),
        cell_ids=loaded.stored.cell_ids[cells],
        grid_of_cell=row[plan.grid_of_cell[cells]],
        grids=grids.iloc[mine],
        profile=options.settings.profile,
        reasons=plan.notes,
    )
    begun = create_plan(
        session, caller, int(loaded.stored.community_ids[community_index]), translate(FIRST_PLAN, DEFAULT_LANGUAGE)
    )
    revision = insert_revision(session, caller, begun, division)
    adopt(session, caller, revision.id, options.effective_date)
