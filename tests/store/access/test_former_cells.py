"""Former cells under row-level security: whoever does not see an incident does not see where it was before."""

from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from gridmap.core.caller import OWNER
from gridmap.services.land.rebuild import RebuildRequest, rebuild_in_transaction
from gridmap.store.session import Database
from tests.services.land.land_town import WEST_CODE, LandTown, load_land_town, session_of

INSERT_THEFT = text("""
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
SELECT subdistrict_id, 'theft-1', 'theft', 'hotline', now(), cell_id, geometry FROM incident
WHERE cell_id IS NOT NULL ORDER BY id LIMIT 1
""")
CLASSES = text("""
SELECT i.access_class, count(*) AS cells FROM incident_former_cell f JOIN incident i ON i.id = f.incident_id
GROUP BY 1 ORDER BY 1
""")
COUNT = text("SELECT count(*) FROM incident_former_cell")


@pytest.fixture(scope="module")
def town(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> LandTown:
    """Load the town with an incident about persons, and build the land in the west anew."""
    folder: Path = tmp_path_factory.mktemp("town")
    loaded = load_land_town(module_database_url, folder)
    database = Database(module_database_url, trusted=True)
    with database.transaction() as session:
        session.execute(INSERT_THEFT)
    rebuild_in_transaction(database, OWNER, RebuildRequest(loaded.communities[WEST_CODE]))
    database.close()
    return loaded


@pytest.mark.parametrize(
    ("name", "classes"),
    [("planner", ["ordinary"]), ("leader", ["ordinary"]), ("west_station", ["ordinary", "personal"])],
)
def test_former_cells_are_seen_with_their_incident(town: LandTown, name: str, classes: list[str]) -> None:
    with session_of(town, name) as (session, _):
        rows = session.execute(CLASSES).all()
        assert [row.access_class for row in rows] == classes
        assert session.scalar(COUNT) == sum(row.cells for row in rows)


def test_nobody_sees_them_without_an_account_and_no_account_writes_them(town: LandTown) -> None:
    with session_of(town, "planner") as (session, _):
        with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
            session.execute(text("DELETE FROM incident_former_cell"))
        with pytest.raises(DBAPIError, match="permission denied"), session.begin_nested():
            session.execute(text("DELETE FROM building_cell"))
        session.execute(text("SELECT act_as('')"))
        assert session.scalar(COUNT) == 0
