"""Exchanges between neighbouring grids: which small change would shorten a border, and which rule stops it.

Every move of one atom across the border of two grids is tried, and every exchange of two. What they change is measured
as the search does, in metres of border between buildings.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.labels import label_components, renumber_nodes
from gridmap.core.partition.atoms import Atoms
from gridmap.core.partition.trees import Objective, size_penalty
from gridmap.core.plans.profile import Profile

MAX_EXCHANGES = 4_000
"""Most exchanges of two atoms that are tried between two grids, those nearest to the border first."""
MIN_GAIN_M = 0.5
"""Smallest gain that counts, in metres of border between buildings."""


@dataclass(frozen=True)
class Exchange:
    """A change of the border between two grids.

    Parameters
    ----------
    given, taken : tuple of int
        Atoms that go from the first grid to the second, and the other way.
    gain_m : float
        What it shortens the borders by, in metres between buildings; negative where they become longer.
    obstacles : tuple of Message
        Rules that it breaks; none where it is allowed.
    """

    given: tuple[int, ...]
    taken: tuple[int, ...]
    gain_m: float
    obstacles: tuple[Message, ...]


@dataclass(frozen=True)
class BorderStudy:
    """Exchanges between two grids.

    Parameters
    ----------
    tried : int
        Number of exchanges that were tried.
    best : Exchange or None
        The one that shortens the borders most, whatever the rules; None where none does.
    allowed : Exchange or None
        The best one within the rules that makes the plan cheaper; None where there is none.
    """

    tried: int
    best: Exchange | None
    allowed: Exchange | None


class BorderSearch:
    """Search for exchanges between two neighbouring grids of a plan.

    Parameters
    ----------
    atoms : Atoms
    grid : ndarray of int
        Grid of each atom.
    pair : tuple of int
        The two grids.
    codes : tuple of str
        Their codes.
    profile : Profile
    objective : Objective
        Range and costs of sizes, for what makes a plan cheaper.
    """

    def __init__(
        self,
        atoms: Atoms,
        grid: IntArray,
        pair: tuple[int, int],
        codes: tuple[str, str],
        profile: Profile,
        objective: Objective,
    ) -> None:
        self.codes, self.profile, self.objective = codes, profile, objective
        self.nodes = np.flatnonzero(np.isin(grid, pair))
        self.side = (grid[self.nodes] == pair[1]).astype(np.int64)
        self.households = atoms.households[self.nodes]
        number = renumber_nodes(self.nodes, len(grid))
        left, right = number[atoms.borders.left], number[atoms.borders.right]
        inner = (left >= 0) & (right >= 0)
        self.left, self.right, self.cost = left[inner], right[inner], atoms.borders.cost[inner]
        self.walkable = atoms.borders.walkable[inner]

    def study(self) -> BorderStudy:
        """Try every exchange; return the best ones."""
        tried, best, allowed, value = 0, None, None, 0.0
        for given, taken in self._candidates():
            tried += 1
            exchange, saved = self._measure(given, taken)
            if exchange.gain_m > (best.gain_m if best else MIN_GAIN_M):
                best = exchange
            if not exchange.obstacles and saved > max(value, MIN_GAIN_M):
                allowed, value = exchange, saved
        return BorderStudy(tried, best, allowed)

    def _candidates(self) -> Iterator[tuple[tuple[int, ...], tuple[int, ...]]]:
        """Yield the atoms with households at the border, one by one, then in pairs."""
        cut = self.side[self.left] != self.side[self.right]
        at_border = np.unique(np.r_[self.left[cut], self.right[cut]])
        at_border = at_border[self.households[at_border] > 0]
        first, second = (at_border[self.side[at_border] == side].tolist() for side in (0, 1))
        yield from (((node,), ()) for node in first)
        yield from (((), (node,)) for node in second)
        pairs = list(product(first, second))
        yield from (((one,), (two,)) for one, two in pairs[:MAX_EXCHANGES])

    def _measure(self, given: tuple[int, ...], taken: tuple[int, ...]) -> tuple[Exchange, float]:
        """Return an exchange, and what it saves with the sizes of both grids."""
        side = self.side.copy()
        side[list(given)], side[list(taken)] = 1, 0
        gain = self._border_cost(self.side) - self._border_cost(side)
        before, after = (np.bincount(each, self.households, 2).astype(np.int64) for each in (self.side, side))
        saved = gain + sum(self._size_cost(each) for each in before) - sum(self._size_cost(each) for each in after)
        obstacles = (*self._size_obstacles(after), *self._pieces(side))
        atoms = tuple(tuple(self.nodes[list(each)].tolist()) for each in (given, taken))
        return Exchange(atoms[0], atoms[1], gain, obstacles), saved

    def _border_cost(self, side: IntArray) -> float:
        return float(self.cost[side[self.left] != side[self.right]].sum())

    def _size_cost(self, households: int) -> float:
        return float(size_penalty(int(households), self.objective))

    def _size_obstacles(self, households: IntArray) -> Iterator[Message]:
        for code, count in zip(self.codes, households.tolist(), strict=True):
            values = {"grid": code, "households": count}
            if count < self.profile.minimum:
                text = N_("grid {grid} would have {households} households, fewer than {minimum}")
                yield Message(text, values | {"minimum": self.profile.minimum})
            elif count > self.profile.maximum:
                text = N_("grid {grid} would have {households} households, more than {maximum}")
                yield Message(text, values | {"maximum": self.profile.maximum})

    def _pieces(self, side: IntArray) -> Iterator[Message]:
        """Yield the grids that would fall apart, on foot where they are whole on foot today."""
        for position, code in enumerate(self.codes):
            if self._count_pieces(side, position) > self._count_pieces(self.side, position):
                yield Message(N_("grid {grid} would fall into pieces"), {"grid": code})

    def _count_pieces(self, side: IntArray, position: int) -> int:
        inside = (side[self.left] == position) & (side[self.right] == position) & self.walkable
        part = label_components(len(side), self.left[inside], self.right[inside])
        return len(np.unique(part[(side == position) & (self.households > 0)]))
