"""Workers of an artificial town: one in charge of each grid, except a vacant one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridmap.core.vocabulary import DutyKind, GridKind, RosterRole
from gridmap.demo.population import PopulationPreset


@dataclass(frozen=True, eq=False)
class DemoWorkers:
    """Workers and their duties.

    Parameters
    ----------
    workers : DataFrame
        ``community``, ``name``, ``office_phone``, ``full_time``.
    duties : DataFrame
        ``worker``, ``kind``, ``grid`` (position, -1 for a field duty), ``line_of_work`` (str or None), ``in_charge``,
        ``role``.
    vacant_grid : int
        Position of the grid without a worker in charge.
    """

    workers: pd.DataFrame
    duties: pd.DataFrame
    vacant_grid: int


def assign_workers(
    community_of_grid: np.ndarray, kind_of_grid: np.ndarray, population: PopulationPreset
) -> DemoWorkers:
    """Assign workers to the grids of a town.

    Each household grid has its own worker, who also has a field duty in the whole community (AB岗), and an informant.
    Dedicated grids are assigned to the workers of their community in turn. The last household grid is vacant, so that
    pages show a vacant grid.

    Parameters
    ----------
    community_of_grid : ndarray of int
        Community of each grid.
    kind_of_grid : ndarray of str
        Kind of each grid.
    population : PopulationPreset
    """
    household = np.flatnonzero(kind_of_grid == GridKind.HOUSEHOLD)
    staffed, vacant = household[:-1], int(household[-1])
    count = len(staffed)
    names = [population.worker.format(number=n) for n in range(1, count + 1)]
    informants = [population.informant.format(number=n) for n in range(1, count + 1)]
    workers = pd.DataFrame(
        {
            "community": np.tile(community_of_grid[staffed], 2),
            "name": [*names, *informants],
            "office_phone": [population.office_phone.format(number=n) for n in range(1, 2 * count + 1)],
            "full_time": np.repeat([True, False], count),
        }
    )
    dedicated = np.flatnonzero(kind_of_grid == GridKind.DEDICATED)
    duties = [
        *_own_grid_duties(staffed),
        *_field_duties(count, population),
        *_dedicated_grid_duties(dedicated, staffed, community_of_grid),
    ]
    columns = ["worker", "kind", "grid", "line_of_work", "in_charge"]
    table = pd.DataFrame(duties, columns=columns)
    table["role"] = np.where(table["in_charge"], RosterRole.GRID_LEADER.value, RosterRole.INFORMANT.value)
    return DemoWorkers(workers, table, vacant)


DutyRow = tuple[int, DutyKind, int, str | None, bool]


def _own_grid_duties(staffed_grids: np.ndarray) -> Iterator[DutyRow]:
    """Yield the grid of each worker and of the informant."""
    for worker, grid in enumerate(staffed_grids):
        yield worker, DutyKind.OWN_GRID, int(grid), None, True
        yield worker + len(staffed_grids), DutyKind.OWN_GRID, int(grid), None, False


def _field_duties(worker_count: int, population: PopulationPreset) -> Iterator[DutyRow]:
    fields = list(population.topics)
    for worker in range(worker_count):
        yield worker, DutyKind.FIELD, -1, fields[worker % len(fields)], False


def _dedicated_grid_duties(
    dedicated_grids: np.ndarray, staffed_grids: np.ndarray, community_of_grid: np.ndarray
) -> Iterator[DutyRow]:
    for turn, grid in enumerate(dedicated_grids):
        workers = np.flatnonzero(community_of_grid[staffed_grids] == community_of_grid[grid])
        if len(workers):
            yield int(workers[turn % len(workers)]), DutyKind.OWN_GRID, int(grid), None, True
