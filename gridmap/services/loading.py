"""A town package into the database: all of it in one transaction, or nothing."""

from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.errors import N_, Message, Unable
from gridmap.core.land import Land, build_land
from gridmap.core.measures import measure
from gridmap.core.partition.divide import Settings, divide
from gridmap.core.plan import Plan
from gridmap.core.progress import Progress
from gridmap.core.rules import BrokenPlanError, breaches
from gridmap.core.town import Town
from gridmap.formats.besides import Besides, read_besides
from gridmap.formats.town import read_town
from gridmap.services.plans import adopt
from gridmap.services.report import Clock, PartitionReport
from gridmap.store import bulk, schema
from gridmap.store.again import again
from gridmap.store.places import linked_places, put_incidents, put_resident_groups, put_shops
from gridmap.store.plans import Division, begin_plan, put_revision
from gridmap.store.session import Database
from gridmap.store.towns import Identity, StoredTown, put_town, since
from gridmap.texts import DEFAULT_LANGUAGE, say

READING, STORING = Message(N_("Reading the town")), Message(N_("Storing the town"))
LOADED = N_("The subdistrict {code} is in the database already: give this one another code with --code.")
FIRST_PLAN = N_("First plan")
STORED = N_("subdistrict {code} ({name}): communities {communities}, buildings {buildings}, households {households}")
BESIDE = N_("resident groups {resident_groups}, shops {shops}, incidents {incidents}")


@dataclass(frozen=True)
class Wish:
    """How a town is to be loaded.

    Parameters
    ----------
    settings : Settings or None
        How to divide it; None leaves it undivided.
    adopted : date
        First day on which the plan is in force.
    grid_name : str, optional
        Form of the names of grids, with ``{of}`` for the community and ``{number}``.
    """

    settings: Settings | None
    adopted: date
    grid_name: str | None = None


@dataclass(frozen=True, eq=False)
class Loaded:
    """A town in the database: what was written, and the rows it was written to."""

    identity: Identity
    town: Town
    land: Land
    stored: StoredTown
    plan: Plan | None = None
    grids: gpd.GeoDataFrame | None = None
    besides: dict[str, int] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class LoadReport:
    """What was loaded, for people and for machines."""

    loaded: Loaded
    division: PartitionReport | None
    clock: Clock

    @property
    def out_of_range(self) -> int:
        """Household grids out of range."""
        return 0 if self.division is None else self.division.out_of_range

    def summary(self) -> list[Message]:
        """What is in the database now."""
        told = [Message(STORED, self._size()), Message(BESIDE, self.loaded.besides)]
        return told if self.division is None else [*told, self.division.summary()[-1]]

    def as_json(self) -> dict[str, object]:
        """The same as plain values."""
        division = None if self.division is None else self.division.as_json()
        return {**self._size(), **self.loaded.besides, "partition": division, "seconds": self.clock.steps}

    def _size(self) -> dict[str, object]:
        town, identity = self.loaded.town, self.loaded.identity
        households = int(town.buildings["households"].sum())
        sizes = {"communities": len(town.communities), "buildings": len(town.buildings), "households": households}
        return {"code": identity.code, "name": identity.name, **sizes}


def load_file(database: Database, source: Path, identity: Identity, wish: Wish, progress: Progress) -> LoadReport:
    """Load a town package.

    Parameters
    ----------
    database : Database
        Trusted.
    source : Path
        Town package; its layers incidents, resident_groups and shops are loaded, too.
    identity : Identity
        Of the subdistrict.
    wish : Wish
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
    Unable
        If the subdistrict is in the database already.
    BrokenPlanError
        If the plan breaks a rule of the land. Nothing is written, whichever it is.
    """
    clock = Clock()
    with database.transaction() as session:
        refuse_loaded(session, identity.code)
    progress(READING, 0, 1)
    with clock.step("read"):
        town = read_town(source)
        besides = read_besides(source, town)
    progress(READING, 1, 1)
    loaded = again(lambda: _loaded(database, town, besides, identity, wish, Told(clock, progress)))
    division = None
    if wish.settings and loaded.plan is not None and loaded.grids is not None:
        division = PartitionReport(town, loaded.land, loaded.plan, loaded.grids, wish.settings, clock, "en")
    return LoadReport(loaded, division, clock)


def _loaded(database: Database, town: Town, besides: Besides, identity: Identity, wish: Wish, told: "Told") -> Loaded:
    with database.transaction() as session:
        return load_town(session, town, besides, identity, wish, told)


@dataclass(frozen=True)
class Told:
    """Who wants to know how far it is, and how long it took."""

    clock: Clock
    progress: Progress


def load_town(session: Session, town: Town, besides: Besides, identity: Identity, wish: Wish, told: Told) -> Loaded:
    """Load a town within a transaction; see `load_file`.

    Parameters
    ----------
    session : Session
        Of a trusted database; committed by the caller.
    town, besides : Town, Besides
        What to load.
    identity, wish : Identity, Wish
        As what, and how.
    told : Told
    """
    refuse_loaded(session, identity.code)
    with told.clock.step("land"):
        land = build_land(town, told.progress)
    told.progress(STORING, 0, 3)
    with told.clock.step("store"):
        stored = put_town(session, town, land, identity)
        told.progress(STORING, 1, 3)
        sizes = _put_besides(session, town, land, stored, besides, identity)
    loaded = Loaded(identity, town, land, stored, besides=sizes)
    told.progress(STORING, 2, 3)
    if wish.settings is not None:
        loaded = divided(session, loaded, wish, wish.settings, told)
    bulk.settled(session)
    told.progress(STORING, 3, 3)
    return loaded


def refuse_loaded(session: Session, code: str) -> None:
    """Refuse a code that the database knows: loading a town anew would be changing it."""
    if session.scalar(select(schema.Subdistrict.id).where(schema.Subdistrict.code == code)) is not None:
        raise Unable(Message(LOADED, {"code": code}))


def _put_besides(
    session: Session, town: Town, land: Land, stored: StoredTown, besides: Besides, identity: Identity
) -> dict[str, int]:
    put_resident_groups(session, stored, besides.resident_groups)
    put_shops(session, linked_places(besides.shops, town, land, stored), besides.shops, since(identity.as_of))
    put_incidents(session, linked_places(besides.incidents, town, land, stored), besides.incidents, identity.code)
    return {name: len(getattr(besides, name)) for name in ("resident_groups", "shops", "incidents")}


def divided(session: Session, loaded: Loaded, wish: Wish, settings: Settings, told: Told) -> Loaded:
    """Divide a loaded town, and save and adopt the plan of each of its communities."""
    town, land = loaded.town, loaded.land
    with told.clock.step("partition"):
        plan = divide(town, land, settings, told.progress)
    with told.clock.step("measure"):
        grids = measure(town, land, plan, settings.profile)
        if broken := breaches(town, land, plan, grids.geometry.to_numpy()):
            raise BrokenPlanError("; ".join(map(str, broken)))
    named = grids.assign(name=_names(town, grids, wish.grid_name))
    with told.clock.step("store_plan"):
        for community in range(len(town.communities)):
            _put_plan(session, loaded, plan, named, community, wish)
    return replace(loaded, plan=plan, grids=named)


def _names(town: Town, grids: gpd.GeoDataFrame, form: str | None) -> pd.Series:
    """Names of grids, numbered within their community in the order of their codes."""
    if form is None:
        return pd.Series([None] * len(grids), dtype=object)
    name = grids["community_code"].map(town.communities.set_index("code")["name"])
    number = grids.groupby("community_code")["grid_code"].rank().astype(int)
    return pd.Series([form.format(of=of, number=n) for of, n in zip(name, number, strict=True)], dtype=object)


def _put_plan(
    session: Session, loaded: Loaded, plan: Plan, grids: gpd.GeoDataFrame, community: int, wish: Wish
) -> None:
    """Save and adopt what concerns one community."""
    mine = np.flatnonzero(plan.community == community)
    cells = np.flatnonzero(loaded.land.community == community)
    if wish.settings is None or not len(mine):
        return
    row = np.full(len(plan), -1, dtype=np.int64)
    row[mine] = np.arange(len(mine))
    division = Division(
        land=int(loaded.stored.lands[community]),
        cells=loaded.stored.cells[cells],
        of_cell=row[plan.of_cell[cells]],
        grids=grids.iloc[mine],
        profile=wish.settings.profile,
        reasons=plan.notes,
    )
    begun = begin_plan(session, int(loaded.stored.communities[community]), say(FIRST_PLAN, DEFAULT_LANGUAGE))
    revision = put_revision(session, begun, division)
    adopt(session, revision.id, wish.adopted)
