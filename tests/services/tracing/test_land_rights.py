"""Rights of planners on the first day: lines and land, once, in a whole subdistrict of theirs."""

from collections.abc import Iterator

import pytest
from psycopg2.errors import InsufficientPrivilege
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.services.tracing.land import build_subdistrict
from gridmap.store.session import Database
from tests.fixtures.loaded_town import rolled_back_session
from tests.fixtures.subdistricts import app_url, token_of
from tests.services.tracing.conftest import FirstDay
from tests.services.tracing.test_land import PROFILE, save_whole_draft

LINE = "ST_SetSRID(ST_MakeLine(ST_Point(114.30, 30.50), ST_Point(114.31, 30.50)), 4326)"
AREA = f"ST_Multi(ST_Buffer({LINE}, 0.001))"
OF_COMMUNITY = "(SELECT min(id) FROM community WHERE subdistrict_id = :id)"
NEW_LAND = "INSERT INTO land (subdistrict_id, community_id, crs"
WRITES = {
    "estate": f"INSERT INTO estate (subdistrict_id, community_id, name) VALUES (:id, {OF_COMMUNITY}, '东园')",
    "street": f"INSERT INTO street (subdistrict_id, kind, geometry) VALUES (:id, 'local', {LINE})",
    "barrier": f"INSERT INTO barrier (subdistrict_id, kind, geometry) VALUES (:id, 'rail', {LINE})",
    "dedicated_land": "INSERT INTO dedicated_land (subdistrict_id, name, geometry)"
    f" VALUES (:id, '东园', ST_Buffer({LINE}, 0.001))",
    "land": f"{NEW_LAND}, created_by) VALUES (:id, {OF_COMMUNITY}, 'EPSG:4547', my_account())",
    "boundaries": f"SELECT draw_first_boundaries(:id, {AREA}, 'drawn', ARRAY[{OF_COMMUNITY}], ARRAY[{AREA}], 0, NULL)",
}
NEVER = {
    "geometry of a community": "UPDATE community SET geometry = geometry",
    "name of a community": "UPDATE community SET name = 'x'",
    "phone of a station": "UPDATE community SET station_phone = '1'",
    "a second community": "INSERT INTO community (subdistrict_id, code, name, geometry)"
    f" VALUES (:id, '9', 'x', {AREA})",
    "land of another day": f"{NEW_LAND}, created_by, created_at)"
    f" VALUES (:id, {OF_COMMUNITY}, 'EPSG:4547', my_account(), now() + interval '1 day')",
    "land of nobody": f"{NEW_LAND}) VALUES (:id, {OF_COMMUNITY}, 'EPSG:4547')",
    "an entry of the audit": "SELECT record_audit('build_land', :id, NULL, NULL, NULL, NULL, NULL, NULL)",
}


@pytest.fixture
def narrow(first_day: FirstDay) -> Iterator[Session]:
    """Open a session of the planner of one community."""
    with rolled_back_session(app_url(first_day.url), token_of(first_day.narrow_planner_id)) as opened:
        yield opened


@pytest.fixture
def built_before(first_day: FirstDay) -> Iterator[FirstDay]:
    """Give a community land of yesterday."""
    keys = {"id": first_day.subdistrict_id}
    owner = Database(first_day.url, trusted=True)
    with owner.transaction() as session:
        columns = f"VALUES (:id, {OF_COMMUNITY}, 'EPSG:4547', now() - interval '1 day')"
        session.execute(text(f"{NEW_LAND}, created_at) {columns}"), keys)
    yield first_day
    with owner.transaction() as session:
        session.execute(text("DELETE FROM land WHERE subdistrict_id = :id"), keys)
    owner.close()


def is_refused(session: Session, statement: str, subdistrict_id: int) -> bool:
    """Return whether the database refuses a statement, and take it back."""
    savepoint = session.begin_nested()
    try:
        return getattr(session.execute(text(statement), {"id": subdistrict_id}), "rowcount", 0) == 0
    except ProgrammingError as error:
        if not isinstance(error.orig, InsufficientPrivilege):
            raise
        return True
    finally:
        savepoint.rollback()


@pytest.mark.parametrize("statement", WRITES.values(), ids=WRITES)
def test_a_planner_of_the_whole_writes_it_while_there_is_no_land(
    session: Session, narrow: Session, first_day: FirstDay, statement: str
) -> None:
    assert not is_refused(session, statement, first_day.subdistrict_id)
    assert is_refused(narrow, statement, first_day.subdistrict_id)


@pytest.mark.parametrize("statement", NEVER.values(), ids=NEVER)
def test_the_first_day_opens_nothing_else(session: Session, first_day: FirstDay, statement: str) -> None:
    assert is_refused(session, statement, first_day.subdistrict_id)


def test_nothing_of_it_can_be_written_once_there_is_land(session: Session, built_before: FirstDay) -> None:
    refused = {
        name for name, statement in WRITES.items() if is_refused(session, statement, built_before.subdistrict_id)
    }
    assert refused == set(WRITES)


def test_the_audit_has_an_entry_of_the_land(first_day: FirstDay) -> None:
    with rolled_back_session(first_day.url) as session:
        draft = save_whole_draft(session, OWNER, first_day.subdistrict_id)
        build_subdistrict(session, OWNER, first_day.subdistrict_id, draft.version, PROFILE, "192.0.2.7")
        entry = text("SELECT details, host(ip_address) FROM audit WHERE action = 'build_land'")
        assert tuple(session.execute(entry).one()) == ({"communities": 3, "buildings": 24}, "192.0.2.7")
