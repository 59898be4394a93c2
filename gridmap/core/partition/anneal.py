"""The kernel that improves a plan: single moves across borders, and grids divided anew along random trees.

Every plan on the way is contiguous. Worse plans are accepted with a chance that falls with the temperature, so that the
search leaves poor plans early and settles late. It ends by counts, never by time: the same seed gives the same plan.

References
----------
Kirkpatrick, S., Gelatt, C. D., Vecchi, M. P. (1983). Optimization by simulated annealing. Science 220.
doi:10.1126/science.220.4598.671
DeFord, D., Duchin, M., Solomon, J. (2021). Recombination: a family of Markov chains for redistricting. Harvard Data
Science Review 3 (1). doi:10.1162/99608f92.eb30390f
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from gridmap.core.arrays import Floats, Ints
from gridmap.core.partition.trees import SPREAD, Pairs, Rules, cut_tree, draw_tree, penalty, plan_cost

THREE = 0.3
"""Share of new divisions that take in a third grid: two alone cannot pass a surplus on."""
STAGE = 64
"""Steps at one temperature."""


class Net(NamedTuple):
    """A graph in compressed rows: where each node's links start; from, to and border cost of each link; households."""

    start: Ints
    of: Ints
    to: Ints
    cost: Floats
    weight: Ints


class Schedule(NamedTuple):
    """Steps of the search; temperatures it starts and ends at, in units of cost; share that divides anew; seed."""

    steps: int
    hot: float
    cold: float
    anew: float
    seed: int


class Plan(NamedTuple):
    """A plan under change: the grid of each node; households and nodes of each grid; marks for searches."""

    grid: Ints
    households: Ints
    nodes: Ints
    mark: Ints
    queue: Ints


@njit(cache=True, nogil=True)
def anneal(net: Net, rules: Rules, grid: Ints, schedule: Schedule) -> tuple[Ints, float]:
    """The best plan found from a contiguous one, and its cost."""
    np.random.seed(schedule.seed)
    plan = _opened(net, grid)
    pairs = Pairs(net.of, net.to, net.cost / 2)
    cost = plan_cost(pairs, net.weight, grid, rules)
    best, least = grid.copy(), cost
    since, heat = 0, schedule.hot
    for step in range(schedule.steps):
        if step % STAGE == 0:
            heat = schedule.hot * (schedule.cold / schedule.hot) ** (step / schedule.steps)
        pair = np.random.randint(len(net.to))
        node = net.of[pair]
        if plan.grid[node] == plan.grid[net.to[pair]]:
            continue
        if np.random.random() < schedule.anew:
            cost += _divide_anew(net, rules, plan, node, net.to[pair], heat)
        else:
            cost += _move(net, rules, plan, node, plan.grid[net.to[pair]], heat)
        since += 1
        if cost < least - 1e-6 and (since > len(grid) or heat < 2 * schedule.cold):
            best[:], least, since = plan.grid, cost, 0
    return best, plan_cost(pairs, net.weight, best, rules)


@njit(cache=True, nogil=True)
def _opened(net: Net, grid: Ints) -> Plan:
    """Room for a fifth more grids than there are, and five."""
    size, room = len(grid), grid.max() + 1 + (grid.max() + 1) // 5 + 5
    households, nodes = np.zeros(room, np.int64), np.zeros(room, np.int64)
    for node in range(size):
        households[grid[node]] += net.weight[node]
        nodes[grid[node]] += 1
    return Plan(grid.copy(), households, nodes, np.zeros(size + 1, np.int64), np.empty(size, np.int64))


@njit(cache=True, nogil=True)
def _accepted(change: float, heat: float) -> bool:
    return change <= 0 or np.random.random() < np.exp(-change / heat)


@njit(cache=True, nogil=True)
def _move(net: Net, rules: Rules, plan: Plan, node: int, grid: int, heat: float) -> float:
    """Move a node to a neighbouring grid if that is accepted and its own stays whole; returns the change of cost."""
    home, weight, change = plan.grid[node], net.weight[node], 0.0
    for link in range(net.start[node], net.start[node + 1]):
        other = plan.grid[net.to[link]]
        change += net.cost[link] * ((other == home) - (other == grid))
    change += penalty(plan.households[grid] + weight, rules) - penalty(plan.households[grid], rules)
    change -= penalty(plan.households[home], rules)
    if plan.nodes[home] > 1:
        change += penalty(plan.households[home] - weight, rules)
    if not _accepted(change, heat) or not _stays_whole(net, plan, node):
        return 0.0
    plan.grid[node] = grid
    plan.households[home] -= weight
    plan.households[grid] += weight
    plan.nodes[home] -= 1
    plan.nodes[grid] += 1
    return change


@njit(cache=True, nogil=True)
def _stays_whole(net: Net, plan: Plan, node: int) -> bool:
    """Whether a node's grid is in one piece without it: its neighbours there must reach each other."""
    home, wanted, first = plan.grid[node], 0, -1
    plan.mark[-1] += 2
    seen = plan.mark[-1]
    for link in range(net.start[node], net.start[node + 1]):
        if plan.grid[net.to[link]] == home:
            wanted, first = wanted + 1, net.to[link]
            plan.mark[first] = seen - 1
    if wanted < 2:
        return True
    plan.queue[0], plan.mark[first], plan.mark[node] = first, seen, seen
    done, known, met = 0, 1, 1
    while done < known and met < wanted:
        here = plan.queue[done]
        done += 1
        for link in range(net.start[here], net.start[here + 1]):
            there = net.to[link]
            if plan.grid[there] == home and plan.mark[there] != seen:
                met += plan.mark[there] == seen - 1
                plan.mark[there] = seen
                plan.queue[known] = there
                known += 1
    return met == wanted


@njit(cache=True, nogil=True)
def _divide_anew(net: Net, rules: Rules, plan: Plan, node: int, other: int, heat: float) -> float:
    """Divide the grids of two neighbours, and sometimes of a third, along a random tree; returns the change of cost."""
    grids = np.array([plan.grid[node], plan.grid[other], -1])
    if np.random.random() < THREE:
        grids[2] = _third(net, plan, other, grids)
    members = _gathered(net, plan, node, grids)
    pairs, weight = _inner_pairs(net, plan, members), net.weight[members]
    before = plan_cost(pairs, weight, plan.grid[members], rules)
    part = cut_tree(draw_tree(len(members), pairs, SPREAD * np.random.random()), weight, rules)
    change = plan_cost(pairs, weight, part, rules) - before
    names = _names(plan, grids, part.max() + 1)
    if len(names) <= part.max() or not _accepted(change, heat):
        return 0.0
    _renamed(plan, grids, names, members, part, weight)
    return change


@njit(cache=True, nogil=True)
def _third(net: Net, plan: Plan, node: int, grids: Ints) -> int:
    """A grid next to a node other than the two, or -1."""
    for link in range(net.start[node], net.start[node + 1]):
        grid = plan.grid[net.to[link]]
        if grid != grids[0] and grid != grids[1]:
            return int(grid)
    return -1


@njit(cache=True, nogil=True)
def _gathered(net: Net, plan: Plan, node: int, grids: Ints) -> Ints:
    """The nodes of neighbouring grids, in the order a search from one of them meets them."""
    plan.mark[-1] += 2
    seen = plan.mark[-1]
    plan.queue[0], plan.mark[node] = node, seen
    done, known = 0, 1
    while done < known:
        here = plan.queue[done]
        done += 1
        for link in range(net.start[here], net.start[here + 1]):
            there = net.to[link]
            if plan.mark[there] != seen and (plan.grid[there] == grids).any():
                plan.mark[there] = seen
                plan.queue[known] = there
                known += 1
    return plan.queue[:known].copy()


@njit(cache=True, nogil=True)
def _inner_pairs(net: Net, plan: Plan, members: Ints) -> Pairs:
    """Neighbours among some marked nodes, numbered in their order."""
    for number in range(len(members)):
        plan.mark[members[number]] = -1 - number
    count = 0
    for node in members:
        count += net.start[node + 1] - net.start[node]
    left, right, cost = np.empty(count, np.int64), np.empty(count, np.int64), np.empty(count)
    used = 0
    for number in range(len(members)):
        for link in range(net.start[members[number]], net.start[members[number] + 1]):
            other = -1 - plan.mark[net.to[link]]
            if other > number:
                left[used], right[used], cost[used] = number, other, net.cost[link]
                used += 1
    for node in members:
        plan.mark[node] = 0
    return Pairs(left[:used], right[:used], cost[:used])


@njit(cache=True, nogil=True)
def _names(plan: Plan, grids: Ints, wanted: int) -> Ints:
    """Names for the parts: those of the grids they replace, then unused ones; fewer where there is no room."""
    names, used = np.empty(wanted, np.int64), 0
    for grid in grids:
        if grid >= 0 and used < wanted:
            names[used] = grid
            used += 1
    for grid in range(len(plan.nodes)):
        if used < wanted and plan.nodes[grid] == 0:
            names[used] = grid
            used += 1
    return names[:used]


@njit(cache=True, nogil=True)
def _renamed(plan: Plan, grids: Ints, names: Ints, members: Ints, part: Ints, weight: Ints) -> None:
    for grid in grids:
        if grid >= 0:
            plan.households[grid] = plan.nodes[grid] = 0
    for number in range(len(members)):
        grid = names[part[number]]
        plan.grid[members[number]] = grid
        plan.households[grid] += weight[number]
        plan.nodes[grid] += 1
