"""Households that move when grids of today are brought into the range, beside a fresh partition and the proven least.

Run with the development environment:
.venv/bin/python -m tests.benchmarks.present.bench_present [--cases N] [--seed N] [--towns NAME ...] [--json]
Small communities of 24 to 47 atoms are cut out of real and invented towns; their grids of today are a partition of
gridmap, after which 5.5 % of the households change at random; only those count where that puts grids out of range. The
least is proven by another program (`tests.benchmarks.present.proven_minimum`). Whole towns have no proof, and are
compared with a fresh partition, whose grids inherit the codes that they share most households with.
"""

import argparse
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from gridmap.core.array_types import IntArray
from gridmap.core.land.build import build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.graph import Graph
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.partition.search import BUDGETS, GraphSearch, build_objective
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.core.repartition.figures import RepartitionWeights
from gridmap.core.repartition.present_graph import PresentGraph, count_out_of_range, measure_plan
from gridmap.core.repartition.present_plan import PresentPlan
from gridmap.core.repartition.search import SearchSettings, repartition_graph
from gridmap.core.repartition.town_search import TownSearch
from gridmap.core.vocabulary import SearchEffort
from gridmap.demo.town import build_town
from gridmap.formats.package.town import read_town
from tests.benchmarks.bench_partition import partition_problems
from tests.benchmarks.harness.measure import Row, check_target, find_real_towns, print_report
from tests.benchmarks.present.proven_minimum import Case, find_least_moved

PROFILE = Profile()
SETTINGS = SearchSettings(PROFILE, RepartitionWeights())
CASES, SEED = 78, 1
INVENTED_HOUSEHOLDS = (3_000, 30_000)
MIN_ATOMS, MAX_ATOMS = 24, 47
CHANGED_SHARE, MAX_CHANGED_ATOM = 0.055, 480
MAX_TRIES, MAX_CHANGES = 400, 30
TOWNS = ("singapore_amk", "singapore_qt", "singapore_ct", "cambridge")


class SmallCase(NamedTuple):
    """A small community with its grids of today."""

    town: str
    present: PresentGraph


def main() -> None:
    """Run the benchmark and print its tables."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--cases", type=int, default=CASES)
    parser.add_argument("--seed", type=int, default=SEED)
    parser.add_argument("--towns", nargs="*", default=list(TOWNS))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    small = [row for row in map(compare_small, make_cases(options.cases, options.seed)) if row]
    towns = (
        [compare_town(path.stem, read_town(path)) for path in find_real_towns(options.towns)] if options.towns else []
    )
    print_report("present", [*small, *towns], check_targets(small, towns), as_json=options.json)


def check_targets(small: Sequence[Row], towns: Sequence[Row]) -> list[Row]:
    """Return the targets of both tables."""
    ratios = np.array([row["moved"] / max(row["least"], 1) for row in small])
    shares = [row["moved"] / max(row["fresh"], 1) for row in towns]
    return [
        check_target("cases with a proven least >= 40", len(small), len(small) >= 40),
        check_target("share equal to the least >= 0.95", float((ratios == 1).mean()), (ratios == 1).mean() >= 0.95),
        check_target("worst, against the least <= 1.1", float(ratios.max()), ratios.max() <= 1.1),
        check_target("whole towns, against fresh <= 0.3", max(shares, default=None), max(shares, default=1.0) <= 0.3),
        check_target("grids left out of range", sum(row["out"] for row in small), not any(row["out"] for row in small)),
        check_target(
            "sound towns unchanged", sum(row["sound"] for row in towns), not any(row["sound"] for row in towns)
        ),
        check_target(
            "locked grids changed", sum(row["unlocked"] for row in towns), not any(r["unlocked"] for r in towns)
        ),
    ]


def compare_small(case: SmallCase) -> Row | None:
    """Return the figures of a small community; None where its sets are too many for a proof."""
    present, graph = case.present, case.present.graph
    clock = time.process_time()
    found = measure_plan(present, repartition_graph(present, SETTINGS).grid, PROFILE)
    seconds = time.process_time() - clock
    fresh = measure_plan(present, fresh_plan(graph), PROFILE)
    upper = min((each.moved for each in (found, fresh) if not each.out_of_range), default=None)
    if upper is None:
        return None
    edges = np.stack([graph.left, graph.right], axis=1)
    least = find_least_moved(Case(graph.weight, edges, present.home, PROFILE.minimum, PROFILE.maximum), upper)
    if least is None:
        return None
    row: Row = {"town": case.town, "atoms": len(graph), "grids": int(present.home.max()) + 1, "out": found.out_of_range}
    row |= {"moved": found.moved, "least": least, "fresh": fresh.moved, "cpu_s": seconds}
    print(row, file=sys.stderr, flush=True)
    return row


def fresh_plan(graph: Graph) -> IntArray:
    """Return a partition from scratch, without proofs of exceptions."""
    objective = build_objective(PROFILE, CostWeights(), int(graph.weight.sum()))
    return GraphSearch(graph, objective, BUDGETS[SearchEffort.DEFAULT]).find_plan(seed=0)


def make_cases(count: int, seed: int) -> Iterator[SmallCase]:
    """Yield small communities of which grids are out of range, until a number of them have been tried."""
    rng, graphs = np.random.default_rng(seed), list(list_graphs())
    made = 0
    for _ in range(MAX_TRIES):
        town, graph = graphs[int(rng.integers(len(graphs)))]
        case = make_case(town, graph, rng)
        if case is not None:
            made += 1
            yield case
        if made >= count:
            return


def list_graphs() -> Iterator[tuple[str, Graph]]:
    """Yield the graphs of the real towns with estates, and of invented towns."""
    invented = [(f"invented {households}", build_town(households)) for households in INVENTED_HOUSEHOLDS]
    real = [(path.stem, read_town(path)) for path in find_real_towns() if path.stem.startswith(("singapore", "olemps"))]
    for name, town in [*real, *invented]:
        for problem in partition_problems(town, build_land(town)):
            if len(problem.graph) >= MAX_ATOMS:
                yield name, problem.graph


def make_case(town: str, graph: Graph, rng: np.random.Generator) -> SmallCase | None:
    """Cut a small community out of a graph, partition it, and change households; None where that is no case."""
    small = graph.subgraph(cut_nodes(graph, int(rng.integers(MIN_ATOMS, MAX_ATOMS + 1)), rng))
    if small.weight.max() > MAX_CHANGED_ATOM or not PROFILE.is_partitionable(int(small.weight.sum())):
        return None
    plan = fresh_plan(small)
    if plan.max() == 0 or is_out_of_range(plan, small.weight):
        return None
    for _ in range(MAX_CHANGES):
        weight = change_households(small.weight, rng)
        if PROFILE.is_partitionable(int(weight.sum())) and is_out_of_range(plan, weight):
            return SmallCase(town, PresentGraph(replace(small, weight=weight), plan))
    return None


def cut_nodes(graph: Graph, size: int, rng: np.random.Generator) -> IntArray:
    """Return connected nodes around a random one."""
    nodes = np.array([rng.integers(len(graph))])
    while len(nodes) < size:
        beside = np.r_[graph.right[np.isin(graph.left, nodes)], graph.left[np.isin(graph.right, nodes)]]
        nodes = np.r_[nodes, np.setdiff1d(beside, nodes)[: size - len(nodes)]]
    return np.sort(nodes)


def change_households(weight: IntArray, rng: np.random.Generator) -> IntArray:
    """Return households of which a share has come or gone."""
    changed, wanted = weight.copy(), CHANGED_SHARE * weight.sum()
    while wanted > 0:
        node = int(rng.integers(len(weight)))
        households = min(round(changed[node] * rng.uniform(0.4, 1.7)), MAX_CHANGED_ATOM)
        wanted -= abs(households - changed[node])
        changed[node] = households
    return changed


def is_out_of_range(plan: IntArray, weight: IntArray) -> bool:
    """Return whether a grid is out of range."""
    return bool(count_out_of_range(np.bincount(plan, weight).astype(np.int64), PROFILE).any())


def compare_town(name: str, town: Town) -> Row:
    """Return the figures of a whole town: sound, changed, with locked grids, and from scratch."""
    land, settings = build_land(town), PartitionSettings()
    plan = partition_town(town, land, settings)
    codes = measure_grids(town, land, plan, PROFILE)["grid_code"].tolist()
    today = PresentPlan(plan.grid_of_cell, codes, plan.kind)
    sound = TownSearch(town, land, today, settings).find(SETTINGS).figures.moved
    weight = change_households(town.buildings["households"].to_numpy(dtype=np.int64), np.random.default_rng(SEED))
    changed = replace(town, buildings=town.buildings.assign(households=weight))
    search = TownSearch(changed, land, today, settings)
    before = search.measure(today.grid_of_cell, codes, plan.kind)
    clock = time.process_time()
    found = search.find(SETTINGS)
    seconds = time.process_time() - clock
    again = partition_town(changed, land, settings)
    fresh = search.measure(again.grid_of_cell, search.inherit_codes(again), again.kind)
    row: Row = {
        "town": name,
        "grids": len(plan),
        "households": int(weight.sum()),
        "out_before": before.out_of_range,
        "out": found.figures.out_of_range,
        "out_fresh": fresh.out_of_range,
        "moved": found.figures.moved,
        "fresh": fresh.moved,
        "border": found.figures.border_m / before.border_m,
        "sound": sound,
        "unlocked": count_changed_locks(changed, land, today, settings),
        "cpu_s": seconds,
    }
    print(row, file=sys.stderr, flush=True)
    return row


def count_changed_locks(town: Town, land: Any, today: PresentPlan, settings: PartitionSettings) -> int:
    """Return how many of the locked grids changed, where every third grid is locked."""
    locked = replace(today, locked=frozenset(today.codes[::3]))
    found = TownSearch(town, land, locked, settings).find(SETTINGS)
    after = np.array(found.codes, dtype=object)[found.plan.grid_of_cell]
    before = np.array(today.codes, dtype=object)[today.grid_of_cell]
    return len({code for code in locked.locked if not np.array_equal(before == code, after == code)})


if __name__ == "__main__":
    main()
