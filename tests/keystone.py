"""What the product stands on: one building of the built-in subdistrict that is to move to the neighbouring grid.

Both grids have a worker with an account; people live in the building and an incident in it is open.
"""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from gridmap.app import create_app
from gridmap.config import Settings
from gridmap.core.names import IncidentStatus, Role
from gridmap.services import grids, moving, plans, versions
from gridmap.services.accounts import make_account
from gridmap.services.demo import load_demo
from gridmap.services.scopes import Place
from gridmap.store import schema
from gridmap.store.session import Database
from gridmap.web import current
from tests.offices import app_url, known, put

WEEK = timedelta(days=7)
A_DAY = timedelta(days=1)
OTHER_WORKER = "neighbour"


@dataclass(frozen=True)
class Case:
    """A building, the grid it is in and the one it goes to, by their keys; and the day from which it is to hold.

    `accounts` are those of the roles, and under `OTHER_WORKER` of the worker next door; all have the same password,
    `tests.offices.PASSWORD`.
    """

    url: str
    home: int
    code: str
    community: int
    version: int
    building: int
    building_code: str
    grids: tuple[int, int]
    codes: tuple[str, str]
    incident: int
    residents: int
    households: int
    accounts: Mapping[str, int]
    today: date

    @property
    def day(self) -> date:
        """The effective date."""
        return self.today + WEEK

    @contextmanager
    def seen_by(self, account: str | None, today: date | None = None) -> Iterator[Session]:
        """A session of an account, or of nobody, on a day that stands in for today."""
        database = Database(app_url(self.url), today=today)
        with database.transaction(self.accounts[account] if account else None) as session:
            yield session
        database.close()

    @contextmanager
    def served(self, today: date) -> Iterator[Flask]:
        """The application on a day that stands in for today."""
        made = create_app(Settings(b"only for tests", app_url(self.url), rehearsal=today))
        yield made
        made.extensions[current.DATABASE].close()

    def move(self) -> None:
        """Move the building and approve that for the day, as a planner does on the pages."""
        with self.seen_by("planner") as session:
            version = versions.version(session, self.version)
            ground = moving.ground(session, version, self.today)
            wish = moving.Wish(self.building, self.codes[1])
            made = moving.save(session, ground, wish, self.version, "better walk", self.today)
            plans.approve(session, versions.version(session, made.id), self.day, replace=False, note="decision 12")


def case(url: str, home: Path) -> Case:
    """Fill an empty database and find such a building."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(home))
        database = Database(url, trusted=True)
        load_demo(database)
        with database.transaction() as session:
            session.execute(update(schema.Credential).values(password=known(), must_change=False))
            found = _found(session, url)
        database.close()
    return found


def _found(session: Session, url: str) -> Case:
    today = session.scalars(select(func.today())).one()
    accounts = {row.role: row.id for row in session.execute(select(schema.Account.role, schema.Account.id))}
    mine = schema.Worker.account_id == accounts[Role.WORKER]
    own = session.scalars(select(schema.Duty.grid_id).join(schema.Worker).where(mine, schema.Duty.in_charge)).first()
    community = session.get_one(schema.Grid, own).community_id
    version = versions.of_community(session, community)[0]
    ground = moving.ground(session, version, today)
    chosen, target = next(_candidates(session, ground, session.get_one(schema.Grid, own).code))
    accounts[OTHER_WORKER] = _worker_of(session, target, community)
    source = session.get_one(schema.Grid, own)
    return Case(
        url=url,
        home=source.subdistrict_id,
        code=session.get_one(schema.Subdistrict, source.subdistrict_id).code,
        community=community,
        version=version.id,
        building=chosen.id,
        building_code=chosen.code,
        grids=(source.id, target),
        codes=(source.code, session.get_one(schema.Grid, target).code),
        incident=_incident(session, chosen.id, community),
        residents=_residents(session, chosen.id),
        households=chosen.households,
        accounts=accounts,
        today=today,
    )


def _candidates(session: Session, ground: moving.Ground, own: str) -> Iterator[tuple[moving.Chosen, int]]:
    """Buildings with people that may go next door unasked, where somebody is in charge."""
    for key in ground.kept.buildings.tolist():
        chosen = moving.chosen(ground, key)
        if chosen.grid != own or chosen.together > 1 or not _residents(session, key):
            continue
        for target in moving.targets(ground, key, alone=False):
            effect = moving.effect(ground, moving.Wish(key, target.code))
            grid = session.scalars(select(schema.Grid.id).where(schema.Grid.code == target.code)).one()
            if not effect.broken and not effect.wants_reason and _in_charge(session, grid):
                yield chosen, grid


def _in_charge(session: Session, grid: int) -> int | None:
    rows = select(schema.Duty.worker_id).where(schema.Duty.grid_id == grid, schema.Duty.in_charge)
    return session.scalars(rows).first()


def _worker_of(session: Session, grid: int, community: int) -> int:
    place = session.get_one(schema.Community, community)
    home = session.get_one(schema.Subdistrict, place.subdistrict_id).code
    account, _ = make_account(session, OTHER_WORKER, Role.WORKER, "Neighbour", Place(home, place.code))
    session.execute(update(schema.Credential).values(password=known(), must_change=False))
    worker = schema.Worker.id == _in_charge(session, grid)
    session.execute(update(schema.Worker).where(worker).values(account_id=account))
    return account


def _residents(session: Session, building: int) -> int:
    lives = select(func.count()).select_from(schema.Resident).join(schema.Household)
    return session.scalar(lives.where(schema.Household.building_id == building)) or 0


def _incident(session: Session, building: int, community: int) -> int:
    """An incident in the building that is open."""
    stands = select(schema.BuildingCell.cell_id).where(schema.BuildingCell.building_id == building)
    house: Any = session.get_one(schema.Building, building)
    at = datetime.now(UTC)
    told = {"number": "KEY-1", "category": "order", "title": "门前积水", "channel": "worker", "urgent": False}
    times = {"occurred_at": at, "reported_at": at, "status": IncidentStatus.OPEN}
    where = {"subdistrict_id": house.subdistrict_id, "building_id": building, "cell_id": session.scalars(stands).one()}
    shape = session.scalars(select(func.ST_PointOnSurface(house.geometry))).one()
    return int(put(session, schema.Incident(**told, **times, **where, geometry=shape)).id)


def grids_on(session: Session, found: Case, day: date) -> dict[str, grids.GridInForce]:
    """Grids in force on a day, by code."""
    return {grid.code: grid for grid in grids.all_of(session, grids.day(session, found.home, day))}
