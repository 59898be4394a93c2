"""Reveals: reasons, the daily budget, the cool-down, on both sides of each limit; nothing else by SQL."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from sqlalchemy import text
from sqlalchemy.exc import ProgrammingError

from gridmap.core.caller import Caller
from gridmap.core.errors import InvalidInput, NotFound
from gridmap.core.vocabulary import RevealField, RevealPurpose
from gridmap.services.people import reveals
from gridmap.services.people.reveals import RevealGrounds, RevealResult
from gridmap.store.session import Database
from tests.fixtures.people import households
from tests.fixtures.people.reveals import (
    EARLIER_TODAY,
    VISIT,
    audit_entries,
    fresh_day,
    household_of,
    neighbours,
    reveal,
)
from tests.fixtures.subdistricts import ID_NUMBERS, PHONES, FilledDatabase, SubdistrictIds

__all__ = ["fresh_day", "neighbours"]


@pytest.mark.parametrize(
    ("field", "value"), [("name", "张小明"), ("id_number", ID_NUMBERS["east"][0]), ("phone", PHONES["east"][0])]
)
def test_a_reason_reveals_one_value(database: Database, east: SubdistrictIds, field: str, value: str) -> None:
    result = reveal(database, east.account_ids["worker"], east.resident_ids[0], field=RevealField(field))
    assert result == RevealResult(value)


def test_a_reveal_is_in_the_audit_with_purpose_reason_and_household(
    database: Database, east: SubdistrictIds, filled_database: FilledDatabase
) -> None:
    grounds = RevealGrounds(RevealPurpose.MATTER, "补办老年证", "2026-0117")
    reveal(database, east.account_ids["worker"], east.resident_ids[0], grounds)
    (entry,) = audit_entries(database, east, "reveal")
    assert (entry.actor, entry.subject_id, entry.reason) == ("East-Worker", east.resident_ids[0], "补办老年证")
    assert entry.address == "192.0.2.1"
    assert entry.details == {
        "purpose": "matter",
        "matter_number": "2026-0117",
        "fields": ["phone"],
        "household": household_of(filled_database, east.resident_ids[0]),
    }


@pytest.mark.parametrize(
    ("reason", "problem"),
    [
        *((reason, "four letters") for reason in ("", "核实", "a b c", "   \n ")),
        *((reason, "in words") for reason in ("aaaa", "哈哈哈哈", "asdfgh", "poiuytr", "12345678", "……！！", "test")),
    ],
)
def test_a_reason_that_says_nothing_reveals_nothing(
    database: Database, east: SubdistrictIds, reason: str, problem: str
) -> None:
    with pytest.raises(InvalidInput, match=problem):
        reveal(database, east.account_ids["worker"], east.resident_ids[0], replace(VISIT, reason=reason))
    assert audit_entries(database, east, "reveal") == []


def test_a_purpose_is_required_and_a_matter_has_a_number(database: Database, east: SubdistrictIds) -> None:
    for grounds, problem in ((replace(VISIT, purpose=None), "what it is for"), (matter(" "), "number of the matter")):
        with pytest.raises(InvalidInput, match=problem):
            reveal(database, east.account_ids["worker"], east.resident_ids[0], grounds)
    assert reveal(database, east.account_ids["worker"], east.resident_ids[0], matter("17")).value == "13800138000"


def matter(number: str) -> RevealGrounds:
    return RevealGrounds(RevealPurpose.MATTER, "补办老年证", number)


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_other_roles_reveal_nothing(database: Database, east: SubdistrictIds, role: str) -> None:
    with pytest.raises(NotFound):
        reveal(database, east.account_ids[role], east.resident_ids[0])


def test_a_worker_reveals_no_resident_of_another_grid_or_subdistrict(
    database: Database, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    for resident in (east.resident_ids[1], west.resident_ids[0], 10**9, 10**30):
        with pytest.raises(NotFound):
            reveal(database, east.account_ids["worker"], resident, field=RevealField.NAME)


@pytest.mark.parametrize(("earlier", "allowed"), [(29, True), (30, False)])
def test_thirty_households_a_day_are_revealed_and_no_more(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds, earlier: int, allowed: bool
) -> None:
    others = list(range(9_000_001, 9_000_001 + earlier))
    households.record_earlier_reveals(filled_database, east.account_ids["worker"], others, EARLIER_TODAY)
    result = reveal(database, east.account_ids["worker"], east.resident_ids[0])
    assert (result.value is not None, result.refusal is None) == (allowed, allowed)


@pytest.mark.parametrize(
    ("at", "allowed"), [("reveal_day_start()", False), ("reveal_day_start() - interval '1 microsecond'", True)]
)
def test_the_budget_is_that_of_the_day(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds, at: str, allowed: bool
) -> None:
    others = list(range(9_000_001, 9_000_031))
    households.record_earlier_reveals(filled_database, east.account_ids["worker"], others, at)
    assert (reveal(database, east.account_ids["worker"], east.resident_ids[0]).value is not None) == allowed


def test_a_household_counts_once(database: Database, filled_database: FilledDatabase, east: SubdistrictIds) -> None:
    own = household_of(filled_database, east.resident_ids[0])
    others = [own, *range(9_000_001, 9_000_030)]
    households.record_earlier_reveals(filled_database, east.account_ids["worker"], others, EARLIER_TODAY)
    assert reveal(database, east.account_ids["worker"], east.resident_ids[0]).value == "13800138000"


def test_two_reveals_at_once_do_not_pass_the_budget(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds, neighbours: list[int]
) -> None:
    others = list(range(9_000_001, 9_000_029))
    households.record_earlier_reveals(filled_database, east.account_ids["worker"], others, EARLIER_TODAY)
    with ThreadPoolExecutor(6) as pool:
        results = list(pool.map(lambda each: reveal(database, east.account_ids["worker"], each), neighbours[:6]))
    assert sum(result.value is not None for result in results) == 2
    assert len(audit_entries(database, east, "reveal_refused")) == 4


@pytest.mark.parametrize(
    ("seconds_since_first", "allowed"), [(299, False), (301, True)], ids=["within 5 min", "over 5 min"]
)
def test_ten_reveals_within_five_minutes_are_followed_by_a_pause(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds, seconds_since_first: int, allowed: bool
) -> None:
    first, rest = [9_000_001], list(range(9_000_002, 9_000_011))
    at = "clock_timestamp() - interval '{} seconds'"
    households.record_earlier_reveals(
        filled_database, east.account_ids["worker"], first, at.format(seconds_since_first + 1)
    )
    households.record_earlier_reveals(filled_database, east.account_ids["worker"], rest, at.format(1))
    result = reveal(database, east.account_ids["worker"], east.resident_ids[0])
    assert (result.value is not None) == allowed
    assert allowed or "within five minutes" in str(result.refusal)


@pytest.mark.parametrize(("count", "allowed"), [(9, True), (10, False)])
def test_the_tenth_reveal_begins_the_pause(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds, count: int, allowed: bool
) -> None:
    others = list(range(9_000_001, 9_000_001 + count))
    households.record_earlier_reveals(filled_database, east.account_ids["worker"], others, "clock_timestamp()")
    assert (reveal(database, east.account_ids["worker"], east.resident_ids[0]).value is not None) == allowed


@pytest.mark.parametrize(("seconds", "allowed"), [(590, False), (601, True)])
def test_the_pause_lasts_ten_minutes(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds, seconds: int, allowed: bool
) -> None:
    others = list(range(9_000_001, 9_000_011))
    at = f"clock_timestamp() - interval '{seconds} seconds'"
    households.record_earlier_reveals(filled_database, east.account_ids["worker"], others, at)
    assert (reveal(database, east.account_ids["worker"], east.resident_ids[0]).value is not None) == allowed


@pytest.mark.parametrize(
    "statement",
    [
        "SELECT name FROM resident",
        "SELECT * FROM resident",
        "UPDATE resident SET source = name RETURNING source",
        "SELECT record_audit('reveal', :place, NULL, 'resident', 1, 'visit', '{}', NULL)",
        "SELECT record_audit('backup', :place, NULL, NULL, NULL, NULL, '{}', NULL)",
        "SELECT record_audit('household_visit', :place, NULL, 'household', 1, 'visit', '{}', NULL)",
        "INSERT INTO special_task_account SELECT :place, 1, my_account()",
        "UPDATE reveal_budget SET households_per_day = 200",
        "SELECT set_reveal_budget(:place, 'worker', 200)",
        "SELECT open_special_task(:place, 'all', '{name}', 9, daterange(today(), today() + 1), ARRAY[my_account()])",
        'SELECT * FROM reveal_value(:resident, \'name\', \'{"purpose": "door_visit", "reason": "x"}\', NULL)',
        'SELECT * FROM reveal_value(:resident, \'name\', \'{"purpose": "matter", "reason": "pension"}\', NULL)',
        "SELECT * FROM reveal_value(:resident, 'name', '{\"reason\": \"pension\"}', NULL)",
    ],
)
def test_the_application_gets_no_name_and_no_limit_by_sql(
    database: Database, east: SubdistrictIds, statement: str
) -> None:
    values = {"place": east.subdistrict_id, "resident": east.resident_ids[0]}
    with (
        pytest.raises(ProgrammingError, match=r"permission denied|not allowed"),
        database.transaction(east.token("worker")) as session,
    ):
        session.execute(text(statement), {name: value for name, value in values.items() if f":{name}" in statement})


def test_callers_without_an_account_have_no_limits(database: Database, east: SubdistrictIds) -> None:
    with database.transaction() as session, pytest.raises(NotFound):
        reveals.load_options(session, Caller(), east.resident_ids[0])
