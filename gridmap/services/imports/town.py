"""Import of a town package into the database, in one transaction."""

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
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations, require_no_violations
from gridmap.core.progress import Progress
from gridmap.formats.package.town import read_town
from gridmap.formats.package.town_extras import TownExtras, read_town_extras
from gridmap.services.files.partition_report import Clock, PartitionReport
from gridmap.services.plans.adoption import adopt
from gridmap.services.plans.partition import FIRST_PLAN
from gridmap.store import schema
from gridmap.store.retry import retry_transaction
from gridmap.store.session import Database
from gridmap.store.writes import bulk
from gridmap.store.writes.features import build_link_columns, insert_incidents, insert_resident_groups, insert_shops
from gridmap.store.writes.plans import RevisionContent, create_plan, insert_revision
from gridmap.store.writes.towns import StoredTown, SubdistrictInfo, insert_town, open_period
from gridmap.texts import DEFAULT_LANGUAGE, translate

READING, STORING = Message(N_("Reading the town")), Message(N_("Storing the town"))
ALREADY_LOADED = N_("The subdistrict {code} is already in the database. Use another code, with --code.")
STORED_TEXT = N_(
    "subdistrict {code} ({name}): communities {communities}, buildings {buildings}, households {households}"
)
EXTRAS_TEXT = N_("resident groups {resident_groups}, shops {shops}, incidents {incidents}")


@dataclass(frozen=True)
class StepReporter:
    """Receivers of progress and of the time of each step."""

    clock: Clock
    progress: Progress


@dataclass(frozen=True, eq=False)
class TownPackage:
    """Town with the optional layers of its package."""

    town: Town
    extras: TownExtras


@dataclass(frozen=True)
class LoadOptions:
    """Options for loading a town.

    Parameters
    ----------
    settings : PartitionSettings or None
        Settings of the partition; None loads the town without plans.
    effective_date : date
        First day on which the plan is in force.
    grid_name_format : str, optional
        Format of the names of grids, with ``{parent}`` for the community and ``{number}``.
    """

    settings: PartitionSettings | None
    effective_date: date
    grid_name_format: str | None = None


@dataclass(frozen=True, eq=False)
class LoadedTown:
    """Loaded town, with the rows that it was written to."""

    identity: SubdistrictInfo
    town: Town
    land: LandCoverage
    stored: StoredTown
    plan: GridPlan | None = None
    grids: gpd.GeoDataFrame | None = None
    extra_counts: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LoadReport:
    """Report of a loaded town, for people and for machines."""

    loaded: LoadedTown
    partition: PartitionReport | None
    clock: Clock

    @property
    def out_of_range(self) -> int:
        """Return the number of household grids out of range."""
        return 0 if self.partition is None else self.partition.out_of_range

    def summary(self) -> list[Message]:
        """Return sentences on the loaded town and its grids."""
        sentences = [Message(STORED_TEXT, self._sizes()), Message(EXTRAS_TEXT, self.loaded.extra_counts)]
        return sentences if self.partition is None else [*sentences, self.partition.summary()[-1]]

    def as_json(self) -> dict[str, object]:
        """Return the report as plain values."""
        partition = None if self.partition is None else self.partition.as_json()
        return {**self._sizes(), **self.loaded.extra_counts, "partition": partition, "seconds": self.clock.steps}

    def _sizes(self) -> dict[str, object]:
        town, identity = self.loaded.town, self.loaded.identity
        households = int(town.buildings["households"].sum())
        sizes = {"communities": len(town.communities), "buildings": len(town.buildings), "households": households}
        return {"code": identity.code, "name": identity.name, **sizes}


def describe_subdistrict(source: Path, code: str | None, name: str | None, as_of: date) -> SubdistrictInfo:
    """Describe the subdistrict of a town package; code and name default to the name of the file.

    Parameters
    ----------
    source : Path
        Town package.
    code, name : str or None
        Code and name of the subdistrict.
    as_of : date
        Reference date of the package.

    Examples
    --------
    >>> describe_subdistrict(Path("donghu.gpkg"), None, None, date(2026, 3, 1)).code
    'donghu'
    """
    return SubdistrictInfo(code or source.stem, name or source.stem, source.name, as_of)


def load_town_file(
    database: Database, source: Path, identity: SubdistrictInfo, options: LoadOptions, progress: Progress
) -> LoadReport:
    """Load a town package into the database, all of it or nothing.

    Parameters
    ----------
    database : Database
        Database of the owner.
    source : Path
        Town package; its optional layers incidents, resident_groups and shops are loaded as well.
    identity : SubdistrictInfo
        Code, name and reference date of the subdistrict.
    options : LoadOptions
        Partition settings and effective date.
    progress : Progress
        Callback for every step.

    Returns
    -------
    LoadReport

    Raises
    ------
    InvalidInput
        If the package cannot be used.
    NotPossible
        If the subdistrict is in the database already.
    InvalidPlanError
        If the plan violates a rule. Nothing is written in any of these cases.
    """
    clock = Clock()
    with database.transaction() as session:
        refuse_existing_code(session, identity.code)
    progress(READING, 0, 1)
    with clock.step("read"):
        town = read_town(source)
        package = TownPackage(town, read_town_extras(source, town))
    progress(READING, 1, 1)
    loaded = retry_transaction(
        lambda: _load_in_transaction(database, package, identity, options, StepReporter(clock, progress))
    )
    partition = None
    if options.settings and loaded.plan is not None and loaded.grids is not None:
        partition = PartitionReport(town, loaded.land, loaded.plan, loaded.grids, options.settings, clock, "en")
    return LoadReport(loaded, partition, clock)


def _load_in_transaction(
    database: Database, package: TownPackage, identity: SubdistrictInfo, options: LoadOptions, reporter: StepReporter
) -> LoadedTown:
    with database.transaction() as session:
        return load_town(session, OWNER, package, identity, options, reporter)


def load_town(
    session: Session,
    caller: Caller,
    package: TownPackage,
    identity: SubdistrictInfo,
    options: LoadOptions,
    reporter: StepReporter,
) -> LoadedTown:
    """Load a town within a transaction; see `load_town_file`.

    Parameters
    ----------
    session : Session
        Session of the owner; the calling function commits.
    caller : Caller
        The owner.
    package : TownPackage
        Town and optional layers.
    identity : SubdistrictInfo
        Code, name and reference date of the subdistrict.
    options : LoadOptions
        Partition settings and effective date.
    reporter : StepReporter
        Receivers of progress and times.
    """
    refuse_existing_code(session, identity.code)
    town = package.town
    with reporter.clock.step("land"):
        land = build_land(town, reporter.progress)
    reporter.progress(STORING, 0, 3)
    with reporter.clock.step("store"):
        stored = insert_town(session, town, land, identity)
        reporter.progress(STORING, 1, 3)
        counts = _insert_extras(session, package, land, stored, identity)
    loaded = LoadedTown(identity, town, land, stored, extra_counts=counts)
    reporter.progress(STORING, 2, 3)
    if options.settings is not None:
        loaded = partition_and_adopt(session, caller, loaded, options, options.settings, reporter)
    bulk.analyze(session)
    reporter.progress(STORING, 3, 3)
    return loaded


def refuse_existing_code(session: Session, code: str) -> None:
    """Refuse the code of a subdistrict that is in the database: an import never changes existing data."""
    if session.scalar(select(schema.Subdistrict.id).where(schema.Subdistrict.code == code)) is not None:
        raise NotPossible(Message(ALREADY_LOADED, {"code": code}))


def _insert_extras(
    session: Session, package: TownPackage, land: LandCoverage, stored: StoredTown, identity: SubdistrictInfo
) -> dict[str, int]:
    town, extras = package.town, package.extras
    insert_resident_groups(session, stored, extras.resident_groups)
    shop_links = build_link_columns(extras.shops, town, land, stored)
    insert_shops(session, shop_links, extras.shops, open_period(identity.as_of))
    incident_links = build_link_columns(extras.incidents, town, land, stored)
    insert_incidents(session, incident_links, extras.incidents, identity.code)
    return {name: len(getattr(extras, name)) for name in ("resident_groups", "shops", "incidents")}


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
    plan = create_plan(session, caller, community_id, translate(FIRST_PLAN, DEFAULT_LANGUAGE))
    revision = insert_revision(session, caller, plan, content)
    adopt(session, caller, revision.id, effective_date)
