"""Overview: its totals agree with the listed rows, and disclose no suppressed number."""

from datetime import date

from gridmap.core.privacy.disclosure import WITHHELD
from gridmap.core.vocabulary import Role
from gridmap.services.grids import in_force, overview
from gridmap.services.people import residents
from gridmap.store.queries.grids import grid_details
from gridmap.store.queries.grids.grid_details import GridDay
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import SubdistrictIds

REPORT_DATE = date(2026, 1, 1)


def test_grids_count_the_listed_buildings_and_residents(database: Database, east: SubdistrictIds) -> None:
    with database.transaction(east.token(Role.STATION)) as session:
        counts = {
            grid.id: (grid.buildings, grid.residents.number)
            for grid in in_force.list_grids(session, caller_of(session), subdistrict_day(east))
        }
        buildings_by_grid = {
            grid: grid_details.list_buildings(session, caller_of(session), GridDay(subdistrict_day(east), grid))
            for grid in east.grid_ids
        }
        residents_by_grid = {
            grid: [residents.list_residents(session, caller_of(session), each.id) for each in buildings_by_grid[grid]]
            for grid in east.grid_ids
        }
    assert counts == {
        grid: (len(buildings_by_grid[grid]), sum(map(len, residents_by_grid[grid]))) for grid in east.grid_ids
    }
    assert counts == dict.fromkeys(east.grid_ids, (1, 1))


def subdistrict_day(subdistrict: SubdistrictIds) -> SubdistrictDay:
    return SubdistrictDay(subdistrict.subdistrict_id, REPORT_DATE)


def test_a_total_does_not_disclose_suppressed_residents(database: Database, east: SubdistrictIds) -> None:
    with database.transaction(east.token(Role.PLANNER)) as session:
        result = overview.load_overview(session, caller_of(session), subdistrict_day(east))
    assert [grid.residents for grid in result.grids] == [WITHHELD, WITHHELD]
    assert result.residents == 0


def test_a_worker_sees_an_overview_of_the_own_grid(database: Database, east: SubdistrictIds) -> None:
    with database.transaction(east.token(Role.WORKER)) as session:
        result = overview.load_overview(session, caller_of(session), subdistrict_day(east))
    assert ([grid.id for grid in result.grids], result.buildings, result.link_counts) == ([east.grid_ids[0]], 1, ())


def test_buildings_in_no_grid_are_counted(owner_database: Database, east: SubdistrictIds) -> None:
    with owner_database.transaction() as session:
        before = overview.load_overview(
            session, caller_of(session), SubdistrictDay(east.subdistrict_id, date(2019, 12, 31))
        )
        after = overview.load_overview(session, caller_of(session), subdistrict_day(east))
    assert [each.name for each in before.unpartitioned] == ["east community"]
    assert (after.linked_share, after.link_counts[0].unlinked) == (1, 0)


def test_the_owner_of_the_database_sees_every_subdistrict(
    owner_database: Database, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    with owner_database.transaction() as session:
        assert {each.id for each in overview.list_subdistricts(session, caller_of(session))} == {
            east.subdistrict_id,
            west.subdistrict_id,
        }


def test_an_unknown_code_finds_no_subdistrict(database: Database, east: SubdistrictIds) -> None:
    with database.transaction(east.token(Role.LEADER)) as session:
        assert [overview.get_subdistrict(session, caller_of(session), code) for code in ("west", "\0", "")] == [
            None,
            None,
            None,
        ]
