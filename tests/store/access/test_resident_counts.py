"""Resident counts: suppressed below five for accounts that do not see persons."""

import pytest
from sqlalchemy import Connection, text

from tests.fixtures.subdistricts import SubdistrictIds
from tests.store.conftest import ConnectAs

RESIDENTS_TODAY = text("SELECT residents FROM residents_by_grid(:home, today()) ORDER BY grid_id")


def count_residents(connection: Connection, subdistrict: SubdistrictIds) -> list[int | None]:
    """Return the counts of the two grids; one resident lives in each."""
    return list(connection.scalars(RESIDENTS_TODAY, {"home": subdistrict.subdistrict_id}))


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_a_count_of_one_is_suppressed_for_roles_that_see_no_persons(
    connect_as: ConnectAs, east: SubdistrictIds, role: str
) -> None:
    assert count_residents(connect_as(east.account_ids[role]), east) == [None, None]


def test_a_worker_sees_the_count_of_the_own_grid(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    assert count_residents(connect_as(east.account_ids["worker"]), east) == [1, None]


def test_a_station_sees_the_counts_of_its_community(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    assert count_residents(connect_as(east.account_ids["station"]), east) == [1, 1]


def test_counts_of_another_subdistrict_are_not_visible(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    assert count_residents(connect_as(east.account_ids["station"]), west) == []


def test_no_counts_are_visible_without_an_account(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    assert count_residents(connect_as(None), east) == []


def test_the_owner_sees_all_counts(owner_connection: Connection, east: SubdistrictIds) -> None:
    assert count_residents(owner_connection, east) == [1, 1]


@pytest.mark.parametrize(("count", "disclosed"), [(0, 0), (1, None), (4, None), (5, 5)])
def test_counts_from_one_to_four_are_suppressed(
    owner_connection: Connection, count: int, disclosed: int | None
) -> None:
    assert owner_connection.scalar(text("SELECT disclose_count(:count, false)"), {"count": count}) == disclosed
