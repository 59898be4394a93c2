"""Proven optimum of a small community: all connected sets within the range, and the cheapest choice of disjoint ones.

It shares no code with the search that it judges. The linear relaxation is solved over a growing pool of sets; then only
sets whose reduced cost lies within the gap can be in an optimum, and an integer program chooses among them.

References
----------
Garfinkel, R. S., Nemhauser, G. L. (1970). Optimal political districting by implicit enumeration techniques. Management
Science 16 (8). doi:10.1287/mnsc.16.8.B495
Mehrotra, A., Johnson, E. L., Nemhauser, G. L. (1998). An optimization based heuristic for political districting.
Management Science 44 (8). doi:10.1287/mnsc.44.8.1100
"""

from typing import Any, NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray
from scipy.optimize import Bounds, LinearConstraint, linprog, milp
from scipy.sparse import csc_array

Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
MAX_NODES = 62
"""Sets of nodes are bits of a signed integer."""
MAX_SETS, MAX_VISITS = 5_000_000, 60_000_000
"""Sets that are kept, and sets that are built on the way, at most: a community with more is left out."""
UNCOVERED_COST = 1e5
"""Price of a node without a grid in the relaxation; no border costs as much."""
FIRST_SETS, ADDED_SETS = 500, 1_500
MAX_CHOSEN_SETS = 150_000
TIME_LIMIT_S = 60.0
OPTIMAL, INFEASIBLE = 0, 2
"""Statuses of `scipy.optimize.milp`."""


class ExactResult(NamedTuple):
    """Answer about a small community.

    Parameters
    ----------
    status : str
        "optimal", "infeasible", or the reason why there is no answer.
    cost : float
        Cost of the optimum.
    plan : ndarray of int
        Grid of each node in it.
    """

    status: str
    cost: float
    plan: Ints


def find_optimum(graph: Any, objective: Any) -> ExactResult:
    """Return the cheapest partition of a connected graph into grids within the range."""
    none = np.empty(0, dtype=np.int64)
    if len(graph) > MAX_NODES:
        return ExactResult("too many nodes", np.nan, none)
    sets, is_complete = list_connected_sets(_neighbour_bits(graph), graph.weight, objective.minimum, objective.maximum)
    if not is_complete:
        return ExactResult("too many sets", np.nan, none)
    cost = set_costs(graph, objective, sets)
    return _choose_sets(sets, cost, len(graph))


def _neighbour_bits(graph: Any) -> Ints:
    bits = np.zeros(len(graph), dtype=np.int64)
    np.bitwise_or.at(bits, graph.left, 1 << graph.right)
    np.bitwise_or.at(bits, graph.right, 1 << graph.left)
    return bits


@njit(cache=True)
def list_connected_sets(  # noqa: C901  # one loop over a stack
    neighbours: Ints, weight: Ints, low: int, high: int
) -> tuple[Ints, bool]:
    """List the connected sets of nodes with `low` to `high` households, as bits; and whether these are all."""
    size = len(weight)
    sets, count, visits = np.empty(MAX_SETS, np.int64), 0, 0
    members, frontier = np.zeros(size + 1, np.int64), np.zeros(size + 1, np.int64)
    banned, total = np.zeros(size + 1, np.int64), np.zeros(size + 1, np.int64)
    for root in range(size):
        members[0], banned[0], total[0] = 1 << root, (2 << root) - 1, weight[root]
        frontier[0], depth, is_new = neighbours[root] & ~banned[0], 0, True
        while depth >= 0:
            if is_new:
                visits += 1
                if count >= MAX_SETS or visits > MAX_VISITS:
                    return sets[:count], False
                if low <= total[depth] <= high:
                    sets[count] = members[depth]
                    count += 1
            is_new = False
            if frontier[depth] == 0:
                depth -= 1
                continue
            node = 0
            while not frontier[depth] >> node & 1:
                node += 1
            frontier[depth] &= ~(1 << node)
            banned[depth] |= 1 << node
            if total[depth] + weight[node] <= high:
                members[depth + 1], banned[depth + 1] = members[depth] | 1 << node, banned[depth]
                frontier[depth + 1] = (frontier[depth] | neighbours[node]) & ~banned[depth]
                total[depth + 1] = total[depth] + weight[node]
                depth, is_new = depth + 1, True
    return sets[:count], True


def set_costs(graph: Any, objective: Any, sets: Ints) -> Floats:
    """Return the cost of each set as a grid: half of its border, and its households off the target."""
    border, households = np.zeros(len(sets)), np.zeros(len(sets))
    for left, right, cost in zip(graph.left, graph.right, graph.cost, strict=True):
        border += cost * ((sets >> left ^ sets >> right) & 1)
    for node, weight in enumerate(graph.weight):
        households += weight * (sets >> node & 1)
    costs: Floats = border / 2 + objective.cost_off_target * np.abs(households - objective.target)
    return costs


def _choose_sets(sets: Ints, cost: Floats, size: int) -> ExactResult:
    """Cover every node once at minimum cost."""
    bound, reduced_cost = _price_sets(sets, cost, size)
    if bound > UNCOVERED_COST / 2:
        return ExactResult("infeasible", np.nan, np.empty(0, dtype=np.int64))
    gap = max(0.03 * bound, 5.0)
    while True:
        kept = np.flatnonzero(reduced_cost <= gap + 1e-6)
        if len(kept) > MAX_CHOSEN_SETS:
            return ExactResult("gap too wide", np.nan, np.empty(0, dtype=np.int64))
        found = milp(
            cost[kept],
            integrality=np.ones(len(kept)),
            bounds=Bounds(0, 1),
            constraints=LinearConstraint(_membership(sets[kept], size), 1, 1),
            options={"time_limit": TIME_LIMIT_S, "mip_rel_gap": 1e-9},
        )
        if found.status == OPTIMAL and (found.fun - bound <= gap or len(kept) == len(sets)):
            return ExactResult("optimal", float(found.fun), _plan(sets[kept[found.x > 0.5]], size))
        if found.status not in {OPTIMAL, INFEASIBLE}:
            return ExactResult("out of time", np.nan, np.empty(0, dtype=np.int64))
        if len(kept) == len(sets):
            return ExactResult("infeasible", np.nan, np.empty(0, dtype=np.int64))
        gap = found.fun - bound if found.status == OPTIMAL else 4 * gap + 10


def _price_sets(sets: Ints, cost: Floats, size: int) -> tuple[float, Floats]:
    """Return the optimum of the linear relaxation over all sets, and the reduced cost of each."""
    pool = np.argsort(cost)[:FIRST_SETS]
    while True:
        matrix = csc_array(np.hstack([_membership(sets[pool], size).toarray(), np.eye(size)]))
        relaxed = linprog(
            np.r_[cost[pool], np.full(size, UNCOVERED_COST)], A_eq=matrix, b_eq=np.ones(size), method="highs"
        )
        reduced_cost = cost.copy()
        for node, price in enumerate(relaxed.eqlin.marginals):
            reduced_cost -= price * (sets >> node & 1)
        missing = np.flatnonzero(reduced_cost < -1e-6)
        if not len(missing):
            return float(relaxed.fun), reduced_cost
        pool = np.union1d(pool, missing[np.argsort(reduced_cost[missing])[:ADDED_SETS]])


def _membership(sets: Ints, size: int) -> csc_array:
    return csc_array(((sets[None, :] >> np.arange(size)[:, None]) & 1).astype(np.float64))


def _plan(chosen: Ints, size: int) -> Ints:
    plan = np.empty(size, dtype=np.int64)
    for number, members in enumerate(chosen):
        plan[(members >> np.arange(size) & 1).astype(bool)] = number
    return plan
