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

from gridmap.core.arrays import Ints
from gridmap.core.demo import Demo, build_demo
from gridmap.core.demo.fittings import place_facilities, place_organisations
from gridmap.core.demo.happenings import a_year_of_incidents
from gridmap.core.demo.homes import settle_homes
from gridmap.core.demo.life import Life
from gridmap.core.demo.roster import staff
from gridmap.core.errors import N_, Message
from gridmap.core.names import HouseholdKind, Role
from gridmap.core.partition.divide import Settings
from gridmap.core.progress import Progress, silent
from gridmap.formats.besides import Besides
from gridmap.services.accounts import make_account
from gridmap.services.demo_accounts import ROLES, DemoAccount, DemoReport
from gridmap.services.keys import ring_or_new
from gridmap.services.loading import Loaded, Told, Wish, load_town
from gridmap.services.people import sealed
from gridmap.services.report import Clock
from gridmap.services.scopes import Place
from gridmap.services.towns import read_life, read_recipe
from gridmap.store import bulk, schema
from gridmap.store.people import put_homes, put_residents, put_roster
from gridmap.store.places import linked_places, put_facilities, put_incidents, put_organisations
from gridmap.store.session import Database
from gridmap.store.towns import Identity, count_households, since

PEOPLING = Message(N_("Peopling the demo"))
SOURCE = "gridmap demo"
ESTABLISHED_DAYS = 400
"""The plan has been in force for longer than the year of incidents."""
PRESETS = {"strip": "001", "towers": "002", "town": "003"}
"""Last three digits of the code of each preset's subdistrict."""


def load_demo(database: Database, preset: str = "strip", seed: int = 0, progress: Progress = silent) -> DemoReport:
    """Fill a database with an artificial subdistrict; nothing happens where it is there already.

    Parameters
    ----------
    database : Database
        Trusted, at the schema of this version.
    preset : str
        One of `PRESETS`; each has a code and accounts of its own.
    seed : int
        Same seed, same subdistrict; only passwords and keys are drawn anew.
    progress : Progress
        Told of every step.

    Returns
    -------
    DemoReport
        With the passwords of the accounts if they were made now; they are kept nowhere in clear.
    """
    life, recipe = read_life(), read_recipe(preset)
    code = f"{life.county}{PRESETS[preset]}"
    with database.transaction() as session:
        session.execute(select(func.pg_advisory_xact_lock(func.hashtext("demo"))))
        if there := _accounts_of(session, code):
            return DemoReport(code, made=False, accounts=there)
        demo = build_demo(recipe.households, seed, recipe)
        today = session.scalars(select(func.today())).one()
        loaded = _load(session, demo, _identity(code, life, recipe.name, today), recipe.words.grid, progress)
        progress(PEOPLING, 0, 1)
        people(session, loaded, life, np.random.default_rng((seed, 2)), today)
        bulk.settled(session)
        accounts = tuple(_make_accounts(session, code, loaded, "" if preset == "strip" else f"-{preset}"))
    progress(PEOPLING, 1, 1)
    return DemoReport(code, made=True, accounts=accounts)


def _identity(code: str, life: Life, preset: str, today: date) -> Identity:
    name = life.subdistrict if preset == "strip" else f"{life.subdistrict} ({preset})"
    return Identity(code, name, SOURCE, today - timedelta(days=ESTABLISHED_DAYS), life.supervision_phone)


def _load(session: Session, demo: Demo, identity: Identity, grid_name: str, progress: Progress) -> Loaded:
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
    wish = Wish(Settings(jobs=len(os.sched_getaffinity(0))), identity.as_of, grid_name)
    return load_town(session, town, Besides(nothing, groups, demo.shops), identity, wish, Told(Clock(), progress))


def people(session: Session, loaded: Loaded, life: Life, rng: np.random.Generator, today: date) -> None:
    """Give a loaded and divided town residents, facilities, organisations, incidents and workers.

    Parameters
    ----------
    session : Session
        Of a trusted database; the keys of the installation seal the numbers of residents.
    loaded : Loaded
    life : Life
    rng : Generator
        Of every draw.
    today : date
    """
    town, land, stored, identity = loaded.town, loaded.land, loaded.stored, loaded.identity
    period = since(identity.as_of)
    shared = {"subdistrict_id": stored.subdistrict, "valid": period}
    _put_people(session, loaded, life, rng, today)
    _open_stations(session, stored.communities, life)
    facilities, organisations = place_facilities(rng, town, life), place_organisations(town, life)
    put_facilities(session, linked_places(facilities, town, land, stored), facilities, period)
    put_organisations(session, linked_places(organisations, town, land, stored), organisations, period)
    incidents = a_year_of_incidents(rng, town, life, today).incidents
    put_incidents(session, linked_places(incidents, town, land, stored), incidents, identity.code)
    if loaded.grids is not None and loaded.plan is not None:
        roster = staff(loaded.plan.community, loaded.grids["kind"].to_numpy(), life)
        put_roster(session, roster, stored.communities, _grid_numbers(session, loaded), shared)


def _open_stations(session: Session, communities: Ints, life: Life) -> None:
    """Give every community a workstation that can be called."""
    for number, community in enumerate(communities.tolist(), 1):
        phone = life.station_phone.format(number=number)
        own = schema.Community.id == community
        session.execute(update(schema.Community).where(own).values(station_phone=phone))


def _put_people(session: Session, loaded: Loaded, life: Life, rng: np.random.Generator, today: date) -> None:
    stored, identity = loaded.stored, loaded.identity
    homes = settle_homes(rng, loaded.town, life, today)
    _count_otherwise(session, loaded, homes.dwellings, rng)
    home = {"subdistrict_id": stored.subdistrict, "source": identity.source, "valid": since(identity.as_of)}
    households = put_homes(session, homes, stored.buildings, home)
    keys = ring_or_new(session)
    numbers = zip(homes.residents["id_number"], homes.residents["phone"], strict=True)
    columns = pd.DataFrame([sealed(keys, *pair) for pair in numbers])
    residents = pd.concat([homes.residents[["household", "name", "birth_year"]], columns], axis=1)
    put_residents(session, residents, households, home)


def _count_otherwise(session: Session, loaded: Loaded, dwellings: pd.DataFrame, rng: np.random.Generator) -> None:
    """The other two kinds of 户, so that they can be compared: dwellings, and who is registered."""
    resident = loaded.town.buildings["households"].to_numpy()
    counts = {
        HouseholdKind.DWELLING: np.bincount(dwellings["building"], minlength=len(resident)),
        HouseholdKind.REGISTERED: rng.binomial(resident, 0.8),
    }
    for kind, counted in counts.items():
        table = pd.DataFrame({"households": counted, "low": counted, "high": counted, "estimated": False})
        count_households(session, loaded.stored.subdistrict, loaded.identity, loaded.stored.buildings, kind, table)


def _grid_numbers(session: Session, loaded: Loaded) -> np.ndarray:
    """Numbers of the rows of a town's grids, in its order."""
    rows = session.execute(
        select(schema.Grid.code, schema.Grid.id).where(schema.Grid.subdistrict_id == loaded.stored.subdistrict)
    )
    number = {row.code: row.id for row in rows}
    codes = [] if loaded.grids is None else loaded.grids["grid_code"]
    return np.array([number[code] for code in codes], dtype=np.int64)


def _make_accounts(session: Session, code: str, loaded: Loaded, suffix: str) -> Iterator[DemoAccount]:
    """One account a role; the worker's is that of the first worker, the station's works for one community."""
    community = str(loaded.town.communities["code"].iloc[0])
    for role in ROLES:
        near = community if role in (Role.WORKER, Role.STATION) else None
        made, password = make_account(session, f"{role}{suffix}", role, "", Place(code, near))
        _keep_password(session, made)
        if role is Role.WORKER:
            _hand_over(session, loaded, made)
        yield DemoAccount(role, f"{role}{suffix}", password)


def _keep_password(session: Session, account: int) -> None:
    """Nobody has to choose another password before looking round: this one is random, and the people are invented."""
    mine = schema.Credential.account_id == account
    session.execute(update(schema.Credential).where(mine).values(must_change=False))


def _hand_over(session: Session, loaded: Loaded, account: int) -> None:
    """Let the first worker of the first community sign in."""
    mine = select(func.min(schema.Worker.id)).where(
        schema.Worker.community_id == int(loaded.stored.communities[0]), schema.Worker.full_time
    )
    worker = session.scalars(mine).one()
    session.execute(update(schema.Worker).where(schema.Worker.id == worker).values(account_id=account))


def _accounts_of(session: Session, code: str) -> list[DemoAccount]:
    """Accounts that work in a subdistrict; none if it is not there."""
    rows = session.execute(
        select(schema.Account.role, schema.Account.name)
        .join(schema.AccountScope, schema.AccountScope.account_id == schema.Account.id)
        .join(schema.Subdistrict, schema.Subdistrict.id == schema.AccountScope.subdistrict_id)
        .where(schema.Subdistrict.code == code)
        .order_by(schema.Account.id)
    )
    return [DemoAccount(Role(role), name) for role, name in rows.unique()]
