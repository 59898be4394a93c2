"""The overview agrees with what is there, one by one, and says no more than it may."""

from datetime import date

from gridmap.core.names import Role
from gridmap.core.small_counts import HIDDEN
from gridmap.services import grids, overview, people
from gridmap.store import contents
from gridmap.store.contents import Spot
from gridmap.store.in_force import Day
from gridmap.store.session import Database
from tests.offices import Office

THAT_DAY = date(2026, 1, 1)


def test_grids_count_the_buildings_and_persons_that_are_listed(database: Database, east: Office) -> None:
    with database.transaction(east.accounts[Role.STATION]) as session:
        told = {grid.id: (grid.buildings, grid.residents.number) for grid in grids.all_of(session, day(east))}
        within = {grid: contents.buildings(session, Spot(day(east), grid)) for grid in east.grids}
        living = {grid: [people.of_building(session, each.id) for each in within[grid]] for grid in east.grids}
    assert told == {grid: (len(within[grid]), sum(map(len, living[grid]))) for grid in east.grids}
    assert told == dict.fromkeys(east.grids, (1, 1))


def day(office: Office) -> Day:
    return Day(office.id, THAT_DAY)


def test_a_total_does_not_give_away_what_a_grid_keeps_to_itself(database: Database, east: Office) -> None:
    with database.transaction(east.accounts[Role.PLANNER]) as session:
        found = overview.overview(session, day(east))
    assert [grid.residents for grid in found.grids] == [HIDDEN, HIDDEN]
    assert found.residents == 0


def test_a_workers_overview_is_of_the_own_grid(database: Database, east: Office) -> None:
    with database.transaction(east.accounts[Role.WORKER]) as session:
        found = overview.overview(session, day(east))
    assert ([grid.id for grid in found.grids], found.buildings, found.links) == ([east.grids[0]], 1, ())


def test_what_is_in_no_grid_is_counted(owners: Database, east: Office) -> None:
    with owners.transaction() as session:
        before = overview.overview(session, Day(east.id, date(2019, 12, 31)))
        after = overview.overview(session, day(east))
    assert [each.name for each in before.undivided] == ["east community"]
    assert (after.linked_share, after.links[0].outside.number) == (1, 0)


def test_the_owner_of_the_database_sees_every_subdistrict(owners: Database, east: Office, west: Office) -> None:
    with owners.transaction() as session:
        assert {each.id for each in overview.subdistricts(session)} == {east.id, west.id}


def test_an_unknown_code_is_no_subdistrict(database: Database, east: Office) -> None:
    with database.transaction(east.accounts[Role.LEADER]) as session:
        assert [overview.subdistrict(session, code) for code in ("west", "\0", "")] == [None, None, None]
