"""Weights and figures by which plans from today's grids are compared."""

from dataclasses import dataclass
from typing import NamedTuple

DEFAULT_ALTERNATIVES, MAX_ALTERNATIVES = 5, 10
"""Plans to compare: by default, and at most."""


@dataclass(frozen=True)
class RepartitionWeights:
    """Weights of what a plan from today's grids changes, in households that get another grid.

    The range always comes first: no weight buys a household out of range.

    Parameters
    ----------
    cut : float
        An estate, a courtyard or a resident group that a grid border newly cuts. At 1,000, which is two whole grids,
        it comes before the households that move in nearly every community.
    border_m : float
        A metre of border between buildings. At a thousandth, a kilometre of border is worth one household: borders
        decide only between plans that move the same households.
    """

    cut: float = 1_000.0
    border_m: float = 0.001


class PlanFigures(NamedTuple):
    """Figures of a plan from today's grids; less is better in all of them.

    Parameters
    ----------
    out_of_range : int
        Households by which grids are out of range.
    cuts : int
        Estates, courtyards and resident groups newly cut, each once for every grid more than today.
    moved : int
        Households that get another grid.
    border_m : float
        Cost of the borders, in metres between buildings.
    """

    out_of_range: int
    cuts: int
    moved: int
    border_m: float

    def rank(self, weights: RepartitionWeights) -> tuple[int, float]:
        """Return the key by which plans are compared: the range first, then the weighted sum of the others."""
        return self.out_of_range, weights.cut * self.cuts + self.moved + weights.border_m * self.border_m
