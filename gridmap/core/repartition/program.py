"""Pool program: of many possible grids, choose disjoint ones that cover all land and change as little as possible.

Chains of exchanges over any number of grids come out of the program by themselves. It is relaxed first: prices of nodes
tell which grids cannot be in a plan better than a known one, and those are left out.

References
----------
Garfinkel, R. S., Nemhauser, G. L. (1970). Optimal political districting by implicit enumeration techniques. Management
Science 16 (8). doi:10.1287/mnsc.16.8.B495
Mehrotra, A., Johnson, E. L., Nemhauser, G. L. (1998). An optimization based heuristic for political districting.
Management Science 44 (8). doi:10.1287/mnsc.44.8.1100
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from scipy.optimize import LinearConstraint, linprog, milp
from scipy.sparse import block_diag, csc_array, csr_array, eye_array, hstack, vstack

from gridmap.core.array_types import BoolArray, FloatArray, IntArray
from gridmap.core.repartition.figures import RepartitionWeights
from gridmap.core.repartition.pool import Pool, sum_up

OUT_OF_RANGE_COST = 10_000.0
"""Cost of a household out of range, in households that move: more than a community has."""
FAR_HOME_COST = 1e6
"""Cost of a home beyond the radius: more than that of the households out of range around it."""
NO_GRID_COST = 1e8
"""Cost of a node that is in no grid; only the relaxed program knows it, until enough grids are in it."""
MAX_BRANCHES = 500
"""Nodes of the search tree of a program; counted, so that the result does not depend on the speed of the machine."""
FIRST_COLUMNS, ADDED_COLUMNS, MAX_ROUNDS = 500, 1_000, 60
"""Grids in the relaxed program at first, and those added in each of its rounds."""
MAX_COLUMNS, COLUMNS_OF_ROW = 3_000, 20
"""Grids in the program: those that the prices favour most, and at least so many for each node that may be in them.
Prices alone favour grids in the same places, which cover no land together."""
TOLERANCE = 1e-6


@dataclass(frozen=True, eq=False)
class _Program:
    """A program in the form of the solver: a column for each grid, then one for each group that may be cut.

    Parameters
    ----------
    cost : ndarray of float, one per column
    cover : csc_array
        Rows that must be 1: every node in one grid.
    limits : csc_array
        Rows that `most` limits: every code in one grid at most, groups in few grids, few moves.
    most : ndarray of float
    is_grid, is_kept : ndarray of bool, one per column
        Grids, and columns that no selection leaves out: grids of known plans, and all that are no grids.
    """

    cost: FloatArray
    cover: csc_array
    limits: csc_array
    most: FloatArray
    is_grid: BoolArray
    is_kept: BoolArray

    def select(self, columns: IntArray) -> "_Program":
        """Return the program with some of its columns."""
        cover, limits = self.cover[:, columns], self.limits[:, columns]
        return _Program(self.cost[columns], cover, limits, self.most, self.is_grid[columns], self.is_kept[columns])


class _Relaxation(NamedTuple):
    """Cost of a relaxed program, and by how much more than its share each column costs."""

    cost: float
    excess: FloatArray


def solve_pools(
    pools: Sequence[Pool], weights: RepartitionWeights, upper: float, max_moved: int | None = None
) -> list[IntArray] | None:
    """Choose grids of several components at the least cost.

    Parameters
    ----------
    pools : sequence of Pool
    weights : RepartitionWeights
    upper : float
        Cost of a known plan: a dearer one is of no use.
    max_moved : int, optional
        Households that may move in all components together.

    Returns
    -------
    list of ndarray of int or None
        The plan of each component; None where no better one was found.
    """
    program = _join_programs([_write_program(pool, weights) for pool in pools], pools, max_moved)
    relaxed = _relax(program)
    chosen = _choose_columns(program, relaxed, upper)
    used = np.zeros(len(program.cost), dtype=np.bool_)
    used[chosen] = _solve(program.select(chosen))
    if not used.any():
        return None
    used = used[program.is_grid]
    first = np.cumsum([0, *(len(pool.code) for pool in pools)])
    return [_as_plan(pool, used[start : start + len(pool.code)]) for pool, start in zip(pools, first, strict=False)]


def _choose_columns(program: _Program, relaxed: _Relaxation, upper: float) -> IntArray:
    """Return the columns that a plan below a cost may have: those that the prices favour, and those always kept."""
    useful = np.flatnonzero((relaxed.excess <= upper - relaxed.cost + TOLERANCE) & program.is_grid)
    useful = useful[np.argsort(relaxed.excess[useful], kind="stable")]
    rows = csr_array(program.cover[:, useful])
    rows.sort_indices()
    place = np.arange(len(rows.indices)) - np.repeat(rows.indptr[:-1], np.diff(rows.indptr))
    best_of_row = useful[rows.indices[place < COLUMNS_OF_ROW]]
    return np.unique(np.concatenate([useful[:MAX_COLUMNS], best_of_row, np.flatnonzero(program.is_kept)]))


def _solve(program: _Program) -> BoolArray:
    """Return which columns a solution has; none where none was found."""
    found = milp(
        program.cost,
        integrality=program.is_grid.astype(np.float64),
        bounds=(0, np.where(program.is_grid, 1.0, np.inf)),
        constraints=[
            LinearConstraint(program.cover, 1.0, 1.0),
            LinearConstraint(program.limits, -np.inf, program.most),
        ],
        options={"node_limit": MAX_BRANCHES, "mip_rel_gap": 0.0},
    )
    return np.zeros(len(program.cost), dtype=np.bool_) if found.x is None else np.asarray(found.x > 0.5)


def _relax(program: _Program) -> _Relaxation:
    """Solve the relaxed program by adding the columns that the prices favour, until there are none."""
    share = program.cost / np.maximum(program.cover.sum(axis=0), 1)
    chosen = np.union1d(np.argsort(share, kind="stable")[:FIRST_COLUMNS], np.flatnonzero(program.is_kept))
    for _ in range(MAX_ROUNDS):
        cost, excess = _price(program, chosen)
        added = np.flatnonzero(excess < -TOLERANCE)
        if not len(added):
            break
        chosen = np.union1d(chosen, added[np.argsort(excess[added], kind="stable")[:ADDED_COLUMNS]])
    return _Relaxation(cost, excess)


def _price(program: _Program, chosen: IntArray) -> tuple[float, FloatArray]:
    """Return the cost of the relaxed program with some columns, and the excess cost of each column at its prices."""
    part, nodes = program.select(chosen), program.cover.shape[0]
    solved = linprog(
        np.r_[part.cost, np.full(nodes, NO_GRID_COST)],
        A_eq=hstack([part.cover, eye_array(nodes)]),
        b_eq=np.ones(nodes),
        A_ub=hstack([part.limits, csc_array((len(program.most), nodes))]),
        b_ub=program.most,
        method="highs",
    )
    prices = program.cover.T @ solved.eqlin.marginals + program.limits.T @ solved.ineqlin.marginals
    return float(solved.fun), program.cost - prices


def _join_programs(programs: Sequence[_Program], pools: Sequence[Pool], max_moved: int | None) -> _Program:
    """Return one program of several, with their common limit of moves."""
    cover, limits = (block_diag([getattr(each, name) for each in programs]) for name in ("cover", "limits"))
    most = np.concatenate([each.most for each in programs])
    cost, is_grid, is_kept = (
        np.concatenate([getattr(each, name) for each in programs]) for name in ("cost", "is_grid", "is_kept")
    )
    if max_moved is not None:
        moved = np.zeros(len(cost))
        moved[is_grid] = np.concatenate([pool.moved for pool in pools])
        limits, most = vstack([limits, moved[None, :]]), np.append(most, float(max_moved))
    return _Program(cost, csc_array(cover), csc_array(limits), most, is_grid, is_kept)


def _write_program(pool: Pool, weights: RepartitionWeights) -> _Program:
    """Write a pool as a program: every node once, every code at most once, groups cut beyond today at a cost."""
    touched, grids_today = _grids_of_groups(pool)
    count, groups = touched.shape
    codes, homes = np.flatnonzero(pool.code >= 0), pool.present.home.max() + 1
    code_rows = csr_array((np.ones(len(codes)), (pool.code[codes], codes)), shape=(homes, count))
    excess = vstack([csr_array((homes, groups)), -eye_array(groups)])
    cost = FAR_HOME_COST * pool.far_homes + OUT_OF_RANGE_COST * pool.out_of_range
    cost = cost + pool.moved + weights.border_m * pool.border_m
    return _Program(
        np.r_[cost, np.full(groups, weights.cut)],
        csc_array(hstack([pool.members.T, csr_array((pool.members.shape[1], groups))])),
        csc_array(hstack([vstack([code_rows, touched.T]), excess])),
        np.r_[np.ones(homes), grids_today],
        np.r_[np.ones(count), np.zeros(groups)] > 0,
        np.r_[pool.is_known, np.ones(groups, dtype=np.bool_)],
    )


def _grids_of_groups(pool: Pool) -> tuple[csr_array, IntArray]:
    """Return which groups have households in each grid of the pool, and the grids of each today.

    Groups in a single row cannot be cut, and are left out.
    """
    present = pool.present
    touched, today = [csr_array((len(pool.code), 0))], [np.empty(0)]
    for group in present.groups:
        nodes = np.flatnonzero((group >= 0) & (present.graph.weight > 0))
        if not len(nodes):
            continue
        ones = np.ones(len(nodes), dtype=np.int64)
        rows = sum_up(pool.row_of_node[nodes], group[nodes], ones)
        rows.resize((pool.members.shape[1], rows.shape[1]))
        homes = sum_up(present.home[nodes], group[nodes], ones)
        may_be_cut = np.flatnonzero((rows > 0).sum(axis=0) > 1)
        touched.append(((pool.members @ rows) > 0)[:, may_be_cut].astype(np.float64))
        today.append((homes > 0).sum(axis=0)[may_be_cut])
    return csr_array(hstack(touched)), np.concatenate(today)


def _as_plan(pool: Pool, columns: BoolArray) -> IntArray:
    """Return the plan of the chosen grids."""
    chosen = pool.members[columns].tocoo()
    grid = np.empty(pool.members.shape[1], dtype=np.int64)
    grid[chosen.col] = chosen.row
    return grid[pool.row_of_node]
