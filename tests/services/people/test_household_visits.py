"""Household visits: names and phones of one household for 30 minutes and one reason."""

from gridmap.services.people import reveals
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.people import households
from tests.fixtures.people.reveals import EARLIER_TODAY, audit_entries, fresh_day, open_household
from tests.fixtures.subdistricts import FilledDatabase, SubdistrictIds, token_of

__all__ = ["fresh_day"]


def test_a_visit_opens_name_and_phone_of_a_household_for_thirty_minutes(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    household = open_household(database, east.account_ids["worker"], east.resident_ids[0]).household_id
    assert household is not None
    assert visit_values(database, east.account_ids["worker"], household) == [("张小明", "13800138000")]
    households.let_minutes_pass(filled_database, 29)
    assert len(visit_values(database, east.account_ids["worker"], household)) == 1
    households.let_minutes_pass(filled_database, 1)
    assert visit_values(database, east.account_ids["worker"], household) == []


def test_a_visit_is_one_row_of_the_audit_that_names_the_household(database: Database, east: SubdistrictIds) -> None:
    household = open_household(database, east.account_ids["worker"], east.resident_ids[0]).household_id
    assert household is not None
    for _ in range(3):
        visit_values(database, east.account_ids["worker"], household)
    (entry,) = audit_entries(database, east, "household_visit")
    assert (entry.subject, entry.subject_id, entry.reason) == ("household", household, "上门核实")
    assert entry.details["fields"] == ["name", "phone"]


def test_a_visit_is_that_of_one_account_and_ends_when_it_is_ended(database: Database, east: SubdistrictIds) -> None:
    household = open_household(database, east.account_ids["worker"], east.resident_ids[0]).household_id
    assert household is not None
    assert visit_values(database, east.account_ids["station"], household) == []
    with database.transaction(east.token("worker")) as session:
        reveals.end_household_visit(session, caller_of(session), household)
    assert visit_values(database, east.account_ids["worker"], household) == []
    assert len(audit_entries(database, east, "household_visit_ended")) == 1
    open_household(database, east.account_ids["worker"], east.resident_ids[0])
    assert len(visit_values(database, east.account_ids["worker"], household)) == 1


def test_a_visit_counts_against_the_budget(
    database: Database, filled_database: FilledDatabase, east: SubdistrictIds
) -> None:
    others = list(range(9_000_001, 9_000_031))
    households.record_earlier_reveals(
        filled_database, east.account_ids["worker"], others, EARLIER_TODAY, "household_visit"
    )
    result = open_household(database, east.account_ids["worker"], east.resident_ids[0])
    assert (result.household_id, result.refusal is not None) == (None, True)


def visit_values(database: Database, account_id: int, household_id: int) -> list[tuple[str, str | None]]:
    with database.transaction(token_of(account_id)) as session:
        visit = reveals.get_household_visit(session, household_id)
    return [(member.name, member.phone) for member in visit.members] if visit else []
