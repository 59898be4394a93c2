"""Counts of persons for those who may not see them: no small ones."""

import pytest
from sqlalchemy import Connection, text

from tests.fixtures.subdistricts import SubdistrictIds
from tests.store.conftest import ConnectAs

RESIDENTS_TODAY = text("SELECT residents FROM residents_by_grid(:home, today()) ORDER BY grid_id")


def count_residents(connection: Connection, subdistrict: SubdistrictIds) -> list[int | None]:
    """Residents of the two grids; one lives in each."""
    return list(connection.scalars(RESIDENTS_TODAY, {"home": subdistrict.subdistrict_id}))


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_a_single_person_is_no_number_for_those_who_see_none(
    connect_as: ConnectAs, east: SubdistrictIds, role: str
) -> None:
    assert count_residents(connect_as(east.account_ids[role]), east) == [None, None]


def test_a_worker_counts_the_persons_of_the_own_grid(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    assert count_residents(connect_as(east.account_ids["worker"]), east) == [1, None]


def test_a_station_counts_those_of_its_community(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    assert count_residents(connect_as(east.account_ids["station"]), east) == [1, 1]


def test_nobody_counts_persons_of_another_subdistrict(
    connect_as: ConnectAs, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    assert count_residents(connect_as(east.account_ids["station"]), west) == []


def test_nobody_is_counted_without_an_account(connect_as: ConnectAs, east: SubdistrictIds) -> None:
    assert count_residents(connect_as(None), east) == []


def test_the_owner_counts_everybody(owner_connection: Connection, east: SubdistrictIds) -> None:
    assert count_residents(owner_connection, east) == [1, 1]


@pytest.mark.parametrize(("persons", "told"), [(0, 0), (1, None), (4, None), (5, 5)])
def test_one_to_four_are_not_told(owner_connection: Connection, persons: int, told: int | None) -> None:
    assert owner_connection.scalar(text("SELECT disclose_count(:persons, false)"), {"persons": persons}) == told
