"""Cost of gridmap's plans above the proven optimum, for small communities cut out of real towns.

Run with the development environment:
.venv/bin/python -m tests.benchmarks.partition.bench_optimum [--quick] [--json] [TOWN.gpkg ...]
Half of the communities come from seeds that were used while the search was tuned, half from seeds that were not.
Communities with too many sets for a proof, and those that no plan keeps within the range, are counted and left out.
"""

import argparse
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.harness.measure import Row, check_target, find_real_towns, print_report
from tests.benchmarks.partition.communities import cut_communities, town_graphs
from tests.benchmarks.partition.exact import ExactResult, find_optimum

TOWNS = ("singapore_amk", "singapore_ct", "singapore_qt", "singapore_tap", "singapore_tp")
TUNED_SEEDS, FRESH_SEEDS = (1, 2), (20_261_130, 20_261_131)
COMMUNITIES_OF_A_SEED = 8
MAX_MEAN_GAP_PCT, MAX_GAP_PCT, MIN_PROVEN = 0.25, 3.0, 60


def measure_seeds(graphs: dict[str, list[Any]], seeds: tuple[int, ...], count: int) -> list[Row]:
    """Return a row for each community of some seeds."""
    return [
        {"town": town, "seed": seed, **measure_community(graph)}
        for town, found in graphs.items()
        for seed in seeds
        for graph in cut_communities(found, count, seed)
    ]


def measure_community(graph: Any) -> Row:
    """Return the result of the proof, and the gap of each effort in percent, with its CPU seconds."""
    from gridmap.core.partition.search import build_objective
    from gridmap.core.plans.profile import CostWeights, Profile
    from gridmap.core.vocabulary import SearchEffort

    objective = build_objective(Profile(), CostWeights(), int(graph.weight.sum()))
    row: Row = {"atoms": len(graph), "households": int(graph.weight.sum())}
    start = time.process_time()
    optimum = find_optimum(graph, objective)
    row |= {"proof": optimum.status, "proof_s": time.process_time() - start}
    if optimum.status != "optimal":
        return row
    gaps = [measure_gap(graph, objective, optimum, effort) for effort in SearchEffort]
    return row | {name: value for gap in gaps for name, value in gap.items()}


def measure_gap(graph: Any, objective: Any, optimum: ExactResult, effort: Any) -> Row:
    """Return gap, grids out of range, and CPU seconds of one effort."""
    from gridmap.core.partition.search import partition_graph
    from gridmap.core.partition.trees import plan_cost

    start = time.process_time()
    plan = partition_graph(graph, objective, 0, effort).grid
    used = time.process_time() - start
    cost, least = (plan_cost(graph.edge_list(), graph.weight, each, objective) for each in (plan, optimum.plan))
    sums = np.bincount(plan, graph.weight)
    out = int(((sums < objective.minimum) | (sums > objective.maximum)).sum())
    return {f"{effort}_gap_pct": 100 * (cost / least - 1), f"{effort}_out": out, f"{effort}_s": used}


def summarise(label: str, rows: list[Row]) -> Row:
    """Return means and worst gaps of the communities with a proven optimum."""
    proven = [row for row in rows if row["proof"] == "optimal"]
    summary: Row = {"seeds": label, "communities": len(rows), **Counter(row["proof"] for row in rows)}
    for effort in ("default", "fast") if proven else ():
        gaps = np.array([row[f"{effort}_gap_pct"] for row in proven])
        summary |= {
            f"{effort}_mean_pct": float(gaps.mean()),
            f"{effort}_worst_pct": float(gaps.max()),
            f"{effort}_optimal": int((gaps < 1e-6).sum()),
            f"{effort}_missed": sum(row[f"{effort}_out"] > 0 for row in proven),
            f"{effort}_cpu_s": float(sum(row[f"{effort}_s"] for row in proven)),
        }
    return summary


def check_targets(every: Row) -> list[Row]:
    """Check the figures of all communities together."""
    mean, worst = every.get("default_mean_pct"), every.get("default_worst_pct")
    proven, missed = every.get("optimal", 0), every.get("default_missed")
    return [
        check_target(f"at least {MIN_PROVEN} proven optima", proven, proven >= MIN_PROVEN),
        check_target(f"mean gap at most {MAX_MEAN_GAP_PCT} %", mean, mean is not None and mean <= MAX_MEAN_GAP_PCT),
        check_target(f"worst gap at most {MAX_GAP_PCT} %", worst, worst is not None and worst <= MAX_GAP_PCT),
        check_target("communities out of range without need: 0", missed, missed == 0),
    ]


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("towns", nargs="*", metavar="TOWN", help="town packages with towers")
    parser.add_argument("--quick", action="store_true", help="one community of each town and seed")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    chosen = parser.parse_args()
    towns = [Path(town) for town in chosen.towns] or find_real_towns(TOWNS)
    graphs = {town.stem: town_graphs(town) for town in towns}
    count = 1 if chosen.quick else COMMUNITIES_OF_A_SEED
    tuned, fresh = (measure_seeds(graphs, seeds, count) for seeds in (TUNED_SEEDS, FRESH_SEEDS))
    rows = [summarise("tuned", tuned), summarise("fresh", fresh), summarise("all", tuned + fresh)]
    print_report("optimum", rows, check_targets(rows[-1]), as_json=chosen.json)


if __name__ == "__main__":
    main()
