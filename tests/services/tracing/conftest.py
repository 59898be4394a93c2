"""An empty subdistrict with its planner, and sessions of the planner that are rolled back."""

from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import rolled_back_session
from tests.fixtures.subdistricts import app_url, open_sessions, token_of
from tests.services.tracing.traced_town import COMMUNITIES, create_first_day, create_planner


@dataclass(frozen=True)
class FirstDay:
    """An empty subdistrict with a planner of the whole and one of a community."""

    url: str
    subdistrict_id: int
    planner_id: int
    narrow_planner_id: int


@pytest.fixture(scope="module")
def first_day(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> FirstDay:
    database = Database(module_database_url, trusted=True)
    with pytest.MonkeyPatch.context() as patch, database.transaction() as session:
        patch.setenv("GRIDMAP_HOME", str(tmp_path_factory.mktemp("home")))
        subdistrict_id = create_first_day(session)
        planners = create_planner(session), create_planner(session, "narrow", community=next(iter(COMMUNITIES)))
        open_sessions(session)
    database.close()
    return FirstDay(module_database_url, subdistrict_id, *planners)


@pytest.fixture
def session(first_day: FirstDay) -> Iterator[Session]:
    """Open a session of the planner with the login of pages."""
    with rolled_back_session(app_url(first_day.url), token_of(first_day.planner_id)) as opened:
        yield opened


@pytest.fixture
def caller(session: Session) -> Caller:
    return caller_of(session)
