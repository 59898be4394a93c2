"""Plans: assignments of cells to grids."""

from dataclasses import dataclass

from gridmap.core.array_types import IntArray
from gridmap.core.errors import Message
from gridmap.core.vocabulary import GridKind


@dataclass(frozen=True, eq=False)
class GridPlan:
    """A partition of a town, as an immutable value.

    Parameters
    ----------
    grid_of_cell : ndarray of int
        Grid of each cell, numbered from 0 without gaps.
    community : ndarray of int, one per grid
        Position of the community of each grid.
    kind : tuple of GridKind, one per grid
    reason : tuple of Message or None, one per grid
        Reason why a grid is out of range or otherwise unusual.
    notes : tuple of Message
        Exceptions that concern no single grid, such as divided courtyards.
    """

    grid_of_cell: IntArray
    community: IntArray
    kind: tuple[GridKind, ...]
    reason: tuple[Message | None, ...]
    notes: tuple[Message, ...] = ()

    def __len__(self) -> int:
        return len(self.community)
