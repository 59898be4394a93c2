"""What a grid should be: the range, and what its borders cost."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from gridmap.core.array_types import FloatArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.plans.grid_status import household_status
from gridmap.core.vocabulary import BorderKind, GridStatus

MAX_GRID_HOUSEHOLDS = 20_000
"""A profile above this is no grid but a community."""


@dataclass(frozen=True)
class Profile:
    """Named rule set of a division.

    Parameters
    ----------
    minimum, maximum : int
        Households of a grid, both included. 300 and 500 are what cities prescribe (原则上以300至500户为标准).
    target : int
        Households aimed at; the middle of the range unless given.

    Raises
    ------
    InvalidInput
        When the three are not positive and in order.

    Examples
    --------
    >>> Profile().status(299), Profile().status(300), Profile().status(501)
    (<Status.UNDER: 'under'>, <Status.IN_RANGE: 'in_range'>, <Status.OVER: 'over'>)
    """

    minimum: int = 300
    maximum: int = 500
    target: int = 0

    def __post_init__(self) -> None:
        if not self.target:
            object.__setattr__(self, "target", (self.minimum + self.maximum) // 2)
        if not 1 <= self.minimum <= self.target <= self.maximum <= MAX_GRID_HOUSEHOLDS:
            raise InvalidInput([self._order_fault()])

    def _order_fault(self) -> InputFault:
        return InputFault(
            Message(N_("the profile is not in order")),
            value=f"{self.minimum}, {self.target}, {self.maximum}",
            expected=Message(N_("1 <= minimum <= target <= maximum <= {largest}"), {"largest": MAX_GRID_HOUSEHOLDS}),
        )

    def status(self, households: int) -> GridStatus:
        """Return the status of a grid with a number of households."""
        return household_status(households, self.minimum, self.maximum)

    def is_partitionable(self, households: int) -> bool:
        """Whether some number of grids divides so many households within the range.

        Examples
        --------
        >>> [Profile().fits(households) for households in (299, 500, 550, 600)]
        [False, True, False, True]
        """
        return -(-households // self.maximum) * self.minimum <= households and households > 0


@dataclass(frozen=True)
class CostWeights:
    """What a plan costs, in metres of border between buildings.

    Parameters
    ----------
    along : mapping of BorderKind to float
        Cost of a metre of border along each kind of line. Between buildings, where nobody sees it, a border costs 1;
        along an arterial street, which everybody knows, a twentieth. What people cannot cross costs nothing.
    compactness : float
        Cost of every metre beside that, so that short borders are preferred on streets too. At 0.05 an arterial border
        costs twice its class, one between buildings hardly more.
    load : float
        Metres per household that a grid is away from the target. At 0.1 a grid 50 households off is worth a detour of
        5 m between buildings or 50 m along an arterial street: equal load decides between equals.
    """

    along: Mapping[BorderKind, float] = field(
        default_factory=lambda: {
            BorderKind.MOTORWAY: 0.0,
            BorderKind.RAIL: 0.0,
            BorderKind.WATER: 0.0,
            BorderKind.ARTERIAL: 0.05,
            BorderKind.LOCAL: 0.15,
            BorderKind.WALL: 0.15,
            BorderKind.LANE: 0.35,
            BorderKind.OPEN: 1.0,
        }
    )
    compactness: float = 0.05
    load: float = 0.1

    def border_cost(self, length: FloatArray) -> FloatArray:
        """Cost of borders.

        Parameters
        ----------
        length : ndarray of float, shape (n, len(BorderKind)), metres

        Returns
        -------
        ndarray of float, shape (n,)
        """
        return length @ (np.array([self.along[kind] for kind in BorderKind]) + self.compactness)

    def as_json(self) -> dict[str, object]:
        """Plain values, for reports."""
        plain = asdict(self)
        return plain | {"along": {kind.name.lower(): cost for kind, cost in self.along.items()}}
