"""Who answers for the grids of an artificial town: one worker in charge of each, but for a vacant one."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import pandas as pd

from gridmap.core.demo.life import Life
from gridmap.core.names import GridKind, Line


@dataclass(frozen=True, eq=False)
class Roster:
    """Workers and what they answer for.

    Parameters
    ----------
    workers : DataFrame
        ``community``, ``name``, ``office_phone``, ``full_time``.
    duties : DataFrame
        ``worker``, ``line``, ``grid`` (position, -1 for a line of work), ``subject`` (str or None), ``in_charge``.
    vacant : int
        Position of the grid that nobody is in charge of.
    """

    workers: pd.DataFrame
    duties: pd.DataFrame
    vacant: int


def staff(community: np.ndarray, kind: np.ndarray, life: Life) -> Roster:
    """Staff the grids of a town.

    Each grid of households has a worker of its own, who also has a line of work throughout the community (AB岗) and is
    helped by an informant; dedicated grids go to the workers of their community in turn. The last grid of households
    is vacant: pages have to say so.

    Parameters
    ----------
    community : ndarray of int
        Community of each grid.
    kind : ndarray of str
        Kind of each grid.
    life : Life
    """
    household = np.flatnonzero(kind == GridKind.HOUSEHOLD)
    manned, vacant = household[:-1], int(household[-1])
    count = len(manned)
    names = [life.worker.format(number=n) for n in range(1, count + 1)]
    helpers = [life.informant.format(number=n) for n in range(1, count + 1)]
    workers = pd.DataFrame(
        {
            "community": np.tile(community[manned], 2),
            "name": [*names, *helpers],
            "office_phone": [life.office_phone.format(number=n) for n in range(1, 2 * count + 1)],
            "full_time": np.repeat([True, False], count),
        }
    )
    dedicated = np.flatnonzero(kind == GridKind.DEDICATED)
    duties = [*_grids(manned), *_lines(count, life), *_besides(dedicated, manned, community)]
    columns = ["worker", "line", "grid", "subject", "in_charge"]
    return Roster(workers, pd.DataFrame(duties, columns=columns), vacant)


Duty = tuple[int, Line, int, str | None, bool]


def _grids(manned: np.ndarray) -> Iterator[Duty]:
    """The grid of each worker, and of the informant beside."""
    for worker, grid in enumerate(manned):
        yield worker, Line.OWN_GRID, int(grid), None, True
        yield worker + len(manned), Line.OWN_GRID, int(grid), None, False


def _lines(count: int, life: Life) -> Iterator[Duty]:
    lines = list(life.lines)
    for worker in range(count):
        yield worker, Line.FIELD, -1, lines[worker % len(lines)], False


def _besides(dedicated: np.ndarray, manned: np.ndarray, community: np.ndarray) -> Iterator[Duty]:
    for turn, grid in enumerate(dedicated):
        near = np.flatnonzero(community[manned] == community[grid])
        if len(near):
            yield int(near[turn % len(near)]), Line.OWN_GRID, int(grid), None, True
