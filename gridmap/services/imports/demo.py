"""Demo subdistrict: an artificial town with people, workers, incidents and one account for each role."""

import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.core.caller import OWNER, Caller
from gridmap.core.errors import N_, Message
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.norm import Norm
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
from gridmap.services.accounts.second_factor import require_for_roles
from gridmap.services.files.demo_town import read_population_preset, read_town_preset
from gridmap.services.files.partition_report import Clock
from gridmap.services.imports.demo_accounts import ROLE_NAMES, DemoAccount, DemoReport
from gridmap.services.imports.demo_cases import DemoOffice, add_cases
from gridmap.services.imports.load_report import LoadedTown, LoadOptions, StepReporter, TownPackage
from gridmap.services.imports.town import load_town
from gridmap.services.norms.changes import NormChange
from gridmap.services.people.residents import encrypt_numbers
from gridmap.store import incident_months, locks
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import demo as demo_queries
from gridmap.store.queries.incidents.published_counts import publish_closed_counts
from gridmap.store.session import Database
from gridmap.store.writes import bulk
from gridmap.store.writes import demo as demo_writes
from gridmap.store.writes.features import (
    build_incident_links,
    build_link_columns,
    insert_facilities,
    insert_incidents,
    insert_organisations,
)
from gridmap.store.writes.people import insert_dwellings, insert_residents, insert_roster
from gridmap.store.writes.towns import SubdistrictInfo, insert_household_counts, open_period
from gridmap.texts import DEFAULT_LANGUAGE, translate

POPULATING = Message(N_("Adding residents and incidents to the demo"))
ESTABLISHED_DAYS = 400
"""Age of the plan in force: it is older than the year of incidents."""
DEMO_NORM = N_("Partition into grids: rules of the subdistrict (demo)")
OFFICE_NAMES = {Role.STATION: ROLE_NAMES[Role.STATION], Role.LEADER: ROLE_NAMES[Role.LEADER]}
"""Names of the accounts in the steps of cases."""
PRESET_CODES = {"strip": "001", "towers": "002", "town": "003"}
"""Last three digits of the code of each preset's subdistrict."""


def load_demo(
    database: Database, preset: str = "strip", seed: int = 0, progress: Progress = ignore_progress
) -> DemoReport:
    """Load an artificial subdistrict into a database, unless it is there already.

    Parameters
    ----------
    database : Database
        Trusted, at the schema of this version.
    preset : str
        One of `PRESET_CODES`, each with a code and accounts of its own.
    seed : int
        The same seed gives the same subdistrict; passwords and keys are always random.
    progress : Progress
        Called at every step.

    Returns
    -------
    DemoReport
        With the passwords of the accounts if they were created now; no password is stored in clear.
    """
    life, recipe = read_population_preset(), read_town_preset(preset)
    code = f"{life.county}{PRESET_CODES[preset]}"
    with database.transaction() as session:
        locks.lock_demo(session)
        if existing := demo_queries.list_account_names(session, code):
            accounts = tuple(DemoAccount(role, name) for role, name in existing)
            return DemoReport(code, created=False, accounts=accounts)
        if not demo_queries.has_accounts(session):
            require_for_roles(session, ())  # its people are invented; an office that has accounts keeps its rule
        demo = build_demo(recipe.households, seed, recipe)
        today = get_today(session)
        loaded = _load_demo_town(
            session, OWNER, demo, _demo_identity(code, life, recipe.name, today), recipe.name_lists.grid, progress
        )
        progress(POPULATING, 0, 1)
        populate_town(session, OWNER, loaded, life, np.random.default_rng((seed, 2)), today)
        bulk.analyze(session)
        suffix = "" if preset == "strip" else f"-{preset}"
        created = list(_create_demo_accounts(session, OWNER, code, loaded, suffix))
        _add_cases(session, loaded, {account.role: key for key, account in created}, life, seed)
        accounts = tuple(account for _, account in created)
    progress(POPULATING, 1, 1)
    return DemoReport(code, created=True, accounts=accounts)


def _demo_identity(code: str, life: PopulationPreset, preset: str, today: date) -> SubdistrictInfo:
    name = life.subdistrict if preset == "strip" else f"{life.subdistrict} ({preset})"
    established = today - timedelta(days=ESTABLISHED_DAYS)
    return SubdistrictInfo(code, name, demo_queries.DEMO_SOURCE, established, life.supervision_phone)


def _load_demo_town(
    session: Session, caller: Caller, demo: DemoTown, identity: SubdistrictInfo, grid_name: str, progress: Progress
) -> LoadedTown:
    """Load a town with codes of its own subdistrict: all artificial towns number their communities from 001."""
    codes = {code: position for position, code in enumerate(demo.town.communities["code"])}
    own = [f"{identity.code}{number:03d}" for number in range(1, len(codes) + 1)]
    town = replace(demo.town, communities=demo.town.communities.assign(code=own))
    groups = demo.resident_groups.assign(community=demo.resident_groups["community_code"].map(codes))
    no_incidents = gpd.GeoDataFrame(
        {column: [] for column in ("number", "category", "title", "occurred_at", "closed_at")},
        geometry=[],
        crs=town.crs,
    )
    options = LoadOptions(
        PartitionSettings(jobs=len(os.sched_getaffinity(0))),
        identity.as_of,
        grid_name_format=grid_name,
        norm=NormChange(Norm(), translate(DEMO_NORM, DEFAULT_LANGUAGE), identity.as_of, identity.as_of),
    )
    package = TownPackage(town, TownExtras(no_incidents, groups, demo.shops))
    return load_town(session, caller, package, identity, options, StepReporter(Clock(), progress))


def populate_town(
    session: Session, caller: Caller, loaded: LoadedTown, life: PopulationPreset, rng: np.random.Generator, today: date
) -> None:
    """Add residents, facilities, organisations, incidents and workers to a loaded and partitioned town.

    Parameters
    ----------
    session : Session
        Of a trusted database; the keys of the installation encrypt the numbers of residents.
    caller : Caller
    loaded : LoadedTown
    life : PopulationPreset
    rng : Generator
        Source of all random numbers.
    today : date
    """
    town, land, stored, identity = loaded.town, loaded.land, loaded.stored, loaded.identity
    period = open_period(identity.as_of)
    shared = {"subdistrict_id": stored.subdistrict_id, "valid": period}
    _insert_residents(session, caller, loaded, life, rng, today)
    demo_writes.set_station_phones(session, _station_phones(stored.community_ids, life))
    facilities, organisations = place_facilities(rng, town, life), place_organisations(town, life)
    insert_facilities(session, build_link_columns(facilities, town, land, stored), facilities, period)
    insert_organisations(session, build_link_columns(organisations, town, land, stored), organisations, period)
    incidents = generate_incidents(rng, town, life, today).incidents
    insert_incidents(session, build_incident_links(incidents, town, land, stored), incidents, identity.code)
    incident_months.pack_changed(session.connection())
    if loaded.grids is not None and loaded.plan is not None:
        publish_closed_counts(session, stored.subdistrict_id)
        roster = assign_workers(loaded.plan.community, loaded.grids["kind"].to_numpy(), life)
        insert_roster(session, roster, stored.community_ids, _grid_ids(session, loaded), shared)


def _station_phones(community_ids: IntArray, life: PopulationPreset) -> dict[int, str]:
    """Return a phone number for the workstation of every community."""
    return {
        community_id: life.station_phone.format(number=number)
        for number, community_id in enumerate(community_ids.tolist(), 1)
    }


def _insert_residents(
    session: Session, caller: Caller, loaded: LoadedTown, life: PopulationPreset, rng: np.random.Generator, today: date
) -> None:
    stored, identity = loaded.stored, loaded.identity
    homes = generate_residents(rng, loaded.town, life, today)
    _insert_other_household_counts(session, loaded, homes.dwellings, rng)
    shared = {"subdistrict_id": stored.subdistrict_id, "source": identity.source, "valid": open_period(identity.as_of)}
    households = insert_dwellings(session, homes, stored.building_ids, shared)
    key_ring = load_or_create_key_ring(session, caller)
    numbers = zip(homes.residents["id_number"], homes.residents["phone"], strict=True)
    columns = pd.DataFrame([encrypt_numbers(key_ring, *pair) for pair in numbers])
    residents = pd.concat([homes.residents[["household", "name", "birth_year"]], columns], axis=1)
    insert_residents(session, residents, households, shared)


def _insert_other_household_counts(
    session: Session, loaded: LoadedTown, dwellings: pd.DataFrame, rng: np.random.Generator
) -> None:
    """Insert counts of dwellings and of registered households, to be compared with those of residents."""
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


def _grid_ids(session: Session, loaded: LoadedTown) -> IntArray:
    """Return the keys of a town's grids, in its order."""
    id_by_code = demo_queries.get_grid_ids_by_code(session, loaded.stored.subdistrict_id)
    codes = [] if loaded.grids is None else loaded.grids["grid_code"]
    return np.array([id_by_code[code] for code in codes], dtype=np.int64)


def _create_demo_accounts(
    session: Session, caller: Caller, code: str, loaded: LoadedTown, suffix: str
) -> Iterator[tuple[int, DemoAccount]]:
    """Create one account a role; yield it with its key. Worker and station have the first community."""
    first_community = str(loaded.town.communities["code"].iloc[0])
    for role in ROLE_NAMES:
        community = first_community if role in (Role.WORKER, Role.STATION) else None
        scope = ScopeRequest(code, community, can_approve=role is Role.PLANNER)
        account_id, password = create_account(session, caller, f"{role}{suffix}", role, "", scope)
        demo_writes.skip_password_change(session, account_id)
        if role is Role.WORKER:
            demo_writes.link_first_worker(session, int(loaded.stored.community_ids[0]), account_id)
        yield account_id, DemoAccount(role, f"{role}{suffix}", password)


def _add_cases(
    session: Session, loaded: LoadedTown, account_ids: dict[Role, int], life: PopulationPreset, seed: int
) -> None:
    """Let the accounts deal with the incidents of the first community, where it has a worker."""
    stored = loaded.stored
    community_id = int(stored.community_ids[0])
    worker = demo_queries.find_first_worker(session, community_id)
    if worker is None:
        return
    names = {role: translate(OFFICE_NAMES[role], DEFAULT_LANGUAGE) for role in OFFICE_NAMES} | {
        Role.WORKER: worker.name
    }
    office = DemoOffice(stored.subdistrict_id, community_id, account_ids, names, worker)
    add_cases(session, office, life.handling, np.random.default_rng((seed, 3)), datetime.now(UTC))
