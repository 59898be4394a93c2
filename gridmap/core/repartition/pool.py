"""Pool of possible grids: those of some plans and their variants, each with the code that it would inherit."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.sparse import csr_array, vstack

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.partition.graph import Graph
from gridmap.core.plans.profile import Profile
from gridmap.core.repartition.grid_variants import GridVariants, VariantBounds, list_variants
from gridmap.core.repartition.present_graph import PresentGraph, count_out_of_range

HASH_SEED = 20_261_130
GRID_FIELDS = ("members", "code", "out_of_range", "moved", "border_m", "is_known", "far_homes")
"""Fields of a pool with a value for each grid."""


@dataclass(frozen=True, eq=False)
class Pool:
    """Possible grids of one component.

    Parameters
    ----------
    present : PresentGraph
    row_of_node : ndarray of int
        Nodes that no grid of the pool parts share a row.
    members : csr_array, shape (grids, rows)
        1 for each row that a grid consists of.
    code : ndarray of int
        Grid of today whose code each grid inherits, -1 for a new code.
    out_of_range, moved : ndarray of int
        Households by which each is out of range, and households that come from other grids than that of its code.
    border_m : ndarray of float
        Half of the cost of its border; the other half is its neighbours'.
    is_known : ndarray of bool
        Whether each is a grid of one of the plans, so that a program with all of these has a solution.
    far_homes : ndarray of int
        Homes beyond the radius of the profile; 0 where that is not looked at.
    """

    present: PresentGraph
    row_of_node: IntArray
    members: csr_array
    code: IntArray
    out_of_range: IntArray
    moved: IntArray
    border_m: FloatArray
    is_known: BoolArray
    far_homes: IntArray

    def select(self, grids: BoolArray) -> "Pool":
        """Return the pool with some of its grids."""
        chosen = {each: getattr(self, each)[grids] for each in GRID_FIELDS}
        return replace(self, **chosen)


def build_pool(
    present: PresentGraph, plans: Sequence[IntArray], profile: Profile, max_moved: int, slack: int = 0
) -> Pool:
    """List the grids of some plans, and the variants of those of the first and the last.

    Parameters
    ----------
    present : PresentGraph
    plans : sequence of ndarray of int
        Contiguous plans, numbered from 0 without gaps.
    profile : Profile
    max_moved : int
        Households that may come to one grid, at most.
    slack : int
        Households by which grids of the pool may be out of range.
    """
    bounds = VariantBounds(profile.minimum - slack, profile.maximum + slack, max_moved)
    net = present.graph.to_csr()
    none = GridVariants(np.empty(0, dtype=np.int64), np.empty((0, 4), dtype=np.int64))
    varied = {0, len(plans) - 1}
    variants = [list_variants(net, plan, bounds) if number in varied else none for number, plan in enumerate(plans)]
    row_of_node = _group_nodes(plans, variants)
    graph = present.graph.contract(row_of_node)
    listed = [_as_sets(*each, row_of_node) for each in zip(plans, variants, strict=True)]
    is_known = [np.arange(each.shape[0]) <= plan.max() for each, plan in zip(listed, plans, strict=True)]
    sets, known = _distinct_sets(csr_array(vstack(listed)), np.concatenate(is_known), bounds, graph)
    at_home = sum_up(row_of_node, present.home, present.graph.weight)
    chosen, code, moved = _inherit_codes(sets, at_home, max_moved)
    members = sets[chosen]
    out = count_out_of_range((members @ graph.weight).astype(np.int64), profile)
    borders, none_far = _half_borders(members, graph), np.zeros(len(code), dtype=np.int64)
    return Pool(present, row_of_node, members, code, out, moved, borders, known[chosen], none_far)


def _group_nodes(plans: Sequence[IntArray], variants: Sequence[GridVariants]) -> IntArray:
    """Return a number for each node; those share one that are in one grid of every plan and of every variant."""
    touched = np.unique(np.concatenate([each.changed.ravel() for each in variants]))
    alone = np.full(len(plans[0]), -1)
    alone[touched[touched >= 0]] = touched[touched >= 0]
    return np.asarray(np.unique(np.stack([alone, *plans]), axis=1, return_inverse=True)[1].ravel(), dtype=np.int64)


def _as_sets(plan: IntArray, variants: GridVariants, row_of_node: IntArray) -> csr_array:
    """Return the grids of a plan and their variants as rows of a matrix."""
    grid, row = np.unique(np.stack([plan, row_of_node]), axis=1)
    shape = plan.max() + 1, row_of_node.max() + 1
    grids = csr_array((np.ones(len(row)), (grid, row)), shape=shape)
    variant, side = np.nonzero(variants.changed >= 0)
    sign = np.where(side < 2, -1.0, 1.0)
    columns = row_of_node[variants.changed[variant, side]]
    change = csr_array((sign, (variant, columns)), shape=(len(variants.grid), shape[1]))
    return csr_array(vstack([grids, grids[variants.grid] + change]))


def _distinct_sets(
    sets: csr_array, is_known: BoolArray, bounds: VariantBounds, graph: Graph
) -> tuple[csr_array, BoolArray]:
    """Return each set within the bounds once, and whether it is known in one of its places.

    Sets with the same sum of the random numbers of their rows are the same.
    """
    sets.eliminate_zeros()
    households = sets @ graph.weight
    fits = (households >= bounds.minimum) & (households <= bounds.maximum)
    sets, is_known = sets[fits], is_known[fits]
    keys = np.round(sets @ np.random.default_rng(HASH_SEED).random(len(graph)), 9)
    _, first, number = np.unique(keys, return_index=True, return_inverse=True)
    known = np.bincount(number.ravel(), is_known, len(first)) > 0
    order = np.argsort(first)
    return sets[first[order]], known[order]


def sum_up(rows: IntArray, labels: IntArray, weight: IntArray) -> csr_array:
    """Return the total weight of each row and label."""
    shape = rows.max() + 1, labels.max(initial=-1) + 1
    return csr_array((weight.astype(np.float64), (rows, labels)), shape=shape)


def _inherit_codes(sets: csr_array, at_home: csr_array, max_moved: int) -> tuple[IntArray, IntArray, IntArray]:
    """Return sets with a code that they may inherit, or -1 for a new code, and the households that move for it."""
    shared = (sets @ at_home).tocoo()
    households = np.asarray(sets @ at_home.sum(axis=1)).ravel()
    number = np.r_[shared.row, np.arange(len(households))]
    code = np.r_[shared.col, np.full(len(households), -1)]
    moved = households[number] - np.r_[shared.data, np.zeros(len(households))]
    fits = (moved <= max_moved) & (np.r_[shared.data, np.ones(len(households))] > 0)
    return number[fits].astype(np.int64), code[fits].astype(np.int64), np.round(moved[fits]).astype(np.int64)


def _half_borders(members: csr_array, graph: Graph) -> FloatArray:
    """Return half of the cost of the border of each set."""
    ends = np.r_[graph.left, graph.right], np.r_[graph.right, graph.left]
    costs = csr_array((np.r_[graph.cost, graph.cost], ends), shape=(len(graph), len(graph)))
    inner = members.multiply(members @ costs).sum(axis=1)
    return np.asarray((members @ costs.sum(axis=1) - inner) / 2, dtype=np.float64)
