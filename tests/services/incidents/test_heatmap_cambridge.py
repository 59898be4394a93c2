"""Crashes of a real town by grid and by square, beside geopandas, which reads nothing but the file."""

from collections.abc import Iterator
from datetime import date

import geopandas as gpd
import pytest
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.progress import ignore_progress
from gridmap.services.imports.load_report import LoadOptions as Load
from gridmap.services.imports.town import load_town_file
from gridmap.store.schema import Subdistrict
from gridmap.store.session import Database
from gridmap.store.writes.towns import SubdistrictInfo
from tests.fixtures.geopandas_oracle import (
    ExpectedIncidents,
    locate,
    random_filters,
    shown_by_grid,
    shown_on_border,
    stored_by_square,
)
from tests.fixtures.loaded_town import rolled_back_session
from tests.fixtures.town_package import real_towns_dir

SUBDISTRICT_CODE, EARLIEST_DATE = "cambridge", date(2009, 1, 1)
TOWN_FILE = real_towns_dir() / "cambridge.gpkg"
pytestmark = pytest.mark.full


@pytest.fixture(scope="module")
def loaded_url(module_database_url: str) -> str:
    """The town, divided by default, with grids that hold since before the first crash."""
    if not TOWN_FILE.is_file():
        pytest.skip(f"no real town at {TOWN_FILE}; set GRIDMAP_TOWNS to a folder of town packages")
    database = Database(module_database_url, trusted=True)
    identity = SubdistrictInfo(SUBDISTRICT_CODE, "Cambridge", TOWN_FILE.name, EARLIEST_DATE)
    load_town_file(database, TOWN_FILE, identity, Load(PartitionSettings(jobs=2), EARLIEST_DATE), ignore_progress)
    database.close()
    return module_database_url


@pytest.fixture
def owner_session(loaded_url: str) -> Iterator[Session]:
    with rolled_back_session(loaded_url) as session:
        yield session


@pytest.fixture
def subdistrict_id(owner_session: Session) -> int:
    return owner_session.scalars(select(Subdistrict.id).where(Subdistrict.code == SUBDISTRICT_CODE)).one()


@pytest.fixture
def expected_incidents(loaded_url: str) -> ExpectedIncidents:
    """Crashes of the file; each was over when it happened."""
    rows = gpd.read_file(TOWN_FILE, layer="incidents")
    return locate(
        rows.assign(closed_at=rows["occurred_at"], category="traffic_crash", access_class="ordinary"),
        loaded_url,
        SUBDISTRICT_CODE,
    )


def test_by_grid_two_hundred_times_as_geopandas_counts(
    owner_session: Session, subdistrict_id: int, expected_incidents: ExpectedIncidents
) -> None:
    for filters in random_filters(expected_incidents, 200, seed=1):
        assert shown_by_grid(owner_session, subdistrict_id, filters) == expected_incidents.by_grid(filters), filters


def test_on_the_border_two_hundred_times_as_geopandas_counts(
    owner_session: Session, subdistrict_id: int, expected_incidents: ExpectedIncidents
) -> None:
    for filters in random_filters(expected_incidents, 200, seed=3):
        assert shown_on_border(owner_session, subdistrict_id, filters) == expected_incidents.on_border(filters), filters


def test_by_square_sixty_times_as_geopandas_counts(
    owner_session: Session, subdistrict_id: int, expected_incidents: ExpectedIncidents
) -> None:
    for filters in random_filters(expected_incidents, 60, seed=2):
        assert stored_by_square(owner_session, subdistrict_id, filters) == expected_incidents.by_square(filters), (
            filters
        )


def test_a_large_part_of_the_crashes_is_on_the_border(
    owner_session: Session, expected_incidents: ExpectedIncidents
) -> None:
    differing = "SELECT count(*) FROM incident WHERE near_cell_ids <> near_cells(subdistrict_id, geometry, cell_id)"
    assert owner_session.scalar(text(differing)) == 0
    assert 0.3 < expected_incidents.rows["on_border"].mean() < 0.7


def test_most_crashes_are_in_a_grid(expected_incidents: ExpectedIncidents) -> None:
    """Check that the comparison is not between empty sets."""
    assert len(expected_incidents.rows) == 6_302
    assert expected_incidents.rows["grid"].notna().sum() > 5_000
