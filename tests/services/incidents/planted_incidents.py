"""Situations planted in the demo: incidents by grid and day, in place of those that it has."""

import json
from collections.abc import Callable, Mapping
from datetime import date, timedelta

import numpy as np
from sqlalchemy import Connection, text

from gridmap.core.array_types import IntArray

DAYS = 200
"""Days up to the last one that have incidents: 90, the 90 before them, and some more."""
INCIDENTS_PER_HOUSEHOLD_AND_DAY = 0.0015
HOUSEHOLDS_OF_GRIDS = text("""
SELECT g.code, coalesce(sum(k.households), 0)::int AS households
FROM adoption a JOIN revision r ON r.id = a.revision_id JOIN revision_grid rg ON rg.revision_id = r.id
    JOIN grid g ON g.id = rg.grid_id JOIN assignment s ON s.revision_id = r.id AND s.grid_id = g.id
    LEFT JOIN building_cell b ON b.cell_id = s.cell_id
    LEFT JOIN household_count k ON k.building_id = b.building_id AND k.kind = 'resident'
WHERE a.subdistrict_id = :subdistrict_id AND a.valid @> :last GROUP BY g.code ORDER BY g.code
""")
INSERT = text("""
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, reported_at, cell_id, geometry)
SELECT c.subdistrict_id, g.code || '-' || p.day || '-' || n, 'street_lamp', 'hotline',
    p.day::date, p.day::date, c.id, ST_PointOnSurface(c.geometry)
FROM jsonb_to_recordset(CAST(:planted AS jsonb)) AS p(code text, day text, incidents int)
    JOIN grid g ON g.code = p.code AND g.subdistrict_id = :subdistrict_id
    JOIN cell c ON c.id = (SELECT min(s.cell_id) FROM assignment s JOIN adoption a ON a.revision_id = s.revision_id
        WHERE s.grid_id = g.id AND a.valid @> CAST(:last AS date)),
    generate_series(1, p.incidents) AS n
""")
SHRINK_GRID = text("""
WITH own AS (
    SELECT b.building_id FROM building_cell b JOIN assignment s ON s.cell_id = b.cell_id JOIN grid g ON g.id = s.grid_id
        WHERE g.code = :code
), last AS (
    SELECT max(k.building_id) AS building_id FROM household_count k WHERE k.building_id IN (SELECT building_id FROM own)
), others AS (
    DELETE FROM household_count WHERE building_id IN (SELECT building_id FROM own EXCEPT SELECT building_id FROM last)
)
UPDATE household_count SET households = 60, low = 60, high = 60 WHERE building_id = (SELECT building_id FROM last)
""")
Situation = Callable[[IntArray, int], None]
"""Changes the counts (grids, days) of a quiet town in one grid."""


def plant_nothing(_counts: IntArray, _grid: int) -> None:
    """Leave the town quiet."""


def plant_burst(counts: IntArray, grid: int) -> None:
    """Add four incidents a day to a grid for two weeks, which ended 26 days ago."""
    counts[grid, DAYS - 40 : DAYS - 26] += 4


def plant_slow_rise(counts: IntArray, grid: int) -> None:
    """Let a grid rise from one incident in three days to one and a half a day, over half a year."""
    counts[grid] = 0
    rising = np.linspace(0.3, 1.5, 180).cumsum().astype(np.int64)
    counts[grid, DAYS - 180 :] = np.diff(rising, prepend=0)


def plant_data_gap(counts: IntArray, _grid: int) -> None:
    """Remove all records of three weeks, in the period before the last 90 days."""
    counts[:, DAYS - 130 : DAYS - 109] = 0


def plant_in_small_grid(counts: IntArray, grid: int) -> None:
    """Give a grid of 60 households as many incidents as bring it the highest rate, by chance."""
    counts[grid] = 0
    counts[grid, DAYS - 180 :: 6] = 1
    counts[grid, DAYS - 1] = 1


SITUATIONS: Mapping[str, Situation] = {
    "nothing": plant_nothing,
    "burst": plant_burst,
    "slow_rise": plant_slow_rise,
    "data_gap": plant_data_gap,
    "small_grid": plant_in_small_grid,
}


def plant(connection: Connection, subdistrict_id: int, situation: str, last: date) -> str:
    """Replace the incidents of a subdistrict by those of a situation; return the code of its grid.

    Parameters
    ----------
    connection : Connection
        Of the owner.
    subdistrict_id : int
    situation : str
        One of `SITUATIONS`.
    last : date
        Last day with incidents.
    """
    keys = {"subdistrict_id": subdistrict_id, "last": last}
    connection.execute(text("ALTER TABLE case_step DISABLE TRIGGER USER"))  # which lets nobody delete a step
    for table in ("case_step", "incident_case", "incident"):
        connection.execute(text(f"DELETE FROM {table} WHERE subdistrict_id = :subdistrict_id"), keys)
    connection.execute(text("ALTER TABLE case_step ENABLE TRIGGER USER"))
    grids = connection.execute(HOUSEHOLDS_OF_GRIDS, keys).all()
    households = np.array([row.households for row in grids])
    grid = int(households.argsort()[len(households) // 2])
    counts = np.random.default_rng(11).poisson(
        INCIDENTS_PER_HOUSEHOLD_AND_DAY * households[:, None], (len(grids), DAYS)
    )
    counts[0, counts.sum(axis=0) == 0] = 1  # no day is empty by chance
    SITUATIONS[situation](counts, grid)
    if situation == "small_grid":
        connection.execute(SHRINK_GRID, {"code": grids[grid].code})
    connection.execute(INSERT, {**keys, "planted": json.dumps(_rows(counts, [row.code for row in grids], last))})
    return str(grids[grid].code)


def _rows(counts: IntArray, codes: list[str], last: date) -> list[dict[str, object]]:
    return [
        {"code": codes[grid], "day": (last - timedelta(DAYS - 1 - int(day))).isoformat(), "incidents": int(number)}
        for (grid, day), number in np.ndenumerate(counts)
        if number
    ]
