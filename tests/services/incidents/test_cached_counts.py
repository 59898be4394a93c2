"""Counts of packed months in memory: used again while no incident has changed, never after a change of one."""

from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import text

from gridmap.core.vocabulary import Role
from gridmap.store.memory_cache import MemoryCache
from gridmap.store.queries.grids import day_cache, incident_counts, packed_incidents
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.incidents import daily_counts
from gridmap.store.session import Database
from tests.fixtures.callers import caller_of
from tests.fixtures.subdistricts import SubdistrictIds

DAYS = DateRange(date(2025, 10, 1), date(2026, 1, 1))
INSERT = """
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
    SELECT c.subdistrict_id, 'cached-' || n, 'lifts', 'file', '2025-12-20 12:00+08', c.id,
        ST_PointOnSurface(c.geometry)
    FROM cell c, generate_series(1, :number) n WHERE c.id = :cell_id
"""
CHANGES = {
    "category": "UPDATE incident SET category = 'noise' WHERE number = 'cached-1'",
    "day": "UPDATE incident SET occurred_at = '2025-10-02 12:00+08' WHERE number = 'cached-1'",
    "closed": "UPDATE incident SET status = 'closed', closed_at = '2025-12-21 12:00+08' WHERE number = 'cached-1'",
    "place": "UPDATE incident i SET cell_id = c.id, geometry = ST_PointOnSurface(c.geometry) FROM cell c"
    " WHERE c.id = :other_cell_id AND i.number = 'cached-1'",
    "removed": "DELETE FROM incident WHERE number = 'cached-1'",
    "added": INSERT.replace("'cached-' || n", "'cached-more-' || n").replace(":number", "1"),
}
CELLS = "SELECT cell_id FROM assignment WHERE subdistrict_id = :home AND grid_id = ANY (:grids) ORDER BY grid_id"


@pytest.fixture
def cells(owner_database: Database, east: SubdistrictIds, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """Add two incidents to a cell of the subdistrict east; return this cell and another one."""
    monkeypatch.setattr(day_cache, "CACHE", MemoryCache(64))
    with owner_database.transaction() as session:
        first, *_, last = session.scalars(text(CELLS), {"home": east.subdistrict_id, "grids": list(east.grid_ids)})
        session.execute(text(INSERT), {"cell_id": first, "number": 2})
    yield {"cell_id": first, "other_cell_id": last}
    with owner_database.transaction() as session:
        session.execute(text("DELETE FROM incident WHERE number LIKE 'cached-%'"))


def count(database: Database, east: SubdistrictIds) -> tuple[Any, ...]:
    """Return the counts by grid, by square, and by grid and day, in a request of the leader."""
    day = SubdistrictDay(east.subdistrict_id, DAYS.last)
    with database.transaction(east.token(Role.LEADER)) as session:
        caller = caller_of(session)
        daily = daily_counts.count_by_grid_and_day(session, caller, day, DAYS, ["lifts"])
        return (
            incident_counts.count_by_grid(session, caller, day, DAYS),
            incident_counts.count_by_square(session, caller, east.subdistrict_id, DAYS),
            {grid: counts.tolist() for grid, counts in daily.by_grid.items() if counts.any()},
            daily.total.tolist(),
        )


def count_rows(database: Database, east: SubdistrictIds) -> tuple[Any, ...]:
    """Return the same counts from the rows only."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(packed_incidents, "can_read", lambda *_: False)
        return count(database, east)


def total(counts: tuple[Any, ...]) -> int:
    return sum(sum(each.current.values()) for each in counts[0].values())


@pytest.mark.usefixtures("cells")
def test_counts_are_used_again_while_no_incident_changes(database: Database, east: SubdistrictIds) -> None:
    count(database, east)
    first, second = count(database, east), count(database, east)
    assert [one is other for one, other in zip(first[:2], second[:2], strict=True)] == [True, True]
    assert first == count_rows(database, east)
    assert total(first) >= 2


@pytest.mark.parametrize("change", CHANGES)
def test_a_changed_incident_is_in_the_next_counts_of_every_process(
    database: Database,
    owner_database: Database,
    east: SubdistrictIds,
    cells: dict[str, int],
    change: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    processes = MemoryCache(64), MemoryCache(64)
    before = count_rows(database, east)
    for cache in processes * 2:
        monkeypatch.setattr(day_cache, "CACHE", cache)
        assert count(database, east) == before
    with owner_database.transaction() as session:
        keys = {name: cells[name] for name in cells if f":{name}" in CHANGES[change]}
        session.execute(text(CHANGES[change]), keys)
    after = count_rows(database, east)
    assert after != before
    for cache in processes * 2:
        monkeypatch.setattr(day_cache, "CACHE", cache)
        assert count(database, east) == after


@pytest.mark.usefixtures("cells")
def test_incidents_that_are_not_packed_are_added_to_a_copy(
    database: Database, owner_database: Database, east: SubdistrictIds, monkeypatch: pytest.MonkeyPatch
) -> None:
    count(database, east)
    monkeypatch.setattr(packed_incidents, "pack_due_months", lambda *_: None)
    with owner_database.transaction() as session:
        session.execute(text(CHANGES["day"]))
    expected = count_rows(database, east)
    assert [count(database, east) == expected for _ in range(3)] == [True] * 3


@pytest.mark.usefixtures("cells")
def test_each_range_and_category_has_counts_of_its_own(database: Database, east: SubdistrictIds) -> None:
    day, shorter = SubdistrictDay(east.subdistrict_id, DAYS.last), DateRange(date(2025, 12, 21), DAYS.last)
    with database.transaction(east.token(Role.LEADER)) as session:
        caller = caller_of(session)
        long_days = daily_counts.count_by_grid_and_day(session, caller, day, DAYS, ["lifts"])
        others = daily_counts.count_by_grid_and_day(session, caller, day, DAYS, ["noise"])
        short_days = daily_counts.count_by_grid_and_day(session, caller, day, shorter, ["lifts"])
    sums = [sum(int(days.sum()) for days in each.by_grid.values()) for each in (long_days, short_days, others)]
    assert (len(long_days.total), len(short_days.total)) == (DAYS.days, shorter.days)
    assert sums[0] - sums[1] >= 2
    assert sums[2] == 0
