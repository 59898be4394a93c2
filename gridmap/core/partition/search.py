"""Search for a plan of one connected graph: several plans, improved by windows, combined over their overlay.

The starts are trees cut at minimum cost. Half of them are first improved as if grids of the maximum were best: windows
rarely find a plan with a grid less by themselves, because that needs changes in more grids than a window has. Where
grids remain out of range, their surroundings are searched again.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.partition.certificates import ExceptionProof, prove_exception
from gridmap.core.partition.exact_cover import SetValue
from gridmap.core.partition.graph import Graph, overlay_plans
from gridmap.core.partition.radius import RadiusLimit, count_far_homes, narrow_grids
from gridmap.core.partition.trees import Objective, best_tree_partition, plan_cost
from gridmap.core.partition.windows import MIN_GAIN, WindowBudget, improve_by_windows
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.vocabulary import SearchEffort

OUT_OF_RANGE_COST_M = 400.0
"""Cost of a household out of range, in metres of border: no border is worth one."""
FEW_GRIDS_COST = 5.0
"""Cost of each household below the maximum while a start is improved towards few grids: more than borders cost."""
SAME_SHARE = 0.8
"""Share of nodes that surroundings have in common with earlier ones, from which on they are not searched again."""
MAX_REBALANCE_DISTANCE = 4
"""Distance, in grids, up to which rebalancing partitions the surroundings of a grid again."""


class GraphPlan(NamedTuple):
    """A plan of one graph.

    Parameters
    ----------
    grid : ndarray of int
        Grid of each node, numbered from 0.
    certificates : dict of int to ExceptionProof
        Proofs by the grids out of range that they excuse.
    """

    grid: IntArray
    certificates: dict[int, ExceptionProof]


class SearchBudget(NamedTuple):
    """Effort of a search.

    Parameters
    ----------
    tree_starts, max_tree_starts : int
        Number of plans from trees: at least, and at most for small graphs, where they cost little.
    start_nodes : int
        Nodes of all plans from trees together, for graphs that are so small that they get more than the least number.
    few_grids_windows : WindowBudget
        Effort of windows for a plan while few grids count.
    start_windows, final_windows : WindowBudget
        Effort of windows for each plan, and for their combination.
    """

    tree_starts: int
    max_tree_starts: int
    start_nodes: int
    few_grids_windows: WindowBudget
    start_windows: WindowBudget
    final_windows: WindowBudget


TREES = 8
"""Random trees for each plan from trees; the cheapest is improved."""
START_GRIDS = 24
"""Grids of all plans from trees together: where a plan has few grids of many atoms, one plan says little."""
ROUND_STARTS = 8
"""Plans from trees that are combined at once, with the result of the round before."""
AGREEING_STARTS, MANY_ATOMS = 3, 20
"""So many starts with the same cheapest plan end the search, if grids have so many atoms on average: starts with few,
heavy atoms often agree on a plan that is not the cheapest."""
START_WINDOWS = WindowBudget(rounds=200, patience=100, nodes=12)
FINAL_WINDOWS = WindowBudget(rounds=200, patience=100, nodes=14)
"""Tuned on seven towns: with a patience of 200, plans cost the same; with 60 for starts, 0.1 % more."""
FEW_GRIDS_WINDOWS = WindowBudget(rounds=200, patience=60, nodes=12)
FAST_START_WINDOWS = WindowBudget(rounds=200, patience=40, nodes=11)
FAST_FEW_GRIDS_WINDOWS = WindowBudget(rounds=200, patience=30, nodes=11)
BUDGETS = {
    SearchEffort.FAST: SearchBudget(2, 8, 1_000, FAST_FEW_GRIDS_WINDOWS, FAST_START_WINDOWS, FEW_GRIDS_WINDOWS),
    SearchEffort.DEFAULT: SearchBudget(4, 24, 2_000, FEW_GRIDS_WINDOWS, START_WINDOWS, FINAL_WINDOWS),
}


def build_objective(profile: Profile, weights: CostWeights, households: int) -> Objective:
    """Return the profile as the kernels take it, for a graph with this many households.

    Where no number of grids fits, as few households as possible are out of range: either one grid above the maximum
    takes the surplus, or grids stay below the minimum.

    Examples
    --------
    >>> build_objective(Profile(), CostWeights(), 600).cap, build_objective(Profile(), CostWeights(), 540).cap
    (500, 540)
    """
    minimum, maximum = profile.minimum, profile.maximum
    full_grids = max(households // maximum, 1)
    over, under = households - full_grids * maximum, (full_grids + 1) * minimum - households
    is_surplus_smaller = not profile.is_partitionable(households) and 0 < over <= under
    cap = maximum + over if is_surplus_smaller else maximum
    return Objective(minimum, maximum, cap, profile.target, weights.load, OUT_OF_RANGE_COST_M)


def partition_graph(
    graph: Graph,
    objective: Objective,
    seed: int,
    effort: SearchEffort = SearchEffort.DEFAULT,
    limit: RadiusLimit | None = None,
) -> GraphPlan:
    """Partition a connected graph into contiguous grids.

    Parameters
    ----------
    graph : Graph
        Connected; no node above the maximum.
    objective : Objective
        Range and costs, from `build_objective`.
    seed : int
        Seed of the search; the same seed gives the same plan.
    effort : SearchEffort
        Number of plans that are made and combined.
    limit : RadiusLimit, optional
        Radius that comes before the range.

    Returns
    -------
    GraphPlan

    Examples
    --------
    >>> row = Graph(np.full(8, 100), np.arange(7), np.arange(1, 8), np.ones(7))
    >>> np.bincount(partition_graph(row, build_objective(Profile(), CostWeights(), 800), seed=0).grid).tolist()
    [4, 4]
    """
    search = GraphSearch(graph, objective, BUDGETS[effort])
    if graph.weight.sum() <= objective.cap:
        found = GraphPlan(np.zeros(len(graph), dtype=np.int64), {})
    else:
        found = search.rebalance(search.find_plan(seed), seed)
    if limit is None or not count_far_homes(limit, found.grid).any():
        return found
    plan = narrow_grids(graph, limit, objective, found.grid, seed)
    return GraphPlan(plan, _assign_proofs(found.certificates.values(), plan, search.households_out_of_range(plan) > 0))


def plan_oversize(graph: Graph) -> GraphPlan:
    """Return the plan of a graph with a node above the maximum: one grid, which that node alone excuses.

    Examples
    --------
    >>> plan = plan_oversize(Graph(np.array([20, 700]), np.array([0]), np.array([1]), np.ones(1)))
    >>> plan.grid.tolist(), plan.certificates[0].core
    ([0, 0], (1,))
    """
    node = int(graph.weight.argmax())
    proof = ExceptionProof((node,), (), (int(graph.weight[node]),), (node,), ())
    return GraphPlan(np.zeros(len(graph), dtype=np.int64), {0: proof})


def _assign_proofs(proofs: Iterable[ExceptionProof], plan: IntArray, is_out: BoolArray) -> dict[int, ExceptionProof]:
    """Return proofs by the grids of another plan that they excuse: of a core, always at least one is out of range."""
    grids = ((next(grid for grid in plan[list(proof.core)].tolist() if is_out[grid]), proof) for proof in proofs)
    return dict(grids)


class GraphSearch:
    """Search for plans of one graph.

    Parameters
    ----------
    graph : Graph
        Connected; no node above the maximum.
    objective : Objective
        Range and costs.
    budget : SearchBudget
        Effort.
    """

    def __init__(self, graph: Graph, objective: Objective, budget: SearchBudget) -> None:
        self.graph, self.objective, self.budget = graph, objective, budget
        self.proofs: dict[tuple[int, ...], ExceptionProof | None] = {}
        self.searched: list[frozenset[int]] = []

    def find_plan(self, seed: int) -> IntArray:
        """Return the best plan found, whatever its grids out of range."""
        count, best, costs = self._count_starts(), list[IntArray](), list[float]()
        for first in range(0, count, ROUND_STARTS):
            trees = list[IntArray]()
            for number in range(first, min(first + ROUND_STARTS, count)):
                trees.append(self._start_from_trees(seed + number, few_grids=number % 2 == 1))
                costs.append(self.cost(trees[-1]))
                if self._agree(costs):
                    return self._combine([*trees, *best], seed + first)
            best = [self._combine([*trees, *best], seed + first)]
        return best[0]

    def _agree(self, costs: Sequence[float]) -> bool:
        """Return whether several starts gave the cheapest plan, and grids have so many atoms that this says enough."""
        is_cheapest = np.array(costs) <= min(costs) + MIN_GAIN
        return bool(is_cheapest.sum() >= AGREEING_STARTS and len(self.graph) >= MANY_ATOMS * self._target_grids())

    def _target_grids(self) -> int:
        return max(int(self.graph.weight.sum()) // self.objective.target, 1)

    def _count_starts(self) -> int:
        """Return the number of plans from trees."""
        grids = START_GRIDS // self._target_grids()
        wanted = max(self.budget.tree_starts, self.budget.start_nodes // len(self.graph), grids)
        return min(wanted, self.budget.max_tree_starts)

    def _start_from_trees(self, seed: int, *, few_grids: bool) -> IntArray:
        graph, objective = self.graph, self.objective
        if few_grids:
            objective = objective._replace(target=objective.maximum, cost_off_target=FEW_GRIDS_COST)
        plan, _ = best_tree_partition(len(graph), graph.edge_list(), graph.weight, objective, TREES, seed)
        if few_grids:
            plan = self._improve(graph, plan, self.budget.few_grids_windows, seed, objective)
        return self._improve(graph, plan, self.budget.start_windows, seed)

    def _improve(
        self, graph: Graph, plan: IntArray, windows: WindowBudget, seed: int, objective: Objective | None = None
    ) -> IntArray:
        """Improve a plan by windows; number its grids without gaps."""
        value, start = SetValue(objective or self.objective, 0.0), renumber_grids(plan)
        return renumber_grids(improve_by_windows(graph.to_csr(), value, start, start, windows, seed))

    def _combine(self, plans: Sequence[IntArray], seed: int) -> IntArray:
        """Improve the best plan on the overlay of all, then on the graph itself."""
        small, node = overlay_plans(self.graph, plans)
        best = min(plans, key=self.cost)
        on_overlay = np.zeros(len(small), dtype=np.int64)
        on_overlay[node] = best
        windows = self.budget.final_windows
        return self._improve(self.graph, self._improve(small, on_overlay, windows, seed)[node], windows, seed)

    def cost(self, plan: IntArray) -> float:
        """Return the cost of a plan."""
        return plan_cost(self.graph.edge_list(), self.graph.weight, plan, self.objective)

    def rebalance(self, plan: IntArray, seed: int) -> GraphPlan:
        """Search around grids out of range, at growing distances, until proofs excuse all that are left.

        The search goes around excused grids, too: with their households another grid may come into range.
        """
        certificates = self._excuse_grids(plan)
        for distance in range(1, MAX_REBALANCE_DISTANCE + 1):
            is_out = self.households_out_of_range(plan) > 0
            if is_out.sum() == len(certificates):
                break
            for node in _first_node_of_grids(plan)[is_out].tolist():
                plan = self._repartition_around(plan, int(plan[node]), distance, seed + distance)
            certificates = self._excuse_grids(plan)
        return GraphPlan(plan, certificates)

    def _excuse_grids(self, plan: IntArray) -> dict[int, ExceptionProof]:
        """Return a proof for each grid out of range that has one; no atom is in the cores of two proofs."""
        certificates: dict[int, ExceptionProof] = {}
        used: set[int] = set()
        for grid in np.flatnonzero(self.households_out_of_range(plan)).tolist():
            proof = self._prove(np.flatnonzero(plan == grid))
            if proof is not None and used.isdisjoint(proof.core):
                certificates[grid] = proof
                used |= set(proof.core)
        return certificates

    def _prove(self, nodes: IntArray) -> ExceptionProof | None:
        """Return a proof that begins at some nodes; each is looked for once."""
        key, objective = tuple(nodes.tolist()), self.objective
        if objective.cap > objective.maximum:  # the total alone tells that a grid is out of range
            return None
        if key not in self.proofs:
            self.proofs[key] = prove_exception(self.graph, nodes, objective.minimum, objective.maximum)
        return self.proofs[key]

    def households_out_of_range(self, plan: IntArray) -> IntArray:
        """Return the number of households by which each grid is out of range."""
        households = np.bincount(plan, self.graph.weight).astype(np.int64)
        deviation = np.maximum(self.objective.minimum - households, households - self.objective.maximum)
        return np.maximum(deviation, 0)

    def _repartition_around(self, plan: IntArray, centre: int, distance: int, seed: int) -> IntArray:
        """Search the surroundings of one grid; the result is kept where more households come into range."""
        nodes = np.flatnonzero(np.isin(plan, self._grids_around(plan, centre, distance)))
        if self._is_searched(nodes):
            return plan
        changed = plan.copy()
        part = GraphSearch(self.graph.subgraph(nodes), self.objective, self.budget)
        changed[nodes] = plan.max() + 1 + part.find_plan(seed)
        changed = renumber_grids(changed)
        is_better = self.households_out_of_range(changed).sum() < self.households_out_of_range(plan).sum()
        return self._improve(self.graph, changed, self.budget.final_windows, seed) if is_better else plan

    def _is_searched(self, nodes: IntArray) -> bool:
        """Return whether nearly the same nodes were searched before; if not, note them."""
        members = frozenset(nodes.tolist())
        if any(are_nearly_the_same(members, each) for each in self.searched):
            return True
        self.searched.append(members)
        return False

    def _grids_around(self, plan: IntArray, centre: int, distance: int) -> IntArray:
        """Return the grids within a distance of one, counted in grids."""
        nearby = np.array([centre])
        left, right = plan[self.graph.left], plan[self.graph.right]
        for _ in range(distance):
            nearby = np.union1d(nearby, np.r_[right[np.isin(left, nearby)], left[np.isin(right, nearby)]])
        return nearby


def are_nearly_the_same(one: frozenset[int], two: frozenset[int]) -> bool:
    """Return whether four fifths of the nodes of two sets are common to both.

    Examples
    --------
    >>> ten = frozenset(range(10))
    >>> are_nearly_the_same(ten, frozenset(range(8))), are_nearly_the_same(ten, frozenset(range(7)))
    (True, False)
    """
    return len(one & two) >= SAME_SHARE * len(one | two)


def renumber_grids(plan: IntArray) -> IntArray:
    """Number the grids of a plan without gaps."""
    return np.asarray(np.unique(plan, return_inverse=True)[1], dtype=np.int64)


def _first_node_of_grids(plan: IntArray) -> IntArray:
    """Return a node of each grid, which identifies it after grids are renumbered."""
    return np.unique(plan, return_index=True)[1]
