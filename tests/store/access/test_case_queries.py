"""Queries of cases by number and query code: who gets a code, what it opens, and when queries are paused."""

from typing import Any

import pytest
from sqlalchemy import Connection, text

from tests.fixtures.subdistricts import SubdistrictIds
from tests.store.access.test_cases import Office
from tests.store.access.test_row_security import assert_refused
from tests.store.conftest import ConnectAs


@pytest.fixture
def office(connect_as: ConnectAs, east: SubdistrictIds) -> Office:
    return Office(connect_as(east.account_ids["worker"]), east)


def get_code(office: Office, role: str = "station") -> str:
    query = text("SELECT get_case_query_code(:id)")
    return str(office.act_as(role).execute(query, {"id": office.incident_id}).scalar_one())


def get_number(office: Office) -> str:
    query = text("SELECT number FROM incident WHERE id = :id")
    return str(office.act_as("station").execute(query, {"id": office.incident_id}).scalar_one())


def query_case(connection: Connection, number: str, code: str, address: str = "192.0.2.1") -> Any:
    connection.execute(text("SELECT act_as('')"))
    call = text("SELECT * FROM public_case(:number, :code, cast(:address AS inet))")
    return connection.execute(call, {"number": number, "code": code, "address": address}).first()


def test_the_station_and_the_reporter_are_told_the_same_eight_digits(office: Office) -> None:
    office.report()
    codes = {get_code(office, role) for role in ("station", "worker")}
    assert len(codes) == 1
    assert all(len(code) == 8 and code.isdigit() for code in codes)


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_other_roles_are_told_no_code(office: Office, role: str) -> None:
    office.report()
    with assert_refused(office.connection):
        get_code(office, role)


def test_a_station_elsewhere_is_told_no_code(office: Office, west: SubdistrictIds) -> None:
    office.report()
    office.place = west
    with assert_refused(office.connection):
        get_code(office)


def test_number_and_code_open_state_days_and_office(office: Office) -> None:
    office.report()
    number, code = get_number(office), get_code(office)
    office.take("station", "close", text="lamp replaced")
    row = query_case(office.connection, number, code)
    assert (row.state, row.closing_action, row.is_duplicate, row.wait_s) == ("closed", "close", False, 0)
    assert set(row._fields) == {
        *("wait_s", "state", "closing_action", "is_duplicate", "received_on", "due_on", "closed_on"),
        *("office_name", "office_phone"),
    }


def test_a_case_whose_code_nobody_was_told_is_not_queried(office: Office) -> None:
    office.report()
    assert query_case(office.connection, get_number(office), "") is None


def test_a_duplicate_has_the_state_of_the_other_case(office: Office) -> None:
    first = office.report("station")
    office.report("station")
    number, code = get_number(office), get_code(office)
    office.take("station", "link_duplicate", duplicate_of=first)
    assert query_case(office.connection, number, code)[1:4] == ("received", None, True)
    office.incident_id = first
    office.take("station", "close", text="done")
    assert query_case(office.connection, number, code)[1:4] == ("closed", "close", True)


@pytest.mark.parametrize(("failures", "waits"), [(9, False), (10, True)])
def test_ten_wrong_codes_pause_a_number(office: Office, failures: int, waits: bool) -> None:
    office.report()
    number, code = get_number(office), get_code(office)
    for attempt in range(failures):
        assert query_case(office.connection, number, "x", f"192.0.2.{attempt}") is None
    assert (query_case(office.connection, number, code, "198.51.100.1").wait_s > 0) is waits


@pytest.mark.parametrize(("failures", "waits"), [(99, False), (100, True)])
def test_a_hundred_unknown_numbers_pause_an_address(office: Office, failures: int, waits: bool) -> None:
    office.report()
    number, code = get_number(office), get_code(office)
    for attempt in range(failures):
        assert query_case(office.connection, f"unknown {attempt}", code) is None
    assert (query_case(office.connection, number, code).wait_s > 0) is waits
    assert query_case(office.connection, number, code, "198.51.100.1").wait_s == 0


@pytest.mark.parametrize(("minutes", "waits"), [(59, True), (61, False)])
def test_a_pause_ends_after_an_hour(
    owner_connection: Connection, east: SubdistrictIds, minutes: int, waits: bool
) -> None:
    office = Office(owner_connection, east)
    office.report()
    number, code = get_number(office), get_code(office)
    for _ in range(10):
        query_case(owner_connection, number, "x")
    past = text("UPDATE case_query_throttle SET counted_from = counted_from - make_interval(mins => :minutes)")
    owner_connection.execute(past, {"minutes": minutes})
    assert (query_case(owner_connection, number, code).wait_s > 0) is waits


def test_no_account_reads_codes_or_counters(office: Office) -> None:
    office.report()
    get_code(office)
    for table in ("case_query_code", "case_query_throttle"):
        with assert_refused(office.connection):
            office.connection.execute(text(f"SELECT * FROM {table}"))
