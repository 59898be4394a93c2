"""Smoke tests of the benchmarks: they run and end with a JSON object."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gridmap.core.partition.graph import Graph
from gridmap.core.partition.search import build_objective
from gridmap.core.plans.profile import CostWeights, Profile
from gridmap.services.files.demo_town import write_demo_town
from tests.benchmarks.partition.exact import find_optimum
from tests.formats.small_layers import write_layer

REPOSITORY = Path(__file__).parents[2]


def run_benchmark(name: str, *towns: str) -> Any:
    """Run a benchmark and return the JSON object in the last line of its output."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--quick", "--json", *towns]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return json.loads(run.stdout.splitlines()[-1])


@pytest.mark.full
def test_the_land_can_be_measured() -> None:
    land = run_benchmark("bench_land", "400")
    assert [set(one) for one in land["targets"]] == [{"target", "got", "met"}] * 3
    assert land["rows"][0]["valid"]
    assert land["rows"][0]["slivers"] == 0


@pytest.mark.full
def test_the_partition_can_be_measured() -> None:
    partition = run_benchmark("bench_partition", "1600")
    assert [set(one) for one in partition["targets"]] == [{"target", "got", "met"}] * 2
    assert partition["rows"][0]["unexplained"] == 0
    assert partition["rows"][0]["partition_cpu_s"] > 0


@pytest.mark.full
def test_partitions_can_be_compared_with_the_optimum(tmp_path: Path) -> None:
    town = tmp_path / "towers.gpkg"
    write_demo_town(town, 3_000)
    every = run_benchmark("partition.bench_optimum", str(town))["rows"][-1]
    assert every["communities"] == 4


@pytest.mark.full
def test_workers_of_a_scheduler_make_the_plans_of_one_process() -> None:
    city = run_benchmark("partition.bench_city")
    assert [row["workers"] for row in city["rows"]] == ["none", "2"]
    assert city["rows"][1]["equal"]
    assert 0 < city["rows"][1]["busiest_cpu_s"] < city["rows"][1]["work_cpu_s"]


def test_the_proven_optimum_of_a_row_is_found() -> None:
    """Two grids of 400 cost one border of 1 m; 300 and 500 would cost 20 m more for their sizes."""
    row = Graph(np.full(8, 100), np.arange(7), np.arange(1, 8), np.ones(7))
    found = find_optimum(row, build_objective(Profile(), CostWeights(), 800))
    assert (found.status, np.bincount(found.plan).tolist()) == ("optimal", [4, 4])
    assert found.cost == pytest.approx(1.0)


def test_a_row_without_a_plan_within_the_range_is_known_to_have_none() -> None:
    row = Graph(np.array([400, 250, 400]), np.arange(2), np.arange(1, 3), np.ones(2))
    assert find_optimum(row, build_objective(Profile(), CostWeights(), 1_050)).status == "infeasible"


@pytest.mark.full
def test_counts_and_points_of_the_heatmap_contain_the_same_incidents() -> None:
    heatmap = run_benchmark("bench_heatmap")
    assert [set(one) for one in heatmap["targets"]] == [{"target", "got", "met"}] * 4
    by_span = {
        span: [row["incidents"] for row in heatmap["rows"] if row["span"] == span] for span in ("all", "90 days")
    }
    assert {span: len(set(counts)) for span, counts in by_span.items()} == {"all": 1, "90 days": 1}
    assert by_span["all"][0] > 100_000


@pytest.mark.full
def test_searches_can_be_measured() -> None:
    search = run_benchmark("people.bench_search")
    assert {row["search"] for row in search["rows"]} >= {"first", "letters", "resident", "tower", "list of homes"}
    assert all(0 < row["median_ms"] <= row["worst_ms"] for row in search["rows"])


@pytest.mark.full
def test_a_load_of_buildings_can_be_measured() -> None:
    (row,) = run_benchmark("imports.bench_buildings")["rows"]
    assert row["rows"] == 4000
    assert row["ratio"] == pytest.approx(row["to_postgis_cpu_s"] / (row["read_and_check_cpu_s"] + row["write_cpu_s"]))


@pytest.mark.full
def test_files_of_a_folder_can_be_measured(tmp_path: Path) -> None:
    write_layer(tmp_path / "a.gpkg", "GPKG")
    command = [
        sys.executable,
        "-m",
        "tests.benchmarks.real_files",
        str(tmp_path),
        "--json",
        str(tmp_path / "runs.jsonl"),
    ]
    subprocess.run(command, capture_output=True, check=True, cwd=REPOSITORY)
    runs = [json.loads(line) for line in (tmp_path / "runs.jsonl").read_text("utf-8").splitlines()]
    assert [run["command"] for run in runs] == ["inspect", "check", "check", "check", "repair", "partition"]
    assert {run["exit_code"] for run in runs} <= {0, 1, 2, 3}
