"""Land built anew by a planner's job: what it may write, what it may not, and that a preview changes nothing."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import date, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError
from sqlalchemy.orm import Session

from gridmap.core.errors import NotFound, NotPossible
from gridmap.services.jobs import jobs
from gridmap.services.jobs.kinds import PARTITION, REBUILD_LAND, JobKind
from gridmap.services.land import rebuild_job
from gridmap.services.land.rebuild_job import LandRebuild
from gridmap.store.access.callers import load_caller
from gridmap.store.session import Database
from gridmap.store.writes.jobs import queue
from tests.fixtures.subdistricts import app_url, jobs_url, reopen_sessions, set_rehearsal_date, token_of
from tests.jobs.waiting_jobs import run_waiting_jobs
from tests.services.land.land_town import EAST_CODE, WEST_CODE, LandTown

FIRST_DAY = date(2027, 1, 1)
COUNTS = text(
    "SELECT (SELECT count(*) FROM land) AS lands, (SELECT count(*) FROM adoption) AS adoptions,"
    " (SELECT count(*) FROM incident_former_cell) AS former, (SELECT count(*) FROM record_change) AS records,"
    " (SELECT count(*) FROM audit WHERE action = 'rebuild_land') AS audits,"
    " (SELECT count(*) FROM incident i JOIN cell c ON c.id = i.cell_id JOIN land l ON l.id = c.land_id"
    "   WHERE l.holds_from = today()) AS relinked"
)
INSERT_LAND = (
    "INSERT INTO land (subdistrict_id, community_id, crs, holds_from, created_by)"
    " SELECT subdistrict_id, id, 'EPSG:32649', today() + {days}, my_account() FROM community WHERE code = '{code}'"
)
INSERT_CELL = (
    "INSERT INTO cell (subdistrict_id, land_id, community_id, number, geometry)"
    " SELECT subdistrict_id, land_id, community_id, 9999, geometry FROM cell WHERE community_id ="
    " (SELECT id FROM community WHERE code = '{code}') LIMIT 1"
)
JobSession = Callable[..., AbstractContextManager[Session]]


@pytest.fixture
def owner(land_town: LandTown) -> Iterator[Database]:
    """Open the database of the owner, on a day of its own, without jobs."""
    database = Database(land_town.url, trusted=True)
    with database.transaction() as session:
        session.execute(text("DELETE FROM job"))
        days = session.scalar(text("SELECT count(*) FROM land"))
    set_rehearsal_date(land_town.url, FIRST_DAY + timedelta(days=int(days or 0)))
    reopen_sessions(land_town.url)
    yield database
    database.close()


def submit(town: LandTown, rebuild: LandRebuild, name: str = "west_planner") -> int:
    database = Database(app_url(town.url))
    try:
        with database.transaction(token_of(town.accounts[name])) as session:
            return rebuild_job.submit_land_rebuild(session, load_caller(session), rebuild)
    finally:
        database.close()


def result_of(owner: Database, job_id: int) -> dict[str, object]:
    with owner.transaction() as session:
        result: dict[str, object] = session.scalar(text("SELECT result FROM job WHERE id = :id"), {"id": job_id})
        return result


def counts(owner: Database) -> dict[str, int]:
    with owner.transaction() as session:
        return dict(session.execute(COUNTS).one()._mapping)


@pytest.fixture
def job_session(land_town: LandTown, owner: Database) -> JobSession:
    """Function that opens a session of a running job of the western planner, which is rolled back."""

    @contextmanager
    def open_session(kind: JobKind = REBUILD_LAND) -> Iterator[Session]:
        app, runner, token = Database(app_url(land_town.url)), Database(jobs_url(land_town.url)), f"job {uuid4()}"
        west, subdistrict_id = land_town.communities[WEST_CODE], land_town.subdistrict_id
        with app.transaction(token_of(land_town.accounts["west_planner"])) as session:
            caller = load_caller(session)
            jobs.submit_job(session, caller, kind, {}, subdistrict_id=subdistrict_id, community_id=west)
        with runner.transaction() as session:
            assert queue.claim_job(session, "test", hashlib.sha256(token.encode()).digest(), 3600)
        with app.transaction(token) as session:
            yield session
            session.rollback()
        app.close()
        runner.close()

    return open_session


def test_a_planner_without_the_right_to_approve_builds_the_land_of_the_own_community(
    land_town: LandTown, owner: Database
) -> None:
    before = counts(owner)
    job_id = submit(land_town, LandRebuild(land_town.communities[WEST_CODE], "新建楼栋", preview=False))
    assert [end.outcome for end in run_waiting_jobs(land_town.url)] == ["done"]
    after = counts(owner)
    assert (after["lands"], after["adoptions"]) == (before["lands"] + 1, before["adoptions"] + 1)
    assert (after["audits"], after["records"]) == (before["audits"] + 1, before["records"])
    assert after["relinked"] == 2  # one of them in a class that planners do not see
    assert after["former"] > before["former"]
    report = result_of(owner, job_id)["report"]
    with owner.transaction() as session:
        stored = session.scalar(text("SELECT report FROM land ORDER BY id DESC LIMIT 1"))
    assert stored == report


def test_a_second_time_on_the_same_day_is_refused_before_a_job_is_made(land_town: LandTown, owner: Database) -> None:
    rebuild = LandRebuild(land_town.communities[WEST_CODE], None, preview=False)
    submit(land_town, rebuild)
    run_waiting_jobs(land_town.url)
    with pytest.raises(NotPossible, match="once a day"):
        submit(land_town, rebuild)
    assert counts(owner)["lands"] >= 3


def test_two_jobs_of_one_day_build_once_and_the_second_says_why(land_town: LandTown, owner: Database) -> None:
    for note in ("第一次", "第二次"):
        submit(land_town, LandRebuild(land_town.communities[WEST_CODE], note, preview=False))
    before = counts(owner)["lands"]
    first, second = run_waiting_jobs(land_town.url)
    assert (first.outcome, second.outcome, second.failure) == ("done", "failed", "error")
    assert "once a day" in str(second.error)
    assert counts(owner)["lands"] == before + 1


def test_a_preview_gives_the_report_and_changes_nothing(land_town: LandTown, owner: Database) -> None:
    before = counts(owner)
    community_id = land_town.communities[WEST_CODE]
    job_id = submit(land_town, LandRebuild(community_id, "试算", preview=True))
    assert [end.outcome for end in run_waiting_jobs(land_town.url)] == ["done"]
    assert counts(owner) == before
    app = Database(app_url(land_town.url))
    with app.transaction(token_of(land_town.accounts["west_planner"])) as session:
        caller = load_caller(session)
        preview = rebuild_job.get_preview(session, caller, community_id, job_id)
        assert rebuild_job.find_refusal(session, caller, community_id) is None
        with pytest.raises(NotFound):
            rebuild_job.get_preview(session, caller, land_town.communities[EAST_CODE], job_id)
    app.close()
    assert preview.note == "试算"
    assert f"'code': '{WEST_CODE}'" in str(preview.report["communities"])


def test_the_land_of_another_community_is_not_found(land_town: LandTown, owner: Database) -> None:
    with pytest.raises(NotFound):
        submit(land_town, LandRebuild(land_town.communities[EAST_CODE], None, preview=False))


@pytest.mark.parametrize(("kind", "own"), [(REBUILD_LAND, [WEST_CODE]), (PARTITION, [])])
def test_only_a_job_that_builds_land_may_write_it_and_only_in_its_community(
    land_town: LandTown, job_session: JobSession, kind: JobKind, own: list[str]
) -> None:
    with job_session(kind) as session:
        allowed = session.scalar(text("SELECT my_rebuilt_communities()"))
    assert allowed == [land_town.communities[code] for code in own]


@pytest.mark.parametrize(
    ("code", "days", "is_allowed"), [(WEST_CODE, 0, True), (WEST_CODE, 1, False), (EAST_CODE, 0, False)]
)
def test_new_land_is_of_the_own_community_and_of_today(
    job_session: JobSession, code: str, days: int, is_allowed: bool
) -> None:
    with job_session() as session:
        insert = text(INSERT_LAND.format(code=code, days=days))
        if is_allowed:
            assert session.execute(insert).rowcount == 1  # type: ignore[attr-defined]
        else:
            with pytest.raises(ProgrammingError, match="row-level security"):
                session.execute(insert)


@pytest.mark.parametrize("code", [WEST_CODE, EAST_CODE])
def test_no_cell_is_added_to_land_that_exists(job_session: JobSession, code: str) -> None:
    with job_session() as session, pytest.raises(ProgrammingError, match="row-level security"):
        session.execute(text(INSERT_CELL.format(code=code)))


@pytest.mark.parametrize(
    "call",
    [
        "relink_places(ARRAY(SELECT id FROM land))",
        "save_land_report((SELECT max(id) FROM land), '{}')",
        "carry_adoption((SELECT max(id) FROM adoption), (SELECT max(id) FROM revision))",
        "mend_boundaries(ARRAY(SELECT id FROM land), '{}', '{}', '{}')",
    ],
)
def test_functions_work_on_land_of_the_own_transaction_only(job_session: JobSession, call: str) -> None:
    with job_session() as session, pytest.raises(DBAPIError, match="not allowed"):
        session.execute(text(f"SELECT {call}"))


def test_the_browser_of_a_planner_writes_no_land(land_town: LandTown, owner: Database) -> None:
    app = Database(app_url(land_town.url))
    with pytest.raises(ProgrammingError), app.transaction(token_of(land_town.accounts["west_planner"])) as session:
        session.execute(text(INSERT_LAND.format(code=WEST_CODE, days=0)))
    app.close()


def test_a_job_that_builds_land_mends_no_boundary(job_session: JobSession) -> None:
    with job_session() as session:
        session.execute(text(INSERT_LAND.format(code=WEST_CODE, days=0)))
        own_land = "ARRAY[(SELECT max(id) FROM land)]"
        with pytest.raises(DBAPIError, match="not allowed"):
            session.execute(text(f"SELECT mend_boundaries({own_land}, '{{}}', '{{}}', '{{}}')"))
