"""The built-in subdistrict: an artificial town with people, workers, incidents and one account for each role."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.core.caller import OWNER, Caller
from gridmap.core.errors import N_, Message
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.progress import Progress, ignore_progress
from gridmap.core.vocabulary import HouseholdKind, Role
from gridmap.demo import DemoTown, build_demo
from gridmap.demo.facilities import place_facilities, place_organisations
from gridmap.demo.incidents import generate_incidents
from gridmap.demo.population import PopulationPreset
from gridmap.demo.residents import generate_residents
from gridmap.demo.workers import assign_workers
from gridmap.formats.package.town_extras import TownExtras
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.encryption_keys import load_or_create_key_ring
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.services.files.demo_town import read_population_preset, read_town_preset
from gridmap.services.files.partition_report import Clock
from gridmap.services.imports.demo_accounts import ROLE_NAMES, DemoAccount, DemoReport
from gridmap.services.imports.load_report import LoadedTown, LoadOptions, StepReporter, TownPackage
from gridmap.services.imports.town import load_town
from gridmap.services.people.residents import encrypt_numbers
from gridmap.store import locks, schema
from gridmap.store.session import Database
from gridmap.store.writes import bulk
from gridmap.store.writes.features import build_link_columns, insert_facilities, insert_incidents, insert_organisations
from gridmap.store.writes.people import insert_dwellings, insert_residents, insert_roster
from gridmap.store.writes.towns import SubdistrictInfo, insert_household_counts, open_period

POPULATING = Message(N_("Peopling the demo"))
SOURCE_NAME = "gridmap demo"
ESTABLISHED_DAYS = 400
"""The plan has been in force for longer than the year of incidents."""
PRESET_CODES = {"strip": "001", "towers": "002", "town": "003"}
"""Last three digits of the code of each preset's subdistrict."""


def load_demo(
    database: Database, preset: str = "strip", seed: int = 0, progress: Progress = ignore_progress
) -> DemoReport:
    """Fill a database with an artificial subdistrict; nothing happens where it is there already.

    Parameters
    ----------
    database : Database
        Trusted, at the schema of this version.
    preset : str
        One of `PRESET_CODES`; each has a code and accounts of its own.
    seed : int
        Same seed, same subdistrict; only passwords and keys are drawn anew.
    progress : Progress
        Told of every step.

    Returns
    -------
    DemoReport
        With the passwords of the accounts if they were made now; they are kept nowhere in clear.
    """
    life, recipe = read_population_preset(), read_town_preset(preset)
    code = f"{life.county}{PRESET_CODES[preset]}"
    with database.transaction() as session:
        locks.lock_demo(session)
        if there := _list_demo_accounts(session, code):
            return DemoReport(code, created=False, accounts=there)
        demo = build_demo(recipe.households, seed, recipe)
        today = session.scalars(select(func.today())).one()
        loaded = _load_demo_town(
            session, OWNER, demo, _demo_identity(code, life, recipe.name, today), recipe.name_lists.grid, progress
        )
        progress(POPULATING, 0, 1)
        populate_town(session, OWNER, loaded, life, np.random.default_rng((seed, 2)), today)
        bulk.analyze(session)
        accounts = tuple(_create_demo_accounts(session, OWNER, code, loaded, "" if preset == "strip" else f"-{preset}"))
    progress(POPULATING, 1, 1)
    return DemoReport(code, created=True, accounts=accounts)


def _demo_identity(code: str, life: PopulationPreset, preset: str, today: date) -> SubdistrictInfo:
    name = life.subdistrict if preset == "strip" else f"{life.subdistrict} ({preset})"
    return SubdistrictInfo(code, name, SOURCE_NAME, today - timedelta(days=ESTABLISHED_DAYS), life.supervision_phone)


def _load_demo_town(
    session: Session, caller: Caller, demo: DemoTown, identity: SubdistrictInfo, grid_name: str, progress: Progress
) -> LoadedTown:
    """Load the town under the code of its own subdistrict: the built-in towns all number theirs from 001."""
    codes = {code: position for position, code in enumerate(demo.town.communities["code"])}
    own = [f"{identity.code}{number:03d}" for number in range(1, len(codes) + 1)]
    town = replace(demo.town, communities=demo.town.communities.assign(code=own))
    groups = demo.resident_groups.assign(community=demo.resident_groups["community_code"].map(codes))
    nothing = gpd.GeoDataFrame(
        {column: [] for column in ("number", "category", "title", "occurred_at", "closed_at")},
        geometry=[],
        crs=town.crs,
    )
    wish = LoadOptions(PartitionSettings(jobs=len(os.sched_getaffinity(0))), identity.as_of, grid_name)
    package = TownPackage(town, TownExtras(nothing, groups, demo.shops))
    return load_town(session, caller, package, identity, wish, StepReporter(Clock(), progress))


def populate_town(
    session: Session, caller: Caller, loaded: LoadedTown, life: PopulationPreset, rng: np.random.Generator, today: date
) -> None:
    """Give a loaded and divided town residents, facilities, organisations, incidents and workers.

    Parameters
    ----------
    session : Session
        Of a trusted database; the keys of the installation seal the numbers of residents.
    loaded : LoadedTown
    life : PopulationPreset
    rng : Generator
        Of every draw.
    today : date
    """
    town, land, stored, identity = loaded.town, loaded.land, loaded.stored, loaded.identity
    period = open_period(identity.as_of)
    shared = {"subdistrict_id": stored.subdistrict_id, "valid": period}
    _insert_residents(session, caller, loaded, life, rng, today)
    _set_station_phones(session, stored.community_ids, life)
    facilities, organisations = place_facilities(rng, town, life), place_organisations(town, life)
    insert_facilities(session, build_link_columns(facilities, town, land, stored), facilities, period)
    insert_organisations(session, build_link_columns(organisations, town, land, stored), organisations, period)
    incidents = generate_incidents(rng, town, life, today).incidents
    insert_incidents(session, build_link_columns(incidents, town, land, stored), incidents, identity.code)
    if loaded.grids is not None and loaded.plan is not None:
        roster = assign_workers(loaded.plan.community, loaded.grids["kind"].to_numpy(), life)
        insert_roster(session, roster, stored.community_ids, _list_grid_ids(session, loaded), shared)


def _set_station_phones(session: Session, community_ids: IntArray, life: PopulationPreset) -> None:
    """Give every community a workstation that can be called."""
    for number, community in enumerate(community_ids.tolist(), 1):
        phone = life.station_phone.format(number=number)
        own = schema.Community.id == community
        session.execute(update(schema.Community).where(own).values(station_phone=phone))


def _insert_residents(
    session: Session, caller: Caller, loaded: LoadedTown, life: PopulationPreset, rng: np.random.Generator, today: date
) -> None:
    stored, identity = loaded.stored, loaded.identity
    homes = generate_residents(rng, loaded.town, life, today)
    _insert_other_household_counts(session, loaded, homes.dwellings, rng)
    home = {"subdistrict_id": stored.subdistrict_id, "source": identity.source, "valid": open_period(identity.as_of)}
    households = insert_dwellings(session, homes, stored.building_ids, home)
    keys = load_or_create_key_ring(session, caller)
    numbers = zip(homes.residents["id_number"], homes.residents["phone"], strict=True)
    columns = pd.DataFrame([encrypt_numbers(keys, *pair) for pair in numbers])
    residents = pd.concat([homes.residents[["household", "name", "birth_year"]], columns], axis=1)
    insert_residents(session, residents, households, home)


def _insert_other_household_counts(
    session: Session, loaded: LoadedTown, dwellings: pd.DataFrame, rng: np.random.Generator
) -> None:
    """The other two kinds of 户, so that they can be compared: dwellings, and who is registered."""
    resident = loaded.town.buildings["households"].to_numpy()
    counts = {
        HouseholdKind.DWELLING: np.bincount(dwellings["building"], minlength=len(resident)),
        HouseholdKind.REGISTERED: rng.binomial(resident, 0.8),
    }
    for kind, counted in counts.items():
        table = pd.DataFrame({"households": counted, "low": counted, "high": counted, "estimated": False})
        insert_household_counts(
            session, loaded.stored.subdistrict_id, loaded.identity, loaded.stored.building_ids, kind, table
        )


def _list_grid_ids(session: Session, loaded: LoadedTown) -> np.ndarray:
    """Numbers of the rows of a town's grids, in its order."""
    rows = session.execute(
        select(schema.Grid.code, schema.Grid.id).where(schema.Grid.subdistrict_id == loaded.stored.subdistrict_id)
    )
    number = {row.code: row.id for row in rows}
    codes = [] if loaded.grids is None else loaded.grids["grid_code"]
    return np.array([number[code] for code in codes], dtype=np.int64)


def _create_demo_accounts(
    session: Session, caller: Caller, code: str, loaded: LoadedTown, suffix: str
) -> Iterator[DemoAccount]:
    """One account a role; the worker's is that of the first worker, the station's works for one community."""
    community = str(loaded.town.communities["code"].iloc[0])
    for role in ROLE_NAMES:
        near = community if role in (Role.WORKER, Role.STATION) else None
        made, password = create_account(session, caller, f"{role}{suffix}", role, "", ScopeRequest(code, near))
        _skip_password_change(session, made)
        if role is Role.WORKER:
            _link_first_worker(session, loaded, made)
        yield DemoAccount(role, f"{role}{suffix}", password)


def _skip_password_change(session: Session, account_id: int) -> None:
    """Nobody has to choose another password before looking round: this one is random, and the people are invented."""
    mine = schema.Credential.account_id == account_id
    session.execute(update(schema.Credential).where(mine).values(must_change=False))


def _link_first_worker(session: Session, loaded: LoadedTown, account_id: int) -> None:
    """Let the first worker of the first community sign in."""
    mine = select(func.min(schema.Worker.id)).where(
        schema.Worker.community_id == int(loaded.stored.community_ids[0]), schema.Worker.full_time
    )
    worker = session.scalars(mine).one()
    session.execute(update(schema.Worker).where(schema.Worker.id == worker).values(account_id=account_id))


def _list_demo_accounts(session: Session, code: str) -> list[DemoAccount]:
    """Accounts that work in a subdistrict; none if it is not there."""
    rows = session.execute(
        select(schema.Account.role, schema.Account.name)
        .join(schema.AccountScope, schema.AccountScope.account_id == schema.Account.id)
        .join(schema.Subdistrict, schema.Subdistrict.id == schema.AccountScope.subdistrict_id)
        .where(schema.Subdistrict.code == code)
        .order_by(schema.Account.id)
    )
    return [DemoAccount(Role(role), name) for role, name in rows.unique()]
