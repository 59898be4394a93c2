"""Crashes of a real town by grid and by square, beside geopandas, which reads nothing but the file."""

import os
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import geopandas as gpd
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.partition.divide import Settings
from gridmap.core.progress import silent
from gridmap.services.loading import Wish as Load
from gridmap.services.loading import load_file
from gridmap.store.schema import Subdistrict
from gridmap.store.session import Database
from gridmap.store.towns import Identity
from tests.conftest import BESIDE
from tests.loaded import undone
from tests.plain_heat import Plain, placed, stored_by_square, told_by_grid, wishes

CODE, LONG_AGO = "cambridge", date(2009, 1, 1)
FILE = Path(os.environ.get("GRIDMAP_TOWNS", BESIDE)) / "cambridge.gpkg"


@pytest.fixture(scope="module")
def loaded(module_database_url: str) -> str:
    """The town, divided by default, with grids that hold since before the first crash."""
    if not FILE.is_file():
        pytest.skip(f"no real town at {FILE}; set GRIDMAP_TOWNS to a folder of town packages")
    database = Database(module_database_url, trusted=True)
    identity = Identity(CODE, "Cambridge", FILE.name, LONG_AGO)
    load_file(database, FILE, identity, Load(Settings(jobs=2), LONG_AGO), silent)
    database.close()
    return module_database_url


@pytest.fixture
def owners(loaded: str) -> Iterator[Session]:
    with undone(loaded) as session:
        yield session


@pytest.fixture
def home(owners: Session) -> int:
    return owners.scalars(select(Subdistrict.id).where(Subdistrict.code == CODE)).one()


@pytest.fixture
def plain(loaded: str) -> Plain:
    """Crashes of the file; each was over when it happened."""
    rows = gpd.read_file(FILE, layer="incidents")
    return placed(rows.assign(closed_at=rows["occurred_at"]), loaded, CODE)


def test_by_grid_sixty_times_as_geopandas_counts(owners: Session, home: int, plain: Plain) -> None:
    for wish in wishes(plain, 60, seed=1):
        assert told_by_grid(owners, home, wish) == plain.by_grid(wish), wish


def test_by_square_sixty_times_as_geopandas_counts(owners: Session, home: int, plain: Plain) -> None:
    for wish in wishes(plain, 60, seed=2):
        assert stored_by_square(owners, home, wish) == plain.by_square(wish), wish


def test_most_crashes_are_in_a_grid(plain: Plain) -> None:
    """What is compared is not empty."""
    assert len(plain.rows) == 6_302
    assert plain.rows["grid"].notna().sum() > 5_000
