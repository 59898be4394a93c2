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
from gridmap.services.incidents.heatmap import IncidentFilter
from gridmap.services.plans import revisions, streets
from gridmap.services.plans.adoption import adopt
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.schema import Revision, Subdistrict
from gridmap.store.session import Database
from gridmap.store.writes.towns import SubdistrictInfo
from tests.fixtures.callers import caller_of
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
    other_street = (
        "SELECT count(*) FROM incident WHERE street_id IS DISTINCT FROM nearest_street(subdistrict_id, geometry)"
    )
    assert owner_session.scalar(text(other_street)) == 0
    assert 0.3 < expected_incidents.rows["on_border"].mean() < 0.7


def test_most_crashes_are_in_a_grid(expected_incidents: ExpectedIncidents) -> None:
    """Check that the comparison is not between empty sets."""
    assert len(expected_incidents.rows) == 6_302
    assert expected_incidents.rows["grid"].notna().sum() > 5_000


def give_every_street(session: Session, revision_id: int) -> None:
    """Give every border street of a revision to the grid with the smaller key, from today on."""
    caller = caller_of(session)
    revision = revisions.get_revision(session, caller, revision_id)
    found = streets.list_border_streets(session, caller, revision.row, EARLIEST_DATE).streets
    choices = {street.key: street.sides[0].grid_id for street in found}
    if choices:  # a community of one grid has none
        saved = streets.save_streets(session, caller, revision, choices, revision_id, None)
        adopt(session, caller, saved.id, get_today(session))


def test_given_streets_keep_the_sum_and_lower_the_share_on_the_border(
    owner_session: Session, subdistrict_id: int
) -> None:
    today = get_today(owner_session)
    filters = IncidentFilter(DateRange(EARLIEST_DATE, today))
    before = shown_by_grid(owner_session, subdistrict_id, filters)
    on_border_before = sum(shown_on_border(owner_session, subdistrict_id, filters).values())
    for revision_id in owner_session.scalars(select(Revision.id).order_by(Revision.id)).all():
        give_every_street(owner_session, revision_id)
    after = shown_by_grid(owner_session, subdistrict_id, filters)
    on_border_after = sum(shown_on_border(owner_session, subdistrict_id, filters).values())
    assert sum(after.values()) == sum(before.values())
    assert after.get(None) == before.get(None)
    assert after != before
    assert on_border_after < 0.6 * on_border_before
