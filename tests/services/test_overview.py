"""The overview agrees with the figures that everything else is told by, and says no more than it may."""

from datetime import UTC, date, datetime

from gridmap.core.names import Role
from gridmap.services import grids, overview
from gridmap.store import figures
from gridmap.store.in_force import Day
from gridmap.store.session import Database
from tests.offices import Office

THAT_DAY = date(2026, 1, 1)
LONG_AGO, LATER = datetime(2000, 1, 1, tzinfo=UTC), datetime(2030, 1, 1, tzinfo=UTC)


def test_grids_have_the_figures_of_the_store(database: Database, east: Office) -> None:
    with database.transaction(east.accounts[Role.STATION]) as session:
        told = {grid.id: (grid.buildings, grid.residents.number) for grid in grids.all_of(session, day(east))}
        by_grid = figures.by_grid(session, east.id, THAT_DAY, LONG_AGO, LATER)
    assert told == {key: (each.buildings, each.residents) for key, each in by_grid.items()}
    assert len(told) == 2


def day(office: Office) -> Day:
    return Day(office.id, THAT_DAY)


def test_a_total_does_not_give_away_what_a_grid_keeps_to_itself(database: Database, east: Office) -> None:
    with database.transaction(east.accounts[Role.PLANNER]) as session:
        found = overview.overview(session, day(east))
    assert [grid.residents.hidden for grid in found.grids] == [True, True]
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
