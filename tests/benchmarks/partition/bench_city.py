"""Partition of a city by community on the workers of a Dask scheduler, beside this process alone.

Run with the development environment:
.venv/bin/python -m tests.benchmarks.partition.bench_city [--quick] [--json] [--households N] [--workers N ...]
A scheduler and its workers run on this machine, reached by TLS as those of an office are. Communities of an invented
town are sent as jobs send them, each with its land. The work is CPU seconds of the workers; plans must be equal to
those of one process. Land is built once before, and not measured here.
"""

import argparse
import os
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from gridmap.core.labels import renumber_nodes
from gridmap.core.land.borders import Borders
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town, select_communities
from gridmap.core.plans.profile import Profile
from gridmap.demo import build_town
from gridmap.jobs import dask_cluster
from gridmap.services.plans.partitions.partition_all_job import PartitionTask, partition_one
from tests.benchmarks.harness.measure import Row, check_target, print_report
from tests.jobs.office_cluster import open_office_cluster

HOUSEHOLDS, QUICK_HOUSEHOLDS, HOUSEHOLDS_OF_CITY = 1_000_000, 12_000, 10_000_000
MAX_WORK_GROWTH = 1.1


def community_tasks(town: Town, land: LandCoverage) -> Iterator[PartitionTask]:
    """Yield the task of each community, as the job makes it of stored land."""
    for community in range(len(town.communities)):
        part = select_communities(town, np.array([community]))
        yield PartitionTask(part, community_land(town, land, community), Profile(), seed=1)


def community_land(town: Town, land: LandCoverage, community: int) -> LandCoverage:
    """Return the land of one community."""
    cells, borders = np.flatnonzero(land.community == community), land.borders
    buildings = np.flatnonzero(town.buildings["community"].to_numpy() == community)
    cell, building = renumber_nodes(cells, len(land.cells)), renumber_nodes(buildings, len(town.buildings))
    inside = (cell[borders.left] >= 0) & (cell[borders.right] >= 0)
    parts = land.detached_parts[building[land.detached_parts[:, 0]] >= 0]
    return LandCoverage(
        cells=land.cells[cells],
        community=np.zeros(len(cells), dtype=np.int64),
        dedicated=land.dedicated[cells],
        water=land.water[cells],
        cell_of_building=cell[land.cell_of_building[buildings]],
        detached_parts=np.stack([building[parts[:, 0]], cell[parts[:, 1]]], axis=1),
        borders=Borders(
            cell[borders.left[inside]],
            cell[borders.right[inside]],
            borders.length[inside],
            borders.walkable[inside],
        ),
    )


def partition_here(tasks: Sequence[PartitionTask]) -> tuple[list[Any], Row]:
    """Partition all communities in this process."""
    cpu = time.process_time()
    plans = [partition_one(task) for task in tasks]
    work = time.process_time() - cpu
    return plans, {"workers": "none", "work_cpu_s": work, "busiest_cpu_s": work, "peak_mb": "", "equal": True}


def partition_on_workers(tasks: Sequence[PartitionTask], workers: int, expected: list[Any]) -> Row:
    """Partition all communities on workers of a scheduler; each has loaded its modules before."""
    with tempfile.TemporaryDirectory() as folder, open_office_cluster(Path(folder), workers) as cluster:
        os.environ.update(cluster.variables)
        dask_cluster.map_tasks(partition_one, list(tasks[:2]) * workers, lambda _done: None)
        with dask_cluster.connect(len(tasks)) as client:
            before = client.run(time.process_time)
        plans = dask_cluster.map_tasks(partition_one, tasks, lambda _done: None)
        with dask_cluster.connect(len(tasks)) as client:
            after, peaks = client.run(time.process_time), client.run(peak_memory_mb)
    work = [after[address] - before[address] for address in after]
    return {
        "workers": str(workers),
        "work_cpu_s": sum(work),
        "busiest_cpu_s": max(work),
        "peak_mb": max(peaks.values()),
        "equal": plans == expected,
    }


def peak_memory_mb() -> float:
    """Return the peak resident size of this process."""
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def check_targets(rows: Sequence[Row]) -> list[Row]:
    """Check that plans are equal, and that more workers do not make more work."""
    alone = float(rows[0]["work_cpu_s"])
    found = []
    for row in rows[1:]:
        growth = float(row["work_cpu_s"]) / alone
        name = f"{row['workers']} workers"
        found.append(check_target(f"{name}: the plans of one process", row["equal"], bool(row["equal"])))
        text = f"{name}: at most {MAX_WORK_GROWTH:g} times the CPU seconds of one process"
        found.append(check_target(text, growth, growth <= MAX_WORK_GROWTH))
    return found


def main() -> None:
    """Read the command line, measure, print the report."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=HOUSEHOLDS, help="households of the invented town")
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2, 4], help="numbers of workers to measure")
    parser.add_argument("--quick", action="store_true", help="a small town and two workers")
    parser.add_argument("--json", action="store_true", help="one JSON object in the last line")
    chosen = parser.parse_args()
    if chosen.quick:
        chosen.households, chosen.workers = QUICK_HOUSEHOLDS, [2]
    town = build_town(chosen.households)
    tasks = list(community_tasks(town, build_land(town)))
    partition_one(tasks[0])
    plans, row = partition_here(tasks)
    rows = [row, *(partition_on_workers(tasks, workers, plans) for workers in chosen.workers)]
    factor = HOUSEHOLDS_OF_CITY / chosen.households
    print(f"work of {HOUSEHOLDS_OF_CITY} households, calculated: {factor * float(row['work_cpu_s']):.0f} s of CPU")
    print_report("city", rows, check_targets(rows), as_json=chosen.json)


if __name__ == "__main__":
    main()
