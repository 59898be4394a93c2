"""Time and memory of a piece of work, measured in subprocesses, and the report of a benchmark."""

import json
import os
import platform
import resource
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from statistics import median
from typing import Any, TypeVar

from tests.fixtures.town_package import real_towns_dir

ResultT = TypeVar("ResultT")
Row = dict[str, Any]
REPOSITORY = Path(__file__).parents[3]


def measure(work: Callable[[], ResultT]) -> tuple[ResultT, Row]:
    """Do some work in this process; return its result with CPU seconds, wall seconds and peak memory in MB."""
    cpu, clock = time.process_time(), time.perf_counter()
    result = work()
    figures = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - clock}
    return result, {**figures, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def run_in_subprocesses(module: str, arguments: Sequence[str], runs: int) -> Row:
    """Run a module several times in turn; return the medians of the figures in the last line of its output."""
    rows = [_run_in_subprocess(module, arguments) for _ in range(runs)]
    failed = [row for row in rows if "error" in row]
    if failed:
        return failed[0]
    return {name: _median([row[name] for row in rows]) for name in rows[0]}


def _run_in_subprocess(module: str, arguments: Sequence[str]) -> Row:
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-m", module, *arguments]
    run = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=REPOSITORY)
    if run.returncode:
        return {"error": (run.stderr.strip().splitlines() or [f"exit code {run.returncode}"])[-1]}
    row: Row = json.loads(run.stdout.splitlines()[-1])
    return row


def _median(values: Sequence[Any]) -> Any:
    return median(values) if isinstance(values[0], float) else values[0]


def markdown_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Format rows as a Markdown table, numbers with four significant digits."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, ["---"] * len(names), *([_format_cell(row.get(name, "")) for name in names] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _format_cell(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def check_target(text: str, value: Any, is_met: bool) -> Row:
    """Return the row of a target; a target without a value is not met."""
    return {"target": text, "got": value, "met": bool(is_met and value is not None)}


def print_report(benchmark: str, rows: Sequence[Row], targets: Sequence[Row], *, as_json: bool) -> None:
    """Print the table and the targets, and with `as_json` one JSON object in the last line."""
    print(f"{benchmark}: Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors\n")
    print(markdown_table(rows))
    for one in targets:
        print(f"{'met   ' if one['met'] else 'MISSED'}  {one['target']}: {_format_cell(one['got'])}")
    if as_json:
        print(json.dumps({"bench": benchmark, "targets": list(targets), "rows": list(rows)}, ensure_ascii=False))


def find_real_towns(names: Iterable[str] = ()) -> list[Path]:
    """Return the town packages in the folder of real towns; print a line if there are none."""
    folder = real_towns_dir()
    candidates = [folder / f"{name}.gpkg" for name in names] or sorted(folder.glob("*.gpkg"))
    paths = [path for path in candidates if path.exists()]
    if not paths:
        print(f"skipped: no real towns in {folder}; set GRIDMAP_TOWNS to a folder of town packages")
    return paths
