"""The measurements run and end with an object that machines can read."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

SCRIPTS = Path(__file__).parent.parent / "scripts"


def run_benchmark(benchmark: str, town: str) -> Any:
    """What a bench says in its last line."""
    command = [sys.executable, str(SCRIPTS / benchmark), "--quick", "--json", town]
    return json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout.splitlines()[-1])


def test_the_land_can_be_measured() -> None:
    land = run_benchmark("bench_land.py", "400")
    assert [set(one) for one in land["targets"]] == [{"target", "got", "met"}] * 3
    assert land["rows"][0]["valid"]
    assert land["rows"][0]["slivers"] == 0


def test_the_partition_can_be_measured() -> None:
    partition = run_benchmark("bench_partition.py", "1600")
    assert [set(one) for one in partition["targets"]] == [{"target", "got", "met"}] * 2
    assert partition["rows"][0]["unexplained"] == 0
    assert partition["rows"][0]["partition_cpu_s"] > 0
