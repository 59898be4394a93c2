"""Counts of persons for those who may not see them: no small ones."""

import pytest
from sqlalchemy import Connection, text

from tests.offices import Office
from tests.store.conftest import Acting

TODAY = text("SELECT residents FROM residents_by_grid(:home, today()) ORDER BY grid_id")


def counted(connection: Connection, office: Office) -> list[int | None]:
    """Residents of the two grids; one lives in each."""
    return list(connection.scalars(TODAY, {"home": office.id}))


@pytest.mark.parametrize("role", ["planner", "leader", "admin"])
def test_a_single_person_is_no_number_for_those_who_see_none(acting: Acting, east: Office, role: str) -> None:
    assert counted(acting(east.accounts[role]), east) == [None, None]


def test_a_worker_counts_the_persons_of_the_own_grid(acting: Acting, east: Office) -> None:
    assert counted(acting(east.accounts["worker"]), east) == [1, None]


def test_a_station_counts_those_of_its_community(acting: Acting, east: Office) -> None:
    assert counted(acting(east.accounts["station"]), east) == [1, 1]


def test_nobody_counts_persons_of_another_subdistrict(acting: Acting, east: Office, west: Office) -> None:
    assert counted(acting(east.accounts["station"]), west) == []


def test_nobody_is_counted_without_an_account(acting: Acting, east: Office) -> None:
    assert counted(acting(None), east) == []


def test_the_owner_counts_everybody(owner: Connection, east: Office) -> None:
    assert counted(owner, east) == [1, 1]


@pytest.mark.parametrize(("persons", "told"), [(0, 0), (1, None), (4, None), (5, 5)])
def test_one_to_four_are_not_told(owner: Connection, persons: int, told: int | None) -> None:
    assert owner.scalar(text("SELECT told(:persons, false)"), {"persons": persons}) == told
