"""Special tasks, budgets and alarms of reveals, which administrators govern."""

from contextlib import nullcontext
from dataclasses import replace

import pytest
from sqlalchemy.exc import ProgrammingError

from gridmap.core.errors import InvalidInput
from gridmap.core.vocabulary import RevealField, Role
from gridmap.postgres.databases import execute
from gridmap.services.accounts import special_tasks
from gridmap.services.people.reveals import RevealGrounds
from gridmap.store.session import Database
from gridmap.store.writes.reveals import NewSpecialTask
from tests.days import day_from_now
from tests.fixtures.callers import caller_of
from tests.fixtures.people import households
from tests.fixtures.people.reveals import EARLIER_TODAY, audit_entries, fresh_day, neighbours, reveal
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds

__all__ = ["fresh_day", "neighbours"]


def test_a_refused_reveal_is_in_the_audit_and_alarms_the_administrator_until_one_has_looked(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    others = list(range(9_000_001, 9_000_031))
    households.record_earlier_reveals(filled_database, east.account_ids["worker"], others, EARLIER_TODAY)
    reveal(database, east.account_ids["worker"], east.resident_ids[0])
    (entry,) = audit_entries(database, east, "reveal_refused")
    assert (entry.actor, entry.details["limit"]) == ("East-Worker", "budget")
    with database.transaction(east.token("admin")) as session:
        caller = caller_of(session)
        (alarm,) = special_tasks.list_alarms(session, caller)
        assert (alarm.display_name, alarm.limits, alarm.refusals) == ("East-Worker", ["budget"], 1)
        special_tasks.dismiss_alarm(session, caller, alarm.account_id)
        assert special_tasks.list_alarms(session, caller) == []
    reveal(database, east.account_ids["worker"], east.resident_ids[0])
    with database.transaction(east.token("admin")) as session:
        assert len(special_tasks.list_alarms(session, caller)) == 1


def test_an_alarm_of_another_subdistrict_is_not_shown(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    others = list(range(9_000_001, 9_000_031))
    households.record_earlier_reveals(filled_database, east.account_ids["worker"], others, EARLIER_TODAY)
    reveal(database, east.account_ids["worker"], east.resident_ids[0])
    with database.transaction(west.token("admin")) as session:
        assert special_tasks.list_alarms(session, caller_of(session)) == []


def test_an_administrator_sets_the_budget_of_a_role(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    set_budget(database, east, 2)
    others = [9_000_001, 9_000_002]
    for role, allowed in (("worker", False), ("station", True)):
        households.record_earlier_reveals(filled_database, east.account_ids[role], others, EARLIER_TODAY)
        assert (reveal(database, east.account_ids[role], east.resident_ids[0]).value is not None) == allowed
    (entry,) = audit_entries(database, east, "reveal_budget_set")
    assert entry.details == {"role": "worker", "from": 30, "to": 2}
    set_budget(database, east, 30)


@pytest.mark.parametrize("number", [-1, 201])
def test_a_budget_out_of_range_is_refused(database: Database, east: SubdistrictIds, number: int) -> None:
    with pytest.raises(InvalidInput, match="from 0 to 200"):
        set_budget(database, east, number)


def set_budget(database: Database, east: SubdistrictIds, number: int) -> None:
    with database.transaction(east.token("admin")) as session:
        special_tasks.set_budget(session, caller_of(session), east.subdistrict_id, Role.WORKER, number)


def open_task(database: Database, east: SubdistrictIds, **changes: object) -> int:
    account_ids = [east.account_ids["worker"]]
    task = NewSpecialTask(
        east.subdistrict_id, "独居老人走访", [RevealField.PHONE], 1, day_from_now(), day_from_now(5), account_ids
    )
    with database.transaction(east.token("admin")) as session:
        return special_tasks.open_task(session, caller_of(session), replace(task, **changes))  # type: ignore[arg-type]


def close_task(database: Database, east: SubdistrictIds, task_id: int) -> None:
    with database.transaction(east.token("admin")) as session:
        special_tasks.close_task(session, caller_of(session), task_id)


def for_task(task_id: int) -> RevealGrounds:
    return RevealGrounds(None, "", special_task_id=task_id)


def test_a_special_task_allows_its_number_of_households_beside_the_budget(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds, neighbours: list[int]
) -> None:
    others = list(range(9_000_001, 9_000_031))
    households.record_earlier_reveals(filled_database, east.account_ids["worker"], others, EARLIER_TODAY)
    task = open_task(database, east)
    assert reveal(database, east.account_ids["worker"], neighbours[0], for_task(task)).value == "13913910000"
    refused = reveal(database, east.account_ids["worker"], neighbours[1], for_task(task))
    assert "special task allows" in str(refused.refusal)
    (entry,) = audit_entries(database, east, "reveal")[:1]
    assert (entry.reason, entry.details["special_task"]) == ("独居老人走访", task)


def test_a_special_task_is_for_its_values_its_accounts_and_its_days(
    database: Database, east: SubdistrictIds, neighbours: list[int]
) -> None:
    task, tomorrow = open_task(database, east), open_task(database, east, first=day_from_now(1))
    worker, station = east.account_ids["worker"], east.account_ids["station"]
    for account, task_id, field in (
        (worker, task, RevealField.ID_NUMBER),
        (station, task, RevealField.PHONE),
        (worker, tomorrow, RevealField.PHONE),
    ):
        assert "does not cover" in str(reveal(database, account, neighbours[0], for_task(task_id), field).refusal)


def test_a_closed_special_task_allows_nothing(database: Database, east: SubdistrictIds, neighbours: list[int]) -> None:
    task = open_task(database, east)
    for _ in range(2):  # a double click
        close_task(database, east, task)
    assert "does not cover" in str(reveal(database, east.account_ids["worker"], neighbours[0], for_task(task)).refusal)
    assert len(audit_entries(database, east, "special_task_closed")) == 1


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"purpose": "aaaa"}, "what the task is for"),
        ({"households": 0}, "from 1 to 5000"),
        ({"households": 5001}, "from 1 to 5000"),
        ({"fields": []}, "what the task needs"),
        ({"account_ids": []}, "who works on it"),
        ({"account_ids": [10**9]}, "who works on it"),
        ({"last": -1, "first": -2}, "over"),
        ({"last": -1}, "before the first"),
        ({"last": 92}, "92 days"),
    ],
)
def test_a_faulty_special_task_is_refused(
    database: Database, east: SubdistrictIds, changes: dict[str, object], problem: str
) -> None:
    dated = {
        name: day_from_now(int(str(value))) if name in ("first", "last") else value for name, value in changes.items()
    }
    with pytest.raises(InvalidInput, match=problem):
        open_task(database, east, **dated)


def test_a_special_task_lasts_a_quarter_at_most(database: Database, east: SubdistrictIds) -> None:
    assert open_task(database, east, last=day_from_now(91)) > 0


def test_an_administrator_names_no_account_of_another_subdistrict_or_of_a_planner(
    database: Database, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    for account in (west.account_ids["worker"], east.account_ids["planner"]):
        with pytest.raises(InvalidInput, match="who works on it"):
            open_task(database, east, account_ids=[account])


@pytest.mark.parametrize(("age_s", "is_refused"), [(301, True), (290, False)])
def test_what_may_be_revealed_changes_only_with_a_recent_password(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds, age_s: int, is_refused: bool
) -> None:
    task = open_task(database, east)
    age = f"UPDATE web_session SET password_confirmed_at = now() - interval '{age_s} seconds'"
    execute(filled_database.owner_url, age)
    for change in (
        lambda: open_task(database, east),
        lambda: close_task(database, east, task),
        lambda: set_budget(database, east, 31),
        lambda: set_budget(database, east, 30),
    ):
        with pytest.raises(ProgrammingError, match="typed again") if is_refused else nullcontext():
            change()
    assert len(audit_entries(database, east, "special_task_closed")) == (0 if is_refused else 1)
