"""Proven least number of households that move: all connected sets within the range in one program.

It shares no code with the search: sets of nodes are bits of Python integers, listed by a search of their own. A set
with more households from other grids than move in a known plan is in no better plan, and neither is one that holds it.
Sets that cost too much at the prices of the relaxed program are left out, too: they are in no plan as good as that one.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import LinearConstraint, linear_sum_assignment, linprog, milp
from scipy.sparse import csr_array

MAX_SETS = 40_000
"""Most sets of a case; one with more is left out."""
MAX_VISITS = 500_000
TOLERANCE = 1e-4
"""Households by which rounding may change a sum of prices."""

Ints = NDArray[np.int64]


class Case(NamedTuple):
    """A community with its grids of today.

    Parameters
    ----------
    weight : ndarray of int
        Households of each atom.
    edges : ndarray of int, shape (n, 2)
        Neighbouring atoms.
    home : ndarray of int
        Grid of each atom today.
    minimum, maximum : int
    """

    weight: Ints
    edges: Ints
    home: Ints
    minimum: int
    maximum: int


def count_moved(weight: Ints, home: Ints, plan: Ints) -> int:
    """Return the households that get another grid, where grids are called as today so that these are the fewest."""
    shared = np.zeros((plan.max() + 1, home.max() + 1))
    np.add.at(shared, (plan, home), weight)
    return int(weight.sum() - shared[linear_sum_assignment(-shared)].sum())


def find_least_moved(case: Case, upper: int) -> int | None:
    """Return the least number of households that move in any plan in range; None where the sets are too many.

    Parameters
    ----------
    case : Case
    upper : int
        Households that move in a known plan: no grid of a better one takes in more.
    """
    sets = list_connected_sets(case, upper)
    if sets is None:
        return None
    bits = np.array([[members >> node & 1 for node in range(len(case.weight))] for members in sets], dtype=np.float64)
    at_home = np.zeros((len(case.weight), case.home.max() + 1))
    at_home[np.arange(len(case.weight)), case.home] = case.weight
    households, shared = bits @ case.weight, bits @ at_home
    moved = np.column_stack([households[:, None] - shared, households])
    chosen, code = np.nonzero((moved <= upper) & (np.column_stack([shared, households]) > 0))
    return _solve(_Program(bits[chosen], code, moved[chosen, code], int(case.home.max()) + 1), upper)


class _Program(NamedTuple):
    """The program: every atom once, every code of today at most once, new codes as often as needed.

    Parameters
    ----------
    bits : ndarray of float, shape (columns, atoms)
        The set of each column.
    code : ndarray of int
        Its code; the last one is a new one.
    moved : ndarray of float
        Households that move into it.
    homes : int
        Codes of today.
    """

    bits: NDArray[np.float64]
    code: Ints
    moved: NDArray[np.float64]
    homes: int

    def code_rows(self) -> csr_array:
        """Return a row for each code of today, with its columns."""
        old = np.flatnonzero(self.code < self.homes)
        return csr_array((np.ones(len(old)), (self.code[old], old)), shape=(self.homes, len(self.code)))

    def select(self, chosen: NDArray[np.bool_]) -> "_Program":
        """Return the program with some of its columns."""
        return _Program(self.bits[chosen], self.code[chosen], self.moved[chosen], self.homes)


def _reduce(program: _Program, upper: int) -> _Program:
    """Return the program with the columns that a plan can have in which no more households move than in a known one."""
    atoms, codes = csr_array(program.bits.T), program.code_rows()
    relaxed = linprog(
        program.moved, A_ub=codes, b_ub=np.ones(program.homes), A_eq=atoms, b_eq=np.ones(program.bits.shape[1])
    )
    assert relaxed.status == 0, relaxed.message
    reduced = program.moved - atoms.T @ relaxed.eqlin.marginals - codes.T @ relaxed.ineqlin.marginals
    return program.select(reduced <= upper - relaxed.fun + TOLERANCE)


def _solve(program: _Program, upper: int) -> int:
    small = _reduce(program, upper)
    found = milp(
        small.moved,
        integrality=np.ones(len(small.moved)),
        bounds=(0, 1),
        constraints=[
            LinearConstraint(csr_array(small.bits.T), 1, 1),
            LinearConstraint(small.code_rows(), -np.inf, 1),
        ],
        options={"mip_rel_gap": 0.0},
    )
    assert found.status == 0, found.message
    return round(float(found.fun))


def list_connected_sets(case: Case, max_moved: int) -> list[int] | None:
    """List the connected sets of atoms within the range to which few households come; None where they are too many."""
    neighbours = [0] * len(case.weight)
    for left, right in case.edges.tolist():
        neighbours[left] |= 1 << right
        neighbours[right] |= 1 << left
    sets: list[int] = []
    for visits, (members, households) in enumerate(_walk(case, neighbours, max_moved)):
        if households >= case.minimum:
            sets.append(members)
        if len(sets) > MAX_SETS or visits > MAX_VISITS:
            return None
    return sets


def _walk(case: Case, neighbours: list[int], max_moved: int) -> Iterator[tuple[int, int]]:
    """Yield every connected set within the bounds once, with its households."""
    weight, at_home = case.weight.tolist(), np.zeros((len(case.weight), case.home.max() + 1), dtype=np.int64)
    at_home[np.arange(len(weight)), case.home] = case.weight
    for root, own in enumerate(weight):
        closed = (2 << root) - 1
        stack = [(1 << root, own, at_home[root], neighbours[root] & ~closed, closed)]
        while stack:
            members, households, homes, frontier, closed = stack.pop()
            if households > case.maximum or households - homes.max() > max_moved:
                continue
            yield members, households
            while frontier:
                bit = frontier & -frontier
                node = bit.bit_length() - 1
                frontier ^= bit
                closed |= bit
                further = (frontier | neighbours[node]) & ~closed
                stack.append((members | bit, households + weight[node], homes + at_home[node], further, closed))
