"""Cost of borders beside other libraries, by community: same graphs, same costs, as many grids as gridmap's plan.

Run with the development environment:
.venv/bin/python -m tests.benchmarks.partition.bench_peers [--quick] [--json] [TOWN ...]
Towns are a number of households, for an invented town, or town packages; without any 3000, 30000 and the real towns
named below. Peers are installed from requirements-peers.lock into an environment of their own, and each has a limit of
CPU seconds a community. A plan is usable where all its grids are in range and contiguous, as the peer made it or after
pieces have joined the neighbour with the costliest border. Of all tries of a peer, the cheapest usable one counts.
"""

import argparse
import json
import resource
import subprocess
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.bench_partition import MAXIMUM, MINIMUM, partition_problems, town_file
from tests.benchmarks.harness.measure import Row, check_target, find_real_towns, print_report
from tests.benchmarks.harness.peer_server import install_peer

METHODS = ("METIS", "KaHIP", "KaHyPar", "Mt-KaHyPar default", "Mt-KaHyPar quality", "GerryChain")
INVENTED_TOWNS = ("3000", "30000")
REAL_TOWNS = ("cambridge", "olemps", "singapore_amk", "singapore_ct", "singapore_qt", "singapore_tap", "singapore_tp")
LIMIT_S = 20
MAX_RATIO, MAX_COMMUNITY_RATIO = 0.87, 1.03
MAX_REPAIRS = 20
Ints = NDArray[np.int64]


def border_cost(graph: Any, plan: Ints) -> float:
    """Return the cost of all borders of a plan."""
    return float(graph.cost[plan[graph.left] != plan[graph.right]].sum())


def label_pieces(graph: Any, plan: Ints) -> Ints:
    """Return the contiguous piece of each node."""
    from gridmap.core.labels import label_components

    inside = plan[graph.left] == plan[graph.right]
    return label_components(len(graph), graph.left[inside], graph.right[inside])


def is_usable(graph: Any, plan: Ints) -> bool:
    """Return whether all grids are in range and contiguous."""
    households = np.bincount(plan, graph.weight)
    is_whole = label_pieces(graph, plan).max() == plan.max()
    return bool(is_whole and ((households >= MINIMUM) & (households <= MAXIMUM)).all())


def join_pieces(graph: Any, plan: Ints) -> Ints:
    """Return the plan after all but the heaviest piece of each grid have joined the neighbour with most border."""
    for _ in range(MAX_REPAIRS):
        piece = label_pieces(graph, plan)
        if piece.max() == plan.max():
            break
        plan = _number(_join_once(graph, plan, piece))
    return plan


def _join_once(graph: Any, plan: Ints, piece: Ints) -> Ints:
    households = np.bincount(piece, graph.weight) + 1e-3
    grid = plan[np.unique(piece, return_index=True)[1]]
    order = np.lexsort((households, grid))
    is_loose = np.ones(len(grid), dtype=bool)
    is_loose[order[np.append(grid[order][1:] != grid[order][:-1], True)]] = False
    source, sink = np.r_[graph.left, graph.right], np.r_[graph.right, graph.left]
    chosen = is_loose[piece[source]] & ~is_loose[piece[sink]]
    shared = np.zeros((len(grid), plan.max() + 1))
    np.add.at(shared, (piece[source[chosen]], plan[sink[chosen]]), np.tile(graph.cost, 2)[chosen] + 1e-6)
    joined = plan.copy()
    moves = is_loose[piece] & (shared[piece].max(axis=1) > 0)
    joined[moves] = shared[piece[moves]].argmax(axis=1)
    return joined


def _number(plan: Ints) -> Ints:
    return np.unique(plan, return_inverse=True)[1].astype(np.int64)


def limit_cpu_time(seconds: int) -> None:
    """Limit the CPU time of a child process."""
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds + 1))


def peer_plans(python: Path, method: str, arrays: Path) -> Iterator[tuple[Ints, float]]:
    """Yield the plans of a peer within its limit, and its CPU seconds until then."""
    script = Path(__file__).with_name("peer_methods.py")
    run = subprocess.run(
        [str(python), str(script), method, str(arrays)],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=partial(limit_cpu_time, LIMIT_S),
    )
    for line in run.stdout.splitlines():
        if line.startswith('{"plan"') and line.endswith("}"):
            found = json.loads(line)
            yield _number(np.array(found["plan"])), float(found["cpu_s"])


def measure_peer(graph: Any, python: Path, method: str, arrays: Path) -> tuple[float, float]:
    """Return the cost of the cheapest usable plan of a peer, infinite without one, and its CPU seconds."""
    best, used = np.inf, 0.0
    for plan, used in peer_plans(python, method, arrays):  # noqa: B007
        for candidate in (plan, join_pieces(graph, plan)):
            if is_usable(graph, candidate):
                best = min(best, border_cost(graph, candidate))
    return best, used


def measure_community(graph: Any, python: Path, folder: Path) -> Row:
    """Return the cost of gridmap's borders, and of each peer's divided into it."""
    from gridmap.core.partition.search import build_objective, partition_graph
    from gridmap.core.plans.profile import CostWeights, Profile

    start = time.process_time()
    plan = partition_graph(graph, build_objective(Profile(), CostWeights(), int(graph.weight.sum())), 0).grid
    row: Row = {"grids": int(plan.max() + 1), "cost": border_cost(graph, plan), "usable": is_usable(graph, plan)}
    row["cpu_s"] = time.process_time() - start
    arrays = folder / "graph.npz"
    np.savez(arrays, weight=graph.weight, left=graph.left, right=graph.right, cost=graph.cost, count=row["grids"])
    for method in METHODS:
        cost, row[f"{method} cpu_s"] = measure_peer(graph, python, method, arrays)
        row[method] = row["cost"] / cost
    row["ratio"] = max(row[method] for method in METHODS)
    return row


def town_communities(town: Path) -> Iterator[tuple[str, Any]]:
    """Yield the graphs of a town that have two grids or more, and no atom above the maximum."""
    from gridmap.core.land.build import build_land
    from gridmap.core.plans.profile import Profile
    from gridmap.formats.package.town import read_town

    read = read_town(town)
    for number, problem in enumerate(partition_problems(read, build_land(read))):
        households = int(problem.graph.weight.sum())
        if problem.graph.weight.max() <= MAXIMUM < households and Profile().is_partitionable(households):
            yield f"{town.stem} {number}", problem.graph


def summarise(rows: list[Row]) -> Row:
    """Return the ratio of sums over communities where some peer has a usable plan, and the CPU seconds of all."""
    compared = [row for row in rows if row["ratio"] > 0]
    own, peers = sum(row["cost"] for row in compared), sum(row["cost"] / row["ratio"] for row in compared)
    names = ("cpu_s", *(f"{method} cpu_s" for method in METHODS))
    return {
        "community": "all",
        "grids": sum(row["grids"] for row in rows),
        "compared": len(compared),
        "ratio": own / peers if peers else None,
        "worst": max((row["ratio"] for row in compared), default=None),
        "dearer": sum(row["ratio"] > 1 for row in compared),
        **{name: float(sum(row[name] for row in rows)) for name in names},
    }


def check_targets(total: Row) -> list[Row]:
    """Check the sums and the worst community."""
    ratio, worst = total["ratio"], total["worst"]
    return [
        check_target(f"borders at most {MAX_RATIO} of the cheapest usable peer", ratio, (ratio or 9) <= MAX_RATIO),
        check_target(f"no community above {MAX_COMMUNITY_RATIO}", worst, (worst or 9) <= MAX_COMMUNITY_RATIO),
    ]


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("towns", nargs="*", metavar="TOWN", help="households of an invented town, or a town package")
    parser.add_argument("--quick", action="store_true", help="only the smallest invented town")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    chosen = parser.parse_args()
    usual = [*INVENTED_TOWNS[:1]] if chosen.quick else [*INVENTED_TOWNS, *map(str, find_real_towns(REAL_TOWNS))]
    python = install_peer()
    with tempfile.TemporaryDirectory() as folder:
        rows = [
            {"community": name, **measure_community(graph, python, Path(folder))}
            for town in chosen.towns or usual
            for name, graph in town_communities(town_file(town, Path(folder)))
        ]
    total = summarise(rows)
    print_report("peers", [*rows, total], check_targets(total), as_json=chosen.json)


if __name__ == "__main__":
    main()
