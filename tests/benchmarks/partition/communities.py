"""Small communities cut out of real towns: connected pieces of the graphs that gridmap partitions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tests.benchmarks.bench_partition import partition_problems

MIN_ATOMS, MAX_ATOMS = 24, 60
MIN_HOUSEHOLDS, MAX_HOUSEHOLDS = 900, 6_000
TRIES = 200


def town_graphs(town: Path) -> list[Any]:
    """Return the graphs that gridmap partitions in a town, as far as their atoms fit the range."""
    from gridmap.core.land.build import build_land
    from gridmap.core.plans.profile import Profile
    from gridmap.formats.package.town import read_town

    read = read_town(town)
    graphs = [problem.graph for problem in partition_problems(read, build_land(read))]
    profile = Profile()
    return [graph for graph in graphs if graph.weight.max() <= profile.maximum and len(graph) >= MIN_ATOMS]


def cut_communities(graphs: list[Any], count: int, seed: int) -> Iterator[Any]:
    """Yield connected pieces of graphs, of 24 to 60 atoms and a total that some number of grids fits."""
    from gridmap.core.plans.profile import Profile

    for number in range(count):
        generator = np.random.default_rng([seed, number])
        for _ in range(TRIES):
            graph = graphs[generator.integers(len(graphs))]
            nodes = _draw_piece(graph, int(generator.integers(MIN_ATOMS, MAX_ATOMS + 1)), generator)
            households = int(graph.weight[nodes].sum())
            is_usual = MIN_HOUSEHOLDS <= households <= MAX_HOUSEHOLDS and Profile().is_partitionable(households)
            if len(nodes) >= MIN_ATOMS and is_usual:
                yield graph.subgraph(nodes)
                break


def _draw_piece(graph: Any, size: int, generator: np.random.Generator) -> NDArray[np.int64]:
    """Return up to `size` nodes around a random one, in the order of a breadth-first search, sorted."""
    start = int(generator.integers(len(graph)))
    found, queue = {start: None}, [start]
    while queue and len(found) < size:
        node = queue.pop(0)
        around = np.concatenate([graph.right[graph.left == node], graph.left[graph.right == node]])
        fresh = [other for other in np.sort(around).tolist() if other not in found][: size - len(found)]
        found.update(dict.fromkeys(fresh))
        queue += fresh
    return np.sort(np.array(list(found)))
