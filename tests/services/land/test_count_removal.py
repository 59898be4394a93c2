"""Counts of a building that were entered for a wrong day: figures follow, and what was removed stays on record."""

from collections.abc import Iterator
from datetime import date

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from gridmap.core.caller import OWNER
from gridmap.core.errors import InvalidInput, NotFound
from gridmap.core.vocabulary import HouseholdKind, PopulationKind
from gridmap.services.land import buildings, count_removal, population
from gridmap.services.land.buildings import NewCount
from gridmap.services.land.count_removal import CountRemoval
from gridmap.services.land.population import NewPopulationCount
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from tests.fixtures.callers import caller_of
from tests.fixtures.loaded_town import rolled_back_session
from tests.services.land.land_town import LandTown, building_id, session_of

MAY, JUNE = date(2026, 5, 1), date(2026, 6, 1)
RESIDENT = HouseholdKind.RESIDENT
RECOUNT = NewCount(RESIDENT, 95, JUNE, "walk")
REMOVAL = CountRemoval(RESIDENT, JUNE, "counted in July")


@pytest.fixture
def planner(land_town: LandTown) -> Iterator[Session]:
    with session_of(land_town, "planner") as (session, _):
        yield session


def households(session: Session, town: LandTown, day: date) -> int:
    grids = grids_in_force.list_grids(session, caller_of(session), SubdistrictDay(town.subdistrict_id, day))
    return sum(grid.households.households for grid in grids)


def test_the_figures_are_those_of_the_count_before(planner: Session, land_town: LandTown) -> None:
    caller, key, before = caller_of(planner), building_id(planner, "b2"), households(planner, land_town, JUNE)
    buildings.record_count(planner, caller, key, RECOUNT)
    assert households(planner, land_town, JUNE) == before + 15
    count_removal.remove_count(planner, caller, key, REMOVAL)
    assert households(planner, land_town, JUNE) == before
    assert len(buildings.list_counts(planner, caller, key)) == 1


def test_the_building_keeps_what_was_removed_by_whom_and_why(planner: Session) -> None:
    caller, key = caller_of(planner), building_id(planner, "b2")
    buildings.record_count(planner, caller, key, RECOUNT)
    count_removal.remove_count(planner, caller, key, REMOVAL)
    (row,) = count_removal.list_removed_counts(planner, caller, key)
    assert row[1:] == ("planner", "counted in July", RESIDENT, JUNE, 95, "walk")


def test_persons_of_60_and_older_go_with_the_persons_of_their_day(planner: Session) -> None:
    caller, key = caller_of(planner), building_id(planner, "b2")
    for day in (MAY, JUNE):
        population.record_count(planner, caller, key, NewPopulationCount(100, 30, day, "register"))
    count_removal.remove_count(planner, caller, key, CountRemoval(PopulationKind.RESIDENTS, JUNE, "wrong day"))
    assert {each.as_of for each in population.list_counts(planner, caller, key)} == {MAY}
    count_removal.remove_count(planner, caller, key, CountRemoval(PopulationKind.RESIDENTS_60, MAY, "wrong list"))
    assert [each.persons for each in population.list_counts(planner, caller, key)] == [100]
    removed = count_removal.list_removed_counts(planner, caller, key)
    assert sorted(each.number or 0 for each in removed) == [30, 30, 100]


def test_the_audit_has_the_reason_and_no_number(land_town: LandTown) -> None:
    with rolled_back_session(land_town.url) as session:
        key = building_id(session, "b2")
        population.record_count(session, OWNER, key, NewPopulationCount(4321, None, JUNE, "register"))
        count_removal.remove_count(session, OWNER, key, CountRemoval(PopulationKind.RESIDENTS, JUNE, "wrong day"))
        audit = "SELECT reason, details::text LIKE '%4321%' FROM audit WHERE action = 'count_removed'"
        assert session.execute(text(audit)).all() == [("wrong day", False)]


@pytest.mark.parametrize(
    "removal",
    [
        CountRemoval(RESIDENT, date(2026, 6, 2), "x"),
        CountRemoval(HouseholdKind.REGISTERED, JUNE, "x"),
        CountRemoval(RESIDENT, JUNE, "  "),
    ],
)
def test_a_count_that_is_not_there_or_no_reason_removes_nothing(planner: Session, removal: CountRemoval) -> None:
    caller, key = caller_of(planner), building_id(planner, "b2")
    buildings.record_count(planner, caller, key, RECOUNT)
    with pytest.raises(InvalidInput):
        count_removal.remove_count(planner, caller, key, removal)
    assert len(buildings.list_counts(planner, caller, key)) == 2


@pytest.mark.parametrize("name", ["leader", "west_station"])
def test_other_roles_remove_none(land_town: LandTown, name: str) -> None:
    with session_of(land_town, name) as (session, _):
        removal = func.remove_building_count(building_id(session, "b1"), "resident", MAY, "x")
        with pytest.raises(DBAPIError, match=r"not permitted|permission|allowed"):
            session.execute(select(removal))


def test_a_planner_of_a_part_removes_none_elsewhere(land_town: LandTown) -> None:
    with session_of(land_town, "west_planner") as (session, caller):
        other = building_id(session, "b4")
        with pytest.raises(NotFound):
            count_removal.remove_count(session, caller, other, REMOVAL)
        with pytest.raises(NotFound):
            count_removal.list_removed_counts(session, caller, other)
        with pytest.raises(DBAPIError):
            session.execute(select(func.remove_building_count(other, "resident", MAY, "x")))
