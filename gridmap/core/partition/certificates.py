"""Certificates: proofs that some atoms cannot all be in grids within the range, whatever the plan.

Every atom of a *core* must be in a grid within the range. Those grids are connected, disjoint, and may reach beyond the
core. If no choice of them covers the core, no plan does. The core grows from the atoms of a grid out of range until
there is no cover; then atoms are dropped as long as there is none, so that few are left to look at.

Land without households next to the core belongs to one grid only, as everywhere; farther such land may be used by
several grids at once. That allows more than a plan may do, so what is impossible with it is impossible without.

Only minimal sets are looked at: where a set could do without an atom outside the core, the set without it takes less
away from the others, and covers as much.

References
----------
Garfinkel, R. S., Nemhauser, G. L. (1970). Optimal political districting by implicit enumeration techniques. Management
Science 16 (8). doi:10.1287/mnsc.16.8.B495
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from scipy.optimize import LinearConstraint, milp
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from gridmap.core.array_types import BoolArray, IntArray
from gridmap.core.labels import label_components
from gridmap.core.partition.connected_sets import BitGraph, SetLimits, list_minimal_sets, pack_masks, unpack_masks
from gridmap.core.partition.graph import Graph

MAX_SETS = 20_000
"""Most minimal sets that a proof considers."""
MAX_VISITS = 4_000_000
"""Most 64-bit words of sets that are built for it, within the range or below."""
MAX_CHECKS = 10_000_000
"""Most checks of pairs of nodes, to see whether sets are minimal. With five times these limits and three times as many
sets, no more is proven in six towns, at twelve times the time."""
MAX_BRANCHES = 1_000
"""Most branches of the search for a cover."""
MAX_GROWTH = 3
"""Number of times that a core grows by its neighbours."""
NO_HOUSEHOLDS = 1e-6
"""Households of land without any, where ways are measured in households: sparse arrays drop zeros."""
INFEASIBLE = 2
"""Status of `scipy.optimize.milp`."""


@dataclass(frozen=True)
class ExceptionProof:
    """Proof that the atoms of a core cannot all be in grids within the range.

    Parameters
    ----------
    core : tuple of int
        Nodes with households; without any one of them there would be a cover, or it is not known.
    contested : tuple of int
        Nodes without households next to the core, of which each can belong to one grid only.
    households : tuple of int
        Households of each node of the core.
    nodes : tuple of int
        Nodes that the proof is about: those that a grid with a node of the core can reach, without farther land.
    links : tuple of pairs of int
        Which of them are neighbours, directly or over farther land.
    """

    core: tuple[int, ...]
    contested: tuple[int, ...]
    households: tuple[int, ...]
    nodes: tuple[int, ...] = field(repr=False)
    links: tuple[tuple[int, int], ...] = field(repr=False)

    def renumber(self, number: IntArray) -> "ExceptionProof":
        """Return the same proof with other numbers of its nodes."""
        core, contested, nodes = (
            tuple(number[list(each)].tolist()) for each in (self.core, self.contested, self.nodes)
        )
        links = tuple((int(number[one]), int(number[two])) for one, two in self.links)
        return ExceptionProof(core, contested, self.households, nodes, links)


class _TooManySets(Exception):
    """A core has so many sets that nothing is proven; a larger one would have more."""


def prove_exception(graph: Graph, nodes: IntArray, minimum: int, maximum: int) -> ExceptionProof | None:
    """Return a proof that some nodes cannot all be in grids within a range; None where none was found.

    Parameters
    ----------
    graph : Graph
        Connected.
    nodes : ndarray of int
        Nodes of a grid out of range, where the search for a proof begins.
    minimum, maximum : int
        The range, both included.

    Examples
    --------
    >>> row = Graph(np.array([400, 250, 400, 400]), np.arange(3), np.arange(1, 4), np.ones(3))
    >>> prove_exception(row, np.array([1]), 300, 500)
    ExceptionProof(core=(1,), contested=(), households=(250,))
    >>> prove_exception(row, np.array([1]), 300, 650) is None
    True
    """
    core = {int(node) for node in nodes if graph.weight[node] > 0}
    for _ in range(MAX_GROWTH + 1 if core else 0):
        near = _nodes_in_reach(graph, core, maximum)
        local, local_core = graph.subgraph(near), set(np.searchsorted(near, sorted(core)).tolist())
        adjacent = _list_neighbours(local)
        try:
            proof = _prove_core(local, adjacent, local_core, minimum, maximum)
        except _TooManySets:
            return None
        if proof is not None:
            return proof.renumber(near)
        core |= set(near[list(_peopled_neighbours(local, adjacent, local_core))].tolist())
    return None


def _nodes_in_reach(graph: Graph, core: Collection[int], maximum: int) -> IntArray:
    """Return the nodes that a set with a node of the core can hold, and those next to them."""
    passed = graph.weight + NO_HOUSEHOLDS
    passed[list(core)] = NO_HOUSEHOLDS
    source, sink = np.r_[graph.left, graph.right], np.r_[graph.right, graph.left]
    edges = csr_array((passed[source], (source, sink)), shape=(len(graph), len(graph)))
    return np.flatnonzero(dijkstra(edges, indices=sorted(core), min_only=True, limit=float(maximum)) <= maximum)


def _prove_core(
    graph: Graph, adjacent: Sequence[int], core: Collection[int], minimum: int, maximum: int
) -> ExceptionProof | None:
    """Return a proof for a core: at first with all land free, which takes least, then with the land next to it real.

    Raises
    ------
    _TooManySets
        If its sets cannot be listed.
    """
    is_peopled = np.asarray(graph.weight > 0)
    for is_real in (is_peopled, _mark_adjacent_land(is_peopled, adjacent, core)):
        neighbours = _relax(graph, adjacent, is_real)
        sets = _list_sets(neighbours, graph.weight, core, minimum, maximum)
        if sets is not None and not _has_cover(sets, core):
            smallest, land = _drop_atoms(sets, core), np.flatnonzero(is_real & ~is_peopled)
            links = ((one, two) for one, mask in enumerate(neighbours) for two in _bits(mask) if one < two)
            return ExceptionProof(
                tuple(smallest),
                tuple(land.tolist()),
                tuple(graph.weight[smallest].tolist()),
                tuple(np.flatnonzero(is_real).tolist()),
                tuple(links),
            )
    if sets is None:
        raise _TooManySets
    return None


def _list_neighbours(graph: Graph) -> list[int]:
    neighbours = [0] * len(graph)
    for left, right in zip(graph.left.tolist(), graph.right.tolist(), strict=True):
        neighbours[left] |= 1 << right
        neighbours[right] |= 1 << left
    return neighbours


def _bits(members: int) -> Iterator[int]:
    """Yield the positions of the bits that are set."""
    while members:
        lowest = members & -members
        yield lowest.bit_length() - 1
        members ^= lowest


def _peopled_neighbours(graph: Graph, adjacent: Sequence[int], core: Collection[int]) -> set[int]:
    """Return the nodes with households next to a core, or with one piece of land without households between."""
    adjacent_nodes = {other for node in core for other in _bits(adjacent[node])}
    nodes_across_land = {other for node in adjacent_nodes if graph.weight[node] == 0 for other in _bits(adjacent[node])}
    return {node for node in adjacent_nodes | nodes_across_land if graph.weight[node] > 0}


def _mark_adjacent_land(is_peopled: BoolArray, adjacent: Sequence[int], core: Collection[int]) -> BoolArray:
    """Return which nodes are real: those with households, and land next to the core."""
    is_real = is_peopled.copy()
    for node in core:
        is_real[list(_bits(adjacent[node]))] = True
    return is_real


def _relax(graph: Graph, adjacent: Sequence[int], is_real: BoolArray) -> list[int]:
    """Return the neighbours of each real node, where those around a piece of farther land are all neighbours."""
    real = sum(1 << node for node in np.flatnonzero(is_real).tolist())
    neighbours = [mask & real if is_real[node] else 0 for node, mask in enumerate(adjacent)]
    is_inner = ~is_real[graph.left] & ~is_real[graph.right]
    piece = label_components(len(graph), graph.left[is_inner], graph.right[is_inner])
    around: dict[int, int] = {}
    for node in np.flatnonzero(~is_real).tolist():
        around[int(piece[node])] = around.get(int(piece[node]), 0) | (adjacent[node] & real)
    for members in around.values():
        for node in _bits(members):
            neighbours[node] |= members & ~(1 << node)
    return neighbours


def _list_sets(
    neighbours: Sequence[int], weight: IntArray, core: Collection[int], minimum: int, maximum: int
) -> list[int] | None:
    """List the minimal connected sets within the range that hold a node of the core; None where they are too many."""
    is_core = np.isin(np.arange(len(weight)), sorted(core))
    graph = BitGraph(pack_masks(neighbours, len(weight)), weight.astype(np.int64), is_core, minimum, maximum)
    sets, is_complete = list_minimal_sets(graph, SetLimits(MAX_SETS, MAX_VISITS, MAX_CHECKS))
    return unpack_masks(sets) if is_complete else None


def _has_cover(sets: Sequence[int], core: Collection[int]) -> bool:
    """Return whether disjoint sets may cover the core; also where the search for a cover is given up."""
    reach = 0
    for members in sets:
        reach |= members
    if any(not reach >> node & 1 for node in core):
        return False
    positions = {node: row for row, node in enumerate(_bits(reach))}
    entries = [(positions[node], column) for column, members in enumerate(sets) for node in _bits(members)]
    rows, columns = np.array(entries).T
    matrix = csr_array((np.ones(len(rows)), (rows, columns)), shape=(len(positions), len(sets)))
    least = np.array([float(node in core) for node in positions])
    found = milp(
        np.zeros(len(sets)),
        integrality=np.ones(len(sets)),
        bounds=(0, 1),
        constraints=LinearConstraint(matrix, least, np.ones(len(positions))),
        options={"node_limit": MAX_BRANCHES},
    )
    return bool(found.status != INFEASIBLE)


def _drop_atoms(sets: Sequence[int], core: Collection[int]) -> list[int]:
    """Return the core without the nodes that its impossibility does not need."""
    smallest = sorted(core)
    for node in sorted(core):
        fewer = [other for other in smallest if other != node]
        mask = sum(1 << other for other in fewer)
        if fewer and not _has_cover([members for members in sets if members & mask], fewer):
            smallest = fewer
    return smallest
