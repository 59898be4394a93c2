"""Days of the first and the last incident: those that an account sees."""

from datetime import date

import pytest

from gridmap.services.grids.incident_counts import find_recorded_days
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.second_community import TwoCommunities, create_second_community
from tests.fixtures.subdistricts import FilledDatabase, app_url
from tests.fixtures.web_app import execute_sql

NEW_YEAR, MAY_DAY = date(2026, 1, 1), date(2020, 5, 1)


@pytest.fixture(scope="module")
def two(filled_database: FilledDatabase) -> TwoCommunities:
    """Add the community east2, whose incident is of 2020-05-01; that of east1 is of 2026-01-01."""
    two = create_second_community(filled_database)
    execute_sql(
        filled_database, f"UPDATE incident SET occurred_at = '2020-05-01 00:30+08' WHERE id = {two.east2.incident_id}"
    )
    return two


@pytest.mark.parametrize(
    ("name", "days"),
    [
        ("leader", DateRange(MAY_DAY, NEW_YEAR)),
        ("leader of east1", DateRange(NEW_YEAR, NEW_YEAR)),
        ("station of east2", DateRange(MAY_DAY, MAY_DAY)),
    ],
)
def test_an_account_is_told_the_days_of_the_incidents_it_sees(
    filled_database: FilledDatabase, two: TwoCommunities, name: str, days: DateRange
) -> None:
    database = Database(app_url(filled_database.owner_url))
    with database.transaction(two.token(name)) as session:
        assert find_recorded_days(session, caller_of(session), two.east1.subdistrict_id) == days
    database.close()
