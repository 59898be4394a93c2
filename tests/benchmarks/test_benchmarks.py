"""Smoke tests of the benchmarks: they run and end with a JSON object."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[2]


def run_benchmark(name: str, town: str) -> Any:
    """Run a benchmark and return the JSON object in the last line of its output."""
    command = [sys.executable, "-m", f"tests.benchmarks.{name}", "--quick", "--json", town]
    run = subprocess.run(command, capture_output=True, text=True, check=True, cwd=REPOSITORY)
    return json.loads(run.stdout.splitlines()[-1])


def test_the_land_can_be_measured() -> None:
    land = run_benchmark("bench_land", "400")
    assert [set(one) for one in land["targets"]] == [{"target", "got", "met"}] * 3
    assert land["rows"][0]["valid"]
    assert land["rows"][0]["slivers"] == 0


def test_the_partition_can_be_measured() -> None:
    partition = run_benchmark("bench_partition", "1600")
    assert [set(one) for one in partition["targets"]] == [{"target", "got", "met"}] * 2
    assert partition["rows"][0]["unexplained"] == 0
    assert partition["rows"][0]["partition_cpu_s"] > 0
