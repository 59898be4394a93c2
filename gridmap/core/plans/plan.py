"""A plan: which grid each cell belongs to."""

from dataclasses import dataclass

from gridmap.core.array_types import IntArray
from gridmap.core.errors import Message
from gridmap.core.vocabulary import GridKind


@dataclass(frozen=True, eq=False)
class GridPlan:
    """A division of a town; a value, never changed.

    Parameters
    ----------
    grid_of_cell : ndarray of int
        Grid of each cell, numbered from 0 without holes.
    community : ndarray of int, one per grid
        Position of the community a grid lies in.
    kind : tuple of GridKind, one per grid
    reason : tuple of Message or None, one per grid
        Why a grid is out of range, or else unlike what one would expect.
    notes : tuple of Message
        Exceptions that concern no single grid: courtyards divided.
    """

    grid_of_cell: IntArray
    community: IntArray
    kind: tuple[GridKind, ...]
    reason: tuple[Message | None, ...]
    notes: tuple[Message, ...] = ()

    def __len__(self) -> int:
        return len(self.community)
