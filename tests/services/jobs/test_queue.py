"""The queue of jobs: turns, leases, fencing, cancellation, and rights of the account that asked."""

from collections.abc import Callable

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError, ProgrammingError

from gridmap.core.errors import Message, NotFound, NotPossible
from gridmap.core.vocabulary import JobFailure, JobState
from gridmap.services.jobs import jobs, kinds
from gridmap.services.jobs.jobs import JobRow
from gridmap.store.access.callers import load_caller
from gridmap.store.queries.jobs.jobs import find_running_job
from gridmap.store.session import Database
from gridmap.store.writes.jobs import jobs as job_writes
from tests.fixtures.subdistricts import SubdistrictIds
from tests.services.jobs.conftest import Owner, Queue
from tests.services.jobs.job_queue import job_token

STEP = Message("Building the grids")


def job_of(owner: Owner, job_id: int) -> JobRow:
    with owner.database.transaction(owner.place.token(owner.role)) as session:
        return jobs.get_job(session, load_caller(session), job_id)


def change_job(owner: Owner, change: Callable[..., object], job_id: int) -> object:
    with owner.database.transaction(owner.place.token(owner.role)) as session:
        return change(session, load_caller(session), job_id)


def complete(database: Database, claim: int, fence: int, **result: object) -> None:
    with database.transaction(job_token(claim)) as session:
        job_writes.complete_job(session, fence, result)


def execute(database: Database, statement: str) -> None:
    with database.transaction() as session:
        session.execute(text(statement))


def test_a_job_is_claimed_once_and_completed(app_database: Database, planner: Owner, job_queue: Queue) -> None:
    job_id = planner.submit(seed=3)
    claimed = job_queue.claim_one()
    assert (claimed.job_id, claimed.fence, claimed.kind) == (job_id, 1, "partition")
    assert job_queue.claim() is None
    complete(app_database, 1, claimed.fence, revision_id=7)
    done = job_of(planner, job_id)
    assert (done.state, done.result, done.parameters) == (JobState.DONE, {"revision_id": 7}, {"seed": 3})


def test_an_attempt_acts_as_the_account_that_asked(app_database: Database, planner: Owner, job_queue: Queue) -> None:
    planner.submit()
    job_queue.claim_one()
    with app_database.transaction(job_token(1)) as session:
        caller = load_caller(session)
        assert caller.account_id == planner.place.account_ids["planner"]
        assert caller.subdistrict_ids == (planner.place.subdistrict_id,)


def test_an_attempt_reads_its_own_job_and_no_other(app_database: Database, planner: Owner, job_queue: Queue) -> None:
    first, _second = planner.submit(seed=1), planner.submit(seed=2)
    job_queue.claim_one()
    with app_database.transaction(job_token(1)) as session:
        running = find_running_job(session)
    assert running
    assert (running.id, running.parameters) == (first, {"seed": 1})


def test_a_late_attempt_completes_nothing_and_saves_nothing(
    app_database: Database, owner_database: Database, planner: Owner, job_queue: Queue
) -> None:
    """As after SIGSTOP: another attempt has the job when the first one wakes up."""
    job_id = planner.submit()
    late = job_queue.claim_one(lease_s=0)
    again = job_queue.claim_one()
    assert (again.job_id, again.fence) == (job_id, late.fence + 1)
    with pytest.raises(DBAPIError, match="not this attempt's any more"):
        complete(app_database, 1, late.fence)
    with app_database.transaction(job_token(1)) as session:
        assert load_caller(session).account_id is None
    complete(app_database, 2, again.fence, by="second")
    assert job_of(planner, job_id).result == {"by": "second"}


def test_a_fencing_number_of_another_attempt_is_refused(
    app_database: Database, planner: Owner, job_queue: Queue
) -> None:
    planner.submit()
    fence = job_queue.claim_one().fence
    with pytest.raises(DBAPIError, match="not this attempt's any more"):
        complete(app_database, 1, fence + 1)


def test_a_transaction_that_loses_its_lease_before_the_end_saves_nothing(
    app_database: Database, owner_database: Database, planner: Owner, job_queue: Queue
) -> None:
    job_id = planner.submit()
    fence = job_queue.claim_one().fence
    with app_database.transaction(job_token(1)) as session:
        assert load_caller(session).account_id
        execute(owner_database, "UPDATE job SET lease_expires_at = clock_timestamp()")
        with pytest.raises(DBAPIError, match="not this attempt's any more"):
            job_writes.complete_job(session, fence, {})
        session.rollback()
    assert job_of(planner, job_id).state is JobState.RUNNING


def test_an_attempt_without_a_sign_of_life_is_repeated_and_then_failed(planner: Owner, job_queue: Queue) -> None:
    job_id = planner.submit()
    for _attempt in range(kinds.PARTITION.max_attempts):
        assert job_queue.claim(lease_s=0)
    assert job_queue.claim() is None
    lost = job_of(planner, job_id)
    assert (lost.state, lost.failure, lost.attempts) == (JobState.FAILED, JobFailure.INTERRUPTED, 3)
    assert "interrupted" in str(jobs.failure_message(lost))


def test_a_lease_is_renewed_only_while_it_holds(planner: Owner, job_queue: Queue) -> None:
    planner.submit()
    lost = job_queue.claim_one(lease_s=0)
    assert job_queue.renew(lost) == "lost"
    assert job_queue.renew(job_queue.claim_one()) == "continue"
    assert job_queue.renew(lost) == "lost"


def test_a_released_attempt_does_not_count(planner: Owner, job_queue: Queue) -> None:
    job_id = planner.submit()
    job_queue.end(job_queue.claim_one(), "released")
    assert (job_of(planner, job_id).state, job_of(planner, job_id).attempts) == (JobState.QUEUED, 0)


def test_an_error_is_told_to_the_owner(planner: Owner, job_queue: Queue) -> None:
    job_id = planner.submit()
    job_queue.end(job_queue.claim_one(), "failed", failure=JobFailure.ERROR, error=Message("no {x}", {"x": "land"}))
    failed = job_of(planner, job_id)
    assert (failed.state, str(jobs.failure_message(failed))) == (JobState.FAILED, "no land")


def test_the_end_of_a_lost_attempt_changes_nothing(planner: Owner, job_queue: Queue) -> None:
    job_id = planner.submit()
    lost = job_queue.claim_one(lease_s=0)
    job_queue.claim_one()
    job_queue.end(lost, "failed", failure=JobFailure.INTERNAL)
    assert job_of(planner, job_id).state is JobState.RUNNING


def test_subdistricts_take_turns(planner: Owner, western_planner: Owner, job_queue: Queue) -> None:
    """Three jobs of the east do not keep those of the west waiting."""
    east = [planner.submit() for _number in range(3)]
    west = [western_planner.submit() for _number in range(2)]
    order = [job_queue.claim_one().job_id for _number in range(5)]
    assert order == [east[0], west[0], east[1], west[1], east[2]]


def test_turns_count_what_is_over(planner: Owner, western_planner: Owner, job_queue: Queue) -> None:
    east = [planner.submit() for _number in range(2)]
    job_queue.end(job_queue.claim_one(), "cancelled")
    west = western_planner.submit()
    assert [job_queue.claim_one().job_id, job_queue.claim_one().job_id] == [west, east[1]]


def test_accounts_of_a_subdistrict_take_turns(
    app_database: Database, owner_database: Database, planner: Owner, job_queue: Queue
) -> None:
    """The jobs of a second account of the same subdistrict, here a leader's, have their turn."""
    own = [planner.submit() for _number in range(3)]
    leader = planner.place.account_ids["leader"]
    execute(owner_database, f"UPDATE job SET account_id = {leader} WHERE id = {own[2]}")
    assert [job_queue.claim_one().job_id for _number in range(3)] == [own[0], own[2], own[1]]


def test_the_smaller_priority_of_an_account_is_first(
    owner_database: Database, planner: Owner, job_queue: Queue
) -> None:
    first, second = planner.submit(), planner.submit()
    execute(owner_database, f"UPDATE job SET priority = 2 WHERE id = {first}")
    assert [job_queue.claim_one().job_id, job_queue.claim_one().job_id] == [second, first]


def test_a_form_that_is_sent_twice_makes_one_job(planner: Owner) -> None:
    assert planner.submit("key of the form") == planner.submit("key of the form")
    assert planner.submit("key of the form") != planner.submit("key of another form")


def test_the_twenty_first_waiting_job_is_refused(planner: Owner, western_planner: Owner) -> None:
    for _number in range(20):
        planner.submit()
    with pytest.raises(NotPossible, match="Twenty of your jobs"):
        planner.submit()
    assert western_planner.submit()


def test_a_waiting_job_is_cancelled_at_once(planner: Owner, job_queue: Queue) -> None:
    job_id = planner.submit()
    assert change_job(planner, jobs.cancel_job, job_id) is JobState.CANCELLED
    assert job_queue.claim() is None


def test_a_running_job_is_cancelled_at_its_next_step_and_completes_nothing(
    app_database: Database, planner: Owner, job_queue: Queue
) -> None:
    job_id = planner.submit()
    claimed = job_queue.claim_one()
    with app_database.transaction(job_token(1)) as session:
        assert job_writes.report_progress(session, STEP, 1, 4)
    assert change_job(planner, jobs.cancel_job, job_id) is JobState.RUNNING
    with app_database.transaction(job_token(1)) as session:
        assert not job_writes.report_progress(session, STEP, 2, 4)
    assert job_queue.renew(claimed) == "cancel"
    with pytest.raises(DBAPIError, match="not this attempt's any more"):
        complete(app_database, 1, claimed.fence)
    job_queue.end(claimed, "interrupted")
    assert job_of(planner, job_id).state is JobState.CANCELLED


def test_progress_is_shown_to_the_owner(app_database: Database, planner: Owner, job_queue: Queue) -> None:
    job_id = planner.submit()
    job_queue.claim_one()
    with app_database.transaction(job_token(1)) as session:
        job_writes.report_progress(session, STEP, 1, 4)
    running = job_of(planner, job_id)
    assert (str(running.progress_step), running.progress_done, running.progress_total) == (str(STEP), 1, 4)


def test_a_cancelled_job_waits_again_when_it_is_tried_again(planner: Owner, job_queue: Queue) -> None:
    job_id = planner.submit()
    change_job(planner, jobs.cancel_job, job_id)
    change_job(planner, jobs.retry_job, job_id)
    assert job_queue.claim_one().job_id == job_id
    with pytest.raises(NotPossible, match="failed or was cancelled"):
        change_job(planner, jobs.retry_job, job_id)


@pytest.mark.parametrize(
    ("end", "restore"),
    [
        ("UPDATE account SET active = false", "UPDATE account SET active = true"),
        (
            "UPDATE account_scope SET valid = daterange('2020-01-01', '2020-01-02')",
            "UPDATE account_scope SET valid = daterange('2020-01-01', NULL)",
        ),
    ],
    ids=["deactivated", "without a scope"],
)
def test_a_job_of_an_account_that_may_not_work_there_fails(
    owner_database: Database, app_database: Database, planner: Owner, job_queue: Queue, end: str, restore: str
) -> None:
    waiting, running = planner.submit(), planner.submit()
    execute(owner_database, f"UPDATE job SET priority = 2 WHERE id = {waiting}")
    claimed = job_queue.claim_one()
    execute(owner_database, end)
    try:
        assert (claimed.job_id, job_queue.renew(claimed), job_queue.claim()) == (running, "account_ended", None)
        with pytest.raises(DBAPIError, match="not this attempt's any more"):
            complete(app_database, 1, claimed.fence)
    finally:
        execute(owner_database, restore)
    failed = job_of(planner, waiting)
    assert (failed.state, failed.failure) == (JobState.FAILED, JobFailure.ACCOUNT_ENDED)


def test_another_account_neither_sees_nor_cancels_a_job(
    app_database: Database, planner: Owner, western_planner: Owner
) -> None:
    job_id = planner.submit()
    for other in (western_planner, Owner(app_database, planner.place, "leader")):
        for change in (jobs.get_job, jobs.cancel_job, jobs.retry_job):
            with pytest.raises(NotFound):
                change_job(other, change, job_id)
    with app_database.transaction(western_planner.place.token("planner")) as session:
        assert job_writes.cancel_job(session, job_id) is None
    assert job_of(planner, job_id).state is JobState.QUEUED


def test_an_admin_sees_the_jobs_of_the_subdistrict_without_what_they_do(
    app_database: Database, planner: Owner, western_planner: Owner
) -> None:
    job_id = planner.submit(secret="of the planner")
    western_planner.submit()
    with app_database.transaction(planner.place.token("admin")) as session:
        caller = load_caller(session)
        [seen] = jobs.list_administered_jobs(session, caller)
        assert (seen.id, seen.account_name, seen.state) == (job_id, "East-Planner", JobState.QUEUED)
        assert jobs.list_jobs(session, caller) == []
        assert "secret" not in repr(seen)


@pytest.mark.parametrize("role", ["planner", "worker", "leader", "station"])
def test_no_other_role_sees_the_jobs_of_the_subdistrict(app_database: Database, planner: Owner, role: str) -> None:
    planner.submit()
    with app_database.transaction(planner.place.token(role)) as session:
        assert jobs.list_administered_jobs(session, load_caller(session)) == []


def test_a_job_of_another_subdistrict_or_kind_is_refused(
    app_database: Database, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    for place, role, error in ((west, "planner", ProgrammingError), (east, "leader", PermissionError)):
        with (
            pytest.raises(error, match=r"not allowed|may not"),
            app_database.transaction(east.token(role)) as session,
        ):
            jobs.submit_job(session, load_caller(session), kinds.PARTITION, {}, subdistrict_id=place.subdistrict_id)


@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO job (kind) VALUES ('partition')",
        "UPDATE job SET state = 'done'",
        "DELETE FROM job",
        "SELECT claim_job('me', 'x', 10)",
        "SELECT renew_job(1, 1, 10)",
        "SELECT end_attempt(1, 1, 'failed', NULL, NULL, 0)",
        "SELECT add_periodic_jobs()",
        "SELECT end_lost_attempts()",
        "SELECT clean_up_jobs()",
        "SELECT publish_all_closed_counts()",
        "SELECT last_period FROM periodic_task",
    ],
)
@pytest.mark.parametrize("role", ["planner", "admin"])
def test_pages_change_nothing_of_the_queue(
    app_database: Database, east: SubdistrictIds, role: str, statement: str
) -> None:
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|not allowed"),
        app_database.transaction(east.token(role)) as session,
    ):
        session.execute(text(statement))


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT parameters FROM job",
        "SELECT name FROM resident",
        "SELECT my_account()",
        "SELECT open_session(1, 'x', NULL, NULL)",
        "SELECT submit_job(1, NULL, 'partition', '{}', 0, 3, NULL)",
        "SELECT * FROM my_job()",
    ],
)
def test_the_runner_reads_nothing_but_the_queue(queue_database: Database, statement: str) -> None:
    with pytest.raises(ProgrammingError, match="permission denied"), queue_database.transaction() as session:
        session.execute(text(statement))


def test_the_end_of_a_job_is_unseen_until_its_owner_looks(
    app_database: Database, owner_database: Database, planner: Owner, job_queue: Queue
) -> None:
    job_id = planner.submit()
    complete(app_database, 1, job_queue.claim_one().fence)
    count = text(f"SELECT count_unseen_jobs({planner.place.account_ids['planner']})")
    with owner_database.transaction() as session:
        assert session.scalar(count) == 1
    with app_database.transaction(planner.place.token("planner")) as session:
        caller = load_caller(session)
        jobs.mark_seen(session, caller, jobs.get_job(session, caller, job_id))
    with owner_database.transaction() as session:
        assert session.scalar(count) == 0


def test_a_periodic_task_has_one_job_in_a_period(owner_database: Database, job_queue: Queue) -> None:
    job_queue.add_periodic()
    job_queue.add_periodic()
    claimed = [job_queue.claim_one() for _task in range(4)]
    assert sorted(job.kind for job in claimed) == ["clean_up", "hand_over_cases", "publish_counts", "statistical_areas"]
    assert job_queue.claim() is None
    for job in claimed:
        job_queue.end(job, "cancelled")
    job_queue.add_periodic()
    assert job_queue.claim() is None
    execute(owner_database, "UPDATE periodic_task SET last_period = last_period - period WHERE kind = 'clean_up'")
    job_queue.add_periodic()
    assert job_queue.claim_one().kind == "clean_up"


def test_old_jobs_and_files_are_deleted_and_no_others(
    owner_database: Database, app_database: Database, planner: Owner, job_queue: Queue
) -> None:
    kept, old, waiting = planner.submit(), planner.submit(), planner.submit()
    finished = "UPDATE job SET state = 'cancelled', finished_at = now() - interval '{}' WHERE id = {}"
    execute(owner_database, finished.format("29 days 23 hours", kept))
    execute(owner_database, finished.format("30 days 1 hour", old))
    execute(owner_database, f"UPDATE job SET not_before = now() + interval '1 day' WHERE id = {waiting}")
    execute(owner_database, "INSERT INTO job (kind) VALUES ('clean_up')")
    job_queue.claim_one()
    with app_database.transaction(job_token(1)) as session:
        assert job_writes.clean_up(session).jobs == 1
    with app_database.transaction(planner.place.token("planner")) as session:
        assert [job.id for job in jobs.list_jobs(session, load_caller(session))] == [waiting, kept]
