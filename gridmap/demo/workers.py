"""Who answers for the grids of an artificial town: one worker in charge of each, but for a vacant one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridmap.core.vocabulary import DutyKind, GridKind
from gridmap.demo.population import PopulationPreset


@dataclass(frozen=True, eq=False)
class DemoWorkers:
    """Workers and what they answer for.

    Parameters
    ----------
    workers : DataFrame
        ``community``, ``name``, ``office_phone``, ``full_time``.
    duties : DataFrame
        ``worker``, ``line``, ``grid`` (position, -1 for a line of work), ``subject`` (str or None), ``in_charge``.
    vacant_grid : int
        Position of the grid that nobody is in charge of.
    """

    workers: pd.DataFrame
    duties: pd.DataFrame
    vacant_grid: int


def assign_workers(
    community_of_grid: np.ndarray, kind_of_grid: np.ndarray, population: PopulationPreset
) -> DemoWorkers:
    """Staff the grids of a town.

    Each grid of households has a worker of its own, who also has a line of work throughout the community (AB岗) and is
    helped by an informant; dedicated grids go to the workers of their community in turn. The last grid of households
    is vacant: pages have to say so.

    Parameters
    ----------
    community_of_grid : ndarray of int
        Community of each grid.
    kind_of_grid : ndarray of str
        Kind of each grid.
    population : PopulationPreset
    """
    household = np.flatnonzero(kind_of_grid == GridKind.HOUSEHOLD)
    manned, vacant = household[:-1], int(household[-1])
    count = len(manned)
    names = [population.worker.format(number=n) for n in range(1, count + 1)]
    helpers = [population.informant.format(number=n) for n in range(1, count + 1)]
    workers = pd.DataFrame(
        {
            "community": np.tile(community_of_grid[manned], 2),
            "name": [*names, *helpers],
            "office_phone": [population.office_phone.format(number=n) for n in range(1, 2 * count + 1)],
            "full_time": np.repeat([True, False], count),
        }
    )
    dedicated = np.flatnonzero(kind_of_grid == GridKind.DEDICATED)
    duties = [
        *_own_grid_duties(manned),
        *_field_duties(count, population),
        *_dedicated_grid_duties(dedicated, manned, community_of_grid),
    ]
    columns = ["worker", "line", "grid", "subject", "in_charge"]
    return DemoWorkers(workers, pd.DataFrame(duties, columns=columns), vacant)


DutyRow = tuple[int, DutyKind, int, str | None, bool]


def _own_grid_duties(staffed_grids: np.ndarray) -> Iterator[DutyRow]:
    """The grid of each worker, and of the informant beside."""
    for worker, grid in enumerate(staffed_grids):
        yield worker, DutyKind.OWN_GRID, int(grid), None, True
        yield worker + len(staffed_grids), DutyKind.OWN_GRID, int(grid), None, False


def _field_duties(worker_count: int, population: PopulationPreset) -> Iterator[DutyRow]:
    lines = list(population.lines)
    for worker in range(worker_count):
        yield worker, DutyKind.FIELD, -1, lines[worker % len(lines)], False


def _dedicated_grid_duties(
    dedicated_grids: np.ndarray, staffed_grids: np.ndarray, community_of_grid: np.ndarray
) -> Iterator[DutyRow]:
    for turn, grid in enumerate(dedicated_grids):
        near = np.flatnonzero(community_of_grid[staffed_grids] == community_of_grid[grid])
        if len(near):
            yield int(near[turn % len(near)]), DutyKind.OWN_GRID, int(grid), None, True
