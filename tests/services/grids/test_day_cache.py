"""Figures of a day in memory: used again while nothing has changed, never after a change of data or rights."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import Role
from gridmap.store.memory_cache import MemoryCache
from gridmap.store.queries.grids import day_cache, grids_in_force, link_counts, packed_counts, population
from gridmap.store.queries.grids.day_cache import DayFigure, load_cached
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import SubdistrictIds

REPORT_DATE = date(2026, 1, 1)
COUNT_ROW = (
    "INSERT INTO household_count (subdistrict_id, building_id, kind, households, low, high, source, as_of)"
    " VALUES (:subdistrict_id, :building_id, 'resident', 77, 77, 77, 'test', '2025-01-01')"
)
PERSONS_ROW = (
    "INSERT INTO population_count (subdistrict_id, building_id, kind, persons, source, as_of)"
    " VALUES (:subdistrict_id, :building_id, 'residents', 150, 'test', '2025-01-01')"
)
AREA_COUNT = (
    "INSERT INTO statistical_area_count (statistical_area_id, month, subdistrict_id, residents)"
    " SELECT id, '2019-01-01', subdistrict_id, 9 FROM statistical_area WHERE subdistrict_id = :subdistrict_id"
)
ENDED, OPEN = "daterange('2020-01-01', '2025-01-01')", "daterange('2020-01-01', NULL)"
CHANGES = {
    "building": (
        f"UPDATE building SET valid = {ENDED} WHERE id = :building_id",
        f"UPDATE building SET valid = {OPEN} WHERE id = :building_id",
    ),
    "households": (COUNT_ROW, "DELETE FROM household_count WHERE building_id = :building_id AND source = 'test'"),
    "adoption": (
        f"UPDATE adoption SET valid = {ENDED} WHERE subdistrict_id = :subdistrict_id",
        f"UPDATE adoption SET valid = {OPEN} WHERE subdistrict_id = :subdistrict_id",
    ),
    "scope": (
        f"UPDATE account_scope SET valid = {ENDED} WHERE account_id = :account_id",
        f"UPDATE account_scope SET valid = {OPEN} WHERE account_id = :account_id",
    ),
}
FIGURES = {  # grids, their buildings, their households; cells in grids
    "building": ([(1, 0), (0, 0)], 2),
    "households": ([(1, 0), (1, 77)], 2),
    "adoption": ([], 0),
    "scope": ([], 0),
}
CHANGED_TABLES = (
    "adoption",
    "building",
    "building_cell",
    "grid",
    "household_count",
    "population_count",
    "statistical_area",
)
COPY_ADOPTED = (
    "INSERT INTO {table} SELECT (jsonb_populate_record(r, jsonb_build_object('{key}', {new}))).* FROM {table} r"
    " WHERE revision_id IN (SELECT revision_id FROM adoption) AND subdistrict_id = :subdistrict_id LIMIT 1"
)
COPY = "INSERT INTO {table} SELECT (jsonb_populate_record(r, '{values}')).* FROM {table} r WHERE id = {id}"
NEW_GRID = COPY.format(table="grid", values='{"id"\\: 9999999, "code"\\: "east19"}', id="(SELECT min(id) FROM grid)")
"""Copy of the first grid, which is one of the subdistrict east."""


@pytest.fixture(autouse=True)
def empty_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(day_cache, "CACHE", MemoryCache(64))


def keys_of(east: SubdistrictIds) -> dict[str, int]:
    return {
        "subdistrict_id": east.subdistrict_id,
        "building_id": east.building_ids[1],
        "account_id": east.account_ids["leader"],
    }


@contextmanager
def changed(owner: Database, east: SubdistrictIds, change: str) -> Iterator[None]:
    """Commit a change, and take it back at the end."""
    for statement in CHANGES[change]:
        with owner.transaction() as session:
            session.execute(text(statement), keys_of(east))
        if statement == CHANGES[change][0]:
            yield


def figures_of(database: Database, east: SubdistrictIds) -> tuple[list[tuple[int, int]], int]:
    """Return buildings and households of each grid, and the number of cells in grids."""
    day = SubdistrictDay(east.subdistrict_id, REPORT_DATE)
    with database.transaction(east.token(Role.LEADER)) as session:
        caller = caller_of(session)
        rows = grids_in_force.list_grids(session, caller, day)
        cells = packed_counts.load_grid_of_cells(session, caller, day)
    return [(row.buildings, row.households.households) for row in rows], len(cells.cells)


def test_figures_are_used_again_while_nothing_changes(database: Database, east: SubdistrictIds) -> None:
    day = SubdistrictDay(east.subdistrict_id, REPORT_DATE)
    with database.transaction(east.token(Role.LEADER)) as session:
        caller = caller_of(session)
        population.load_population_by_grid(session, caller, day)
    with database.transaction(east.token(Role.LEADER)) as session:
        for load in (grids_in_force.list_grids, packed_counts.load_grid_of_cells, link_counts.sum_households):
            assert load(session, caller, day) is load(session, caller, day)


@pytest.mark.parametrize("change", CHANGES)
def test_a_change_is_in_the_next_answer_of_every_process(
    database: Database,
    owner_database: Database,
    east: SubdistrictIds,
    change: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    processes = MemoryCache(64), MemoryCache(64)
    before = [(1, 0), (1, 0)], 2
    for expected, during in ((before, False), (FIGURES[change], True), (before, False)):
        if during:
            with changed(owner_database, east, change):
                assert_figures(database, east, processes, expected, monkeypatch)
        else:
            assert_figures(database, east, processes, expected, monkeypatch)


def assert_figures(
    database: Database,
    east: SubdistrictIds,
    processes: tuple[MemoryCache, ...],
    expected: tuple[list[tuple[int, int]], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for cache in processes * 2:
        monkeypatch.setattr(day_cache, "CACHE", cache)
        assert figures_of(database, east) == expected


@pytest.mark.parametrize("change", ["building", "scope"])
def test_what_was_loaded_during_a_change_is_not_cached(
    database: Database, owner_database: Database, east: SubdistrictIds, change: str
) -> None:
    figure = DayFigure("test", east.subdistrict_id, REPORT_DATE)
    with database.transaction(east.token(Role.LEADER)) as session:
        caller = caller_of(session)

        def load_during_change() -> str:
            with owner_database.transaction() as other:
                other.execute(text(CHANGES[change][0]), keys_of(east))
            return "stale"

        load_cached(session, caller, figure, load_during_change)
        after = load_cached(session, caller, figure, lambda: "fresh")
    with owner_database.transaction() as session:
        session.execute(text(CHANGES[change][1]), keys_of(east))
    assert after == "fresh"


def test_a_caller_with_other_rights_shares_nothing(
    database: Database, east: SubdistrictIds, west: SubdistrictIds
) -> None:
    figure = DayFigure("test", east.subdistrict_id, REPORT_DATE)
    for subdistrict, role in ((east, Role.LEADER), (east, Role.PLANNER), (east, Role.WORKER), (west, Role.LEADER)):
        with database.transaction(subdistrict.token(role)) as session:
            own = f"{subdistrict.subdistrict_id} {role}"
            assert load_cached(session, caller_of(session), figure, own.upper) == own.upper()


def test_a_filter_by_former_rights_shares_nothing(database: Database, east: SubdistrictIds) -> None:
    figure = DayFigure("test", east.subdistrict_id, REPORT_DATE)
    with database.transaction(east.token(Role.LEADER)) as session:
        now, former = caller_of(session), caller_of(session).__class__(east.account_ids["leader"], Role.LEADER)
        assert load_cached(session, former, figure, lambda: "nothing") == "nothing"
        assert load_cached(session, now, figure, lambda: "all") == "all"


def test_the_owner_of_the_database_is_not_cached(owner_database: Database, east: SubdistrictIds) -> None:
    figure, values = DayFigure("test", east.subdistrict_id, REPORT_DATE), iter("ab")
    with owner_database.transaction() as session:
        caller = caller_of(session)
        assert [load_cached(session, caller, figure, lambda: next(values)) for _ in range(2)] == ["a", "b"]


def version_of(session: Session, subdistrict: SubdistrictIds) -> object:
    key = {"id": subdistrict.subdistrict_id}
    return session.scalar(text("SELECT version FROM data_version WHERE subdistrict_id = :id"), key)


@pytest.mark.parametrize("table", CHANGED_TABLES)
def test_a_change_of_a_table_renews_the_version_of_its_subdistrict(
    owner_database: Database, east: SubdistrictIds, west: SubdistrictIds, table: str
) -> None:
    with owner_database.transaction() as session:
        session.execute(text(COUNT_ROW), keys_of(east))
        session.execute(text(PERSONS_ROW), keys_of(east))
        before = version_of(session, east), version_of(session, west)
        update = f"UPDATE {table} SET subdistrict_id = subdistrict_id WHERE subdistrict_id = :subdistrict_id"
        session.execute(text(update), keys_of(east))
        after = version_of(session, east), version_of(session, west)
        session.rollback()
    assert (before[0] != after[0], before[1] == after[1]) == (True, True)


def test_new_counts_of_statistical_areas_renew_the_version(owner_database: Database, east: SubdistrictIds) -> None:
    assert is_renewed_by(owner_database, east, AREA_COUNT)


def test_a_building_that_joins_a_statistical_area_renews_the_version(
    owner_database: Database, east: SubdistrictIds
) -> None:
    new_building = COPY.format(table="building", values='{"id"\\: 9999999, "code"\\: "B99"}', id=":building_id")
    joins = (
        "INSERT INTO statistical_area_building SELECT (jsonb_populate_record(r, '{\"building_id\"\\: 9999999}')).*"
        " FROM statistical_area_building r WHERE subdistrict_id = :subdistrict_id LIMIT 1"
    )
    assert is_renewed_by(owner_database, east, joins, new_building)


def test_a_new_grid_of_an_adopted_revision_renews_the_version(owner_database: Database, east: SubdistrictIds) -> None:
    copy = COPY_ADOPTED.format(table="revision_grid", key="grid_id", new=9999999)
    assert is_renewed_by(owner_database, east, copy, NEW_GRID)


def test_a_new_cell_of_an_adopted_revision_renews_the_version(owner_database: Database, east: SubdistrictIds) -> None:
    new_cell = (
        'INSERT INTO cell SELECT (jsonb_populate_record(r, \'{"id"\\: 9999999, "number"\\: 99}\')).* FROM cell r'
        " WHERE subdistrict_id = :subdistrict_id LIMIT 1"
    )
    copy = COPY_ADOPTED.format(table="assignment", key="cell_id", new=9999999)
    assert is_renewed_by(owner_database, east, copy, new_cell)


def test_a_draft_that_is_not_adopted_keeps_the_version(owner_database: Database, east: SubdistrictIds) -> None:
    end = "DELETE FROM adoption WHERE subdistrict_id = :subdistrict_id"
    copy = COPY_ADOPTED.format(table="revision_grid", key="grid_id", new=9999999)
    copy = copy.replace("revision_id IN (SELECT revision_id FROM adoption) AND", "")
    assert not is_renewed_by(owner_database, east, copy, NEW_GRID, end)


def is_renewed_by(owner: Database, east: SubdistrictIds, statement: str, *first: str) -> bool:
    """Return whether a statement that inserts rows renews the version, after some others."""
    with owner.transaction() as session:
        for each in first:
            session.execute(text(each), keys_of(east))
        before = version_of(session, east)
        inserted = session.execute(text(statement), keys_of(east)).rowcount  # type: ignore[attr-defined]
        after = version_of(session, east)
        session.rollback()
    assert inserted
    return before != after


@pytest.mark.parametrize("table", ["adoption", "building_cell", "household_count"])
def test_an_emptied_table_renews_every_version(owner_database: Database, east: SubdistrictIds, table: str) -> None:
    with owner_database.transaction() as session:
        before = version_of(session, east)
        session.execute(text(f"TRUNCATE {table}"))
        after = version_of(session, east)
        session.rollback()
    assert before != after
