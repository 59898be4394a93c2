"""Partitions of one graph by another library, in the environment of the peers.

Run by bench_peers: python peer_methods.py METHOD GRAPH.npz
The graph has arrays weight, left, right, cost and the number of grids. Each plan is a line with a JSON object on
standard output as soon as it is found, so that a method that is stopped keeps what it had.
"""

import json
import random
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np

MAXIMUM, TIGHT_ROOM = 500, 20
SEEDS, MANY_SEEDS, FEW_SEEDS = range(5), range(20), range(3)
COST_SCALE = 10
"""Costs become integers in tenths of a metre."""
GERRYCHAIN_DEVIATION = 0.2
KAHYPAR_WEIGHT_SCALE = 100
"""KaHyPar takes no node of weight 0: weights are scaled, and one is added."""
Graph = dict[str, Any]


def edge_costs(graph: Graph) -> Any:
    """Return the costs as positive integers."""
    return np.maximum(1, np.round(COST_SCALE * graph["cost"])).astype(np.int64)


def compressed_rows(graph: Graph) -> tuple[Any, Any, Any]:
    """Return start, neighbour and cost of the directed edges."""
    source, sink = np.r_[graph["left"], graph["right"]], np.r_[graph["right"], graph["left"]]
    order = np.lexsort((sink, source))
    start = np.searchsorted(source[order], np.arange(len(graph["weight"]) + 1))
    return start, sink[order], np.tile(edge_costs(graph), 2)[order]


def by_metis(graph: Graph) -> Iterator[Any]:
    """Contiguous k-way and recursive, twenty seeds each."""
    import pymetis  # type: ignore[import-untyped,unused-ignore]

    start, neighbour, cost = compressed_rows(graph)
    rows = {"xadj": start, "adjncy": neighbour, "vweights": graph["weight"], "eweights": cost}
    for recursive, options in ((False, {"contig": True, "ufactor": 200}), (True, {"ufactor": 30})):
        for seed in MANY_SEEDS:
            chosen = pymetis.Options(seed=seed, **options)
            yield pymetis.part_graph(int(graph["count"]), **rows, recursive=recursive, options=chosen)[1]


def by_kahip(graph: Graph) -> Iterator[Any]:
    """KaFFPa in its mode `eco`, five seeds, imbalance of a tenth and a fifth."""
    import kahip  # type: ignore[import-not-found]

    start, neighbour, cost = (each.tolist() for each in compressed_rows(graph))
    for seed in SEEDS:
        for imbalance in (0.1, 0.2):
            weight = graph["weight"].tolist()
            yield kahip.kaffpa(weight, start, cost, neighbour, int(graph["count"]), imbalance, True, seed, kahip.ECO)[1]


def by_mtkahypar(preset: str) -> Callable[[Graph], Iterator[Any]]:
    """Return the method of a preset, with an upper bound for each block: the maximum, and a tighter one."""

    def partition(graph: Graph) -> Iterator[Any]:
        import mtkahypar  # type: ignore[import-not-found]

        library = mtkahypar.initialize(1)
        edges = list(zip(graph["left"].tolist(), graph["right"].tolist(), strict=True))
        count, total = int(graph["count"]), int(graph["weight"].sum())
        for seed in SEEDS:
            for bound in sorted({MAXIMUM, max(460, -(-total // count) + TIGHT_ROOM)}):
                if bound * count < total:
                    continue
                mtkahypar.set_seed(seed)
                context = library.context_from_preset(getattr(mtkahypar.PresetType, preset))
                context.logging = False
                context.set_partitioning_parameters(count, 0.03, mtkahypar.Objective.CUT)
                context.set_individual_target_block_weights([bound] * count)
                sizes = len(graph["weight"]), len(edges)
                weights = graph["weight"].tolist(), edge_costs(graph).tolist()
                yield library.create_graph(context, *sizes, edges, *weights).partition(context).get_partition()

    return partition


def by_kahypar(graph: Graph) -> Iterator[Any]:
    """Direct k-way with flows, three seeds, an upper bound for each block."""
    import kahypar  # type: ignore[import-not-found]

    size, edges, count = len(graph["weight"]), len(graph["left"]), int(graph["count"])
    pins = np.stack([graph["left"], graph["right"]], 1).ravel().tolist()
    weight = (KAHYPAR_WEIGHT_SCALE * graph["weight"] + 1).tolist()
    for seed in FEW_SEEDS:
        position = list(range(0, 2 * edges + 1, 2))
        hypergraph = kahypar.Hypergraph(size, edges, position, pins, count, edge_costs(graph).tolist(), weight)
        context = kahypar.Context()
        context.loadINIconfiguration(str(Path(__file__).with_name("kahypar.ini")))
        context.setK(count)
        context.setEpsilon(0.03)
        context.setSeed(seed)
        context.suppressOutput(True)
        context.setCustomTargetBlockWeights([KAHYPAR_WEIGHT_SCALE * MAXIMUM - MAXIMUM] * count)
        kahypar.partition(hypergraph, context)
        yield [hypergraph.blockID(node) for node in range(size)]


def by_gerrychain(graph: Graph) -> Iterator[Any]:
    """Recursive cuts of random spanning trees, three seeds."""
    import networkx as nx  # type: ignore[import-untyped,unused-ignore]
    from gerrychain import Graph as Chain  # type: ignore[import-not-found]
    from gerrychain.tree import recursive_tree_part  # type: ignore[import-not-found]

    net = nx.Graph()
    for node, households in enumerate(graph["weight"].tolist()):
        net.add_node(node, households=households)
    net.add_edges_from(zip(graph["left"].tolist(), graph["right"].tolist(), strict=True))
    count, chain = int(graph["count"]), Chain.from_networkx(net)
    mean = graph["weight"].sum() / count
    for seed in FEW_SEEDS:
        random.seed(seed)
        plan = recursive_tree_part(chain, range(count), mean, "households", GERRYCHAIN_DEVIATION)
        yield [plan[node] for node in range(len(graph["weight"]))]


METHODS: dict[str, Callable[[Graph], Iterator[Any]]] = {
    "METIS": by_metis,
    "KaHIP": by_kahip,
    "KaHyPar": by_kahypar,
    "Mt-KaHyPar default": by_mtkahypar("DEFAULT"),
    "Mt-KaHyPar quality": by_mtkahypar("QUALITY"),
    "GerryChain": by_gerrychain,
}


def main() -> None:
    """Print every plan that a method finds."""
    with np.load(sys.argv[2]) as arrays:
        graph = dict(arrays)
    start = time.process_time()
    for plan in METHODS[sys.argv[1]](graph):
        print(json.dumps({"plan": [int(grid) for grid in plan], "cpu_s": time.process_time() - start}), flush=True)


if __name__ == "__main__":
    main()
