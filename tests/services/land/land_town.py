"""Small town for changes of buildings and land, with accounts that act through the application's login."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pyproj
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import Role
from gridmap.services.accounts.accounts import create_account
from gridmap.services.accounts.scopes import ScopeRequest
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.reprojection import to_degrees
from gridmap.store.schema import Building, Community, Grid
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import SUBDISTRICT_CODE, load_town, rolled_back_account_session
from tests.fixtures.town_package import CRS, Layers, box, moved_to_town

WEST_CODE, EAST_CODE = "420106001001", "420106001002"


class LandTown(NamedTuple):
    """A loaded town: the owner's URL, the subdistrict, communities by code and accounts by name."""

    url: str
    subdistrict_id: int
    communities: dict[str, int]
    accounts: dict[str, int]


def load_land_town(owner_url: str, folder: Path, layers: Layers | None = None) -> LandTown:
    """Load the town, with a planner of the subdistrict and planner and station of the western community."""
    load_town(owner_url, folder, layers)
    database = Database(owner_url, trusted=True)
    with database.transaction() as session:
        communities = {row.code: row.id for row in session.execute(select(Community.code, Community.id))}
        subdistrict_id = session.scalars(select(Community.subdistrict_id).limit(1)).one()
        west = ScopeRequest(SUBDISTRICT_CODE, WEST_CODE)
        wanted = {
            "planner": (Role.PLANNER, ScopeRequest(SUBDISTRICT_CODE)),
            "west_planner": (Role.PLANNER, west),
            "west_station": (Role.STATION, west),
            "leader": (Role.LEADER, ScopeRequest(SUBDISTRICT_CODE)),
        }
        accounts = {
            name: create_account(session, caller_of(session), name, role, name, scope)[0]
            for name, (role, scope) in wanted.items()
        }
    database.close()
    return LandTown(owner_url, subdistrict_id, communities, accounts)


@contextmanager
def session_of(town: LandTown, name: str) -> Iterator[tuple[Session, Caller]]:
    """Open a session of an account that is rolled back."""
    with rolled_back_account_session(town.url, town.accounts[name]) as session:
        yield session, caller_of(session)


def place(x: float, y: float, width: float = 0, height: float = 0) -> shapely.Geometry:
    """Return a point or a rectangle of the town in degrees, by its lower left corner in metres."""
    shape = box(x, y, width, height) if width else moved_to_town(shapely.Point(x, y))
    degrees: shapely.Geometry = to_degrees(np.array([shape]), pyproj.CRS(CRS))[0]
    return degrees


def building_id(session: Session, code: str) -> int:
    """Return the key of a building."""
    return session.scalars(select(Building.id).where(Building.code == code)).one()


def grid_of_buildings(session: Session, day: SubdistrictDay) -> dict[str, str | None]:
    """Return the code of the grid in force of each building of a day."""
    found = grids_in_force.select_buildings(caller_of(session), day).subquery()
    rows = select(Building.code, Grid.code).join(found, found.c.id == Building.id)
    return dict(session.execute(rows.outerjoin(Grid, Grid.id == found.c.grid_id)).all())
