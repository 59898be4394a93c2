"""Grids that a repair would make disappear: a question to the planner, never a silent decision."""

from collections.abc import Collection

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.coverage.drawn_grids import DrawnGrids
from gridmap.core.errors import N_, InputFault, InvalidInput, Message

WOULD_DISAPPEAR = N_("grid {grid} would disappear: nothing of it is left that is not in other grids or outside")
UNKNOWN_GRID = N_("no grid is called {grid}")


def require_grids(drawn: DrawnGrids, drawn_grid_of_grid: IntArray, dropped: Collection[str], file: str) -> None:
    """Refuse a repair in which a grid would disappear.

    Parameters
    ----------
    drawn : DrawnGrids
    drawn_grid_of_grid : ndarray of int, one per repaired grid
        Position of its drawn grid, -1 for a new one.
    dropped : collection of str
        Labels of the grids that may disappear.
    file : str
        Name of the file of the grids.

    Raises
    ------
    InvalidInput
        For every grid that would disappear, and for every label in `dropped` that no grid has.

    Examples
    --------
    >>> drawn = DrawnGrids(np.empty(2, object), np.zeros(2, bool), np.array(["a", "b"], object), np.full(2, -1))
    >>> require_grids(drawn, np.array([0]), ["b"], "town.gpkg")
    >>> try:
    ...     require_grids(drawn, np.array([0]), [], "town.gpkg")
    ... except InvalidInput as refused:
    ...     print(refused.faults[0].row, refused.faults[0].advice)
    2 draw it again, or let it disappear with --drop b
    """
    labels = drawn.labels()
    unknown = [_fault(file, UNKNOWN_GRID, label) for label in dropped if label not in labels]
    lost = np.setdiff1d(np.arange(len(drawn)), drawn_grid_of_grid).tolist()
    questions = [
        _lost_fault(file, labels[grid], drawn.row_number(grid)) for grid in lost if labels[grid] not in dropped
    ]
    if unknown or questions:
        raise InvalidInput(unknown + questions)


def _fault(file: str, problem: str, label: str) -> InputFault:
    return InputFault(Message(problem, {"grid": label}), file=file, advice=Message(N_("correct --drop")))


def _lost_fault(file: str, label: str, row: int) -> InputFault:
    advice = Message(N_("draw it again, or let it disappear with --drop {grid}"), {"grid": label})
    problem = Message(WOULD_DISAPPEAR, {"grid": label})
    return InputFault(problem, file=file, layer="grids", row=row, id=label, advice=advice)
