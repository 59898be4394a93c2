"""Two small subdistricts, each with an account for every role: what tests of access look at.

Each has one community of two grids; the worker answers for the first. A resident lives in either grid.
"""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import TypeVar

import pytest
from sqlalchemy.dialects.postgresql import Range
from sqlalchemy.engine import make_url
from sqlalchemy.orm import Session

from gridmap.core.names import Role
from gridmap.services import keys, passwords, people
from gridmap.store import schema
from gridmap.store.session import Database

ID_NUMBERS = {
    "east": ("11010519491231002X", "440524188001010014"),
    "west": ("34052419800101001X", "130503196704010016"),
}
PHONES = {"east": ("13800138000", "13900139000"), "west": ("13700137000", "13600136000")}
PASSWORD = "two lamps over the river"
Row = TypeVar("Row")
ALWAYS = Range(date(2020, 1, 1), None)


@dataclass(frozen=True)
class Office:
    """A subdistrict by its keys: accounts by role, residents and buildings by grid."""

    id: int
    community: int
    accounts: dict[str, int]
    residents: tuple[int, ...]
    buildings: tuple[int, ...]
    grids: tuple[int, ...]


@dataclass(frozen=True)
class Filled:
    """A database with both subdistricts: the owner's address, the home of its keys, and the subdistricts by name."""

    url: str
    home: Path
    places: dict[str, Office]


def filled(owner: str, home: Path) -> Filled:
    """An empty database, filled, with its keys in a home of its own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRIDMAP_HOME", str(home))
        return Filled(owner, home, offices(owner))


@cache
def known() -> str:
    """The hash of `PASSWORD`, made once: it takes a tenth of a second."""
    return passwords.hashed(PASSWORD)


def app_url(owner: str) -> str:
    """The same database for the application's login."""
    return make_url(owner).set(username="gridmap_app", password="test").render_as_string(hide_password=False)


def offices(owner: str) -> dict[str, Office]:
    """Fill an empty database with the subdistricts east and west."""
    database = Database(owner, trusted=True)
    with database.transaction() as session:
        made = {name: office(session, name, longitude) for name, longitude in (("east", 106.0), ("west", 105.0))}
    database.close()
    return made


def office(session: Session, name: str, longitude: float) -> Office:
    """One subdistrict at a longitude."""
    whole = box(longitude, 0.02)
    place = put(session, schema.Subdistrict(code=name, name=f"{name} subdistrict", geometry=whole, source="test"))
    home = {"subdistrict_id": place.id}
    community = put(session, schema.Community(code=f"{name}1", name=f"{name} community", geometry=whole, **home))
    grids = [put(session, schema.Grid(code=f"{name}1{n}", community_id=community.id, **home)) for n in (1, 2)]
    land = put(session, schema.Land(community_id=community.id, crs="EPSG:32648", **home))
    plan = put(session, schema.Plan(community_id=community.id, name="first", **home))
    within = {"community_id": community.id, **home}
    revision = put(session, schema.Revision(plan_id=plan.id, land_id=land.id, number=1, minimum=1, maximum=9, **within))
    put(session, schema.Adoption(revision_id=revision.id, valid=ALWAYS, **within))
    buildings = tuple(
        built(session, within, (land.id, revision.id, grid.id), longitude + n / 100) for n, grid in enumerate(grids)
    )
    residents = tuple(lives(session, name, n, home, building) for n, building in enumerate(buildings))
    accounts = {role.value: account(session, f"{name}-{role}", role, within) for role in Role}
    session.get_one(schema.AccountScope, scope_of(session, accounts["worker"])).grid_id = grids[0].id
    return Office(place.id, community.id, accounts, residents, buildings, tuple(grid.id for grid in grids))


def built(session: Session, within: dict[str, int], keys: tuple[int, int, int], longitude: float) -> int:
    """A building on a cell of its own, which a revision gives to a grid."""
    land, revision, grid = keys
    home = {"subdistrict_id": within["subdistrict_id"]}
    extent = box(longitude, 0.01, "POLYGON")
    number = session.query(schema.Cell).filter_by(land_id=land).count()
    building = put(session, schema.Building(code=f"B{number}", geometry=extent, valid=ALWAYS, **within))
    cell = put(session, schema.Cell(land_id=land, number=number, geometry=extent, **within))
    put(session, schema.BuildingCell(land_id=land, building_id=building.id, cell_id=cell.id, **home))
    put(session, schema.Assignment(revision_id=revision, cell_id=cell.id, grid_id=grid, **home))
    figures = {"kind": "household", "status": "in_range", "households": 1, "buildings": 1, "area_m2": 1_000_000.0}
    row = schema.RevisionGrid(revision_id=revision, grid_id=grid, geometry=box(longitude, 0.01), **figures, **home)
    put(session, row)
    return int(building.id)


def lives(session: Session, name: str, n: int, home: dict[str, int], building: int) -> int:
    """A household of one in a building."""
    lasting = {"source": "test", "valid": ALWAYS, **home}
    household = put(session, schema.Household(building_id=building, kind="resident", **lasting))
    numbers = people.sealed(keys.ring_or_new(session), ID_NUMBERS[name][n], PHONES[name][n])
    return int(put(session, schema.Resident(household_id=household.id, name="张小明", **numbers, **lasting)).id)


def account(session: Session, name: str, role: Role, within: dict[str, int]) -> int:
    """An account with `PASSWORD`; planners, leaders and admins have the whole subdistrict."""
    made = put(session, schema.Account(name=name, display_name=name.title(), role=role))
    put(session, schema.Credential(account_id=made.id, password=known(), must_change=False))
    narrow = within if role in (Role.WORKER, Role.STATION) else {"subdistrict_id": within["subdistrict_id"]}
    put(session, schema.AccountScope(account_id=made.id, valid=ALWAYS, **narrow))
    return int(made.id)


def scope_of(session: Session, account: int) -> int:
    return int(session.query(schema.AccountScope).filter_by(account_id=account).one().id)


def put(session: Session, row: Row) -> Row:
    """Add a row and have its key."""
    session.add(row)
    session.flush()
    return row


def box(longitude: float, width: float, kind: str = "MULTIPOLYGON") -> str:
    """A square whose lower left corner is at a longitude."""
    a, b, c, d = longitude, 29.0, longitude + width, 29.02
    ring = f"(({a} {b},{c} {b},{c} {d},{a} {d},{a} {b}))"
    return f"SRID=4326;{kind}({ring})" if kind == "MULTIPOLYGON" else f"SRID=4326;{kind}{ring}"
