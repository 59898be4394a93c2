"""Profiles: the norm for grids, and the cost of their borders."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np

from gridmap.core.array_types import FloatArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.plans.grid_status import household_status
from gridmap.core.vocabulary import BorderKind, GridStatus

TOO_WIDE = N_("its farthest building is {radius} m from its centre, more than {maximum} m")
MAX_GRID_HOUSEHOLDS = 20_000
"""Largest accepted maximum; more households are a community, not a grid."""


@dataclass(frozen=True)
class Profile:
    """Named set of rules for a partition.

    Parameters
    ----------
    minimum, maximum : int
        Limits of the households of a grid, both in range. Cities prescribe 300 and 500 (原则上以300至500户为标准).
    target : int
        Number of households to aim at; the middle of the range by default.
    max_radius_m : float
        Largest distance from the centre of a grid to its farthest inhabited building, metres; 0 for no limit. It
        comes before the range: where both cannot be met, grids are too small rather than too wide.

    Raises
    ------
    InvalidInput
        If the three are not positive and in order, or the radius is negative.

    Examples
    --------
    >>> [str(Profile().status(households)) for households in (299, 300, 501)]
    ['under', 'in_range', 'over']
    """

    minimum: int = 300
    maximum: int = 500
    target: int = 0
    max_radius_m: float = 0.0

    def __post_init__(self) -> None:
        if not self.target:
            object.__setattr__(self, "target", (self.minimum + self.maximum) // 2)
        if not 1 <= self.minimum <= self.target <= self.maximum <= MAX_GRID_HOUSEHOLDS:
            raise InvalidInput([self._order_fault()])
        if not 0 <= self.max_radius_m < float("inf"):
            raise InvalidInput([InputFault(Message(N_("the radius is no length")), value=str(self.max_radius_m))])

    def _order_fault(self) -> InputFault:
        return InputFault(
            Message(N_("minimum, target and maximum are not in ascending order")),
            value=f"{self.minimum}, {self.target}, {self.maximum}",
            expected=Message(N_("1 <= minimum <= target <= maximum <= {largest}"), {"largest": MAX_GRID_HOUSEHOLDS}),
        )

    def radius_reason(self, radius_m: float) -> Message | None:
        """Return why the radius of a grid is too large, None where it is not.

        Examples
        --------
        >>> wide = Profile(max_radius_m=1_000)
        >>> print(wide.radius_reason(1_000), wide.radius_reason(1_000.6))
        None its farthest building is 1001 m from its centre, more than 1000 m
        """
        if not self.max_radius_m or radius_m <= self.max_radius_m:
            return None
        return Message(TOO_WIDE, {"radius": -int(-radius_m // 1), "maximum": int(self.max_radius_m)})

    def status(self, households: int) -> GridStatus:
        """Return the status of a grid with a number of households."""
        return household_status(households, self.minimum, self.maximum)

    def is_partitionable(self, households: int) -> bool:
        """Return whether a number of households can be partitioned into grids within the range.

        Examples
        --------
        >>> [Profile().is_partitionable(households) for households in (299, 500, 550, 600)]
        [False, True, False, True]
        """
        return -(-households // self.maximum) * self.minimum <= households and households > 0


@dataclass(frozen=True)
class CostWeights:
    """Weights of the cost of a plan, in metres of border between buildings.

    Parameters
    ----------
    along : mapping of BorderKind to float
        Cost of a metre of border along each kind of line. A border between buildings, which is invisible, costs 1; one
        along an arterial street, which everybody knows, costs a twentieth. Lines that people cannot cross cost nothing.
    compactness : float
        Additional cost of every metre, so that short borders are preferred along streets too. At 0.05 the cost of an
        arterial border doubles, and that of a border between buildings hardly changes.
    load : float
        Metres per household of deviation from the target. At 0.1 a deviation of 50 households is worth a detour of 5 m
        between buildings or 50 m along an arterial street, so that load decides only between similar borders.
    group : float
        Additional cost of every metre within an estate, courtyard or resident group, so that it stays in few grids. At
        1, cutting one over 200 m is worth a detour of 200 m between buildings. On four real towns this halves the cuts
        beyond those that sizes require, for borders that cost 3 % more.
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
    group: float = 1.0

    def border_cost(self, length: FloatArray) -> FloatArray:
        """Return the cost of borders.

        Parameters
        ----------
        length : ndarray of float, shape (n, len(BorderKind)), metres

        Returns
        -------
        ndarray of float, shape (n,)
        """
        return length @ (np.array([self.along[kind] for kind in BorderKind]) + self.compactness)

    def as_json(self) -> dict[str, object]:
        """Return the weights as plain values, for reports."""
        return asdict(self) | {"along": {kind.name.lower(): cost for kind, cost in self.along.items()}}
