"""Time and memory of a piece of work, each run in a process of its own; shared by the benches beside this file."""

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

ResultT = TypeVar("ResultT")
Row = dict[str, Any]


def measure(work: Callable[[], ResultT]) -> tuple[ResultT, Row]:
    """Do some work in this process; with it come CPU seconds, seconds on the clock and the peak of memory in MB."""
    cpu, clock = time.process_time(), time.perf_counter()
    result = work()
    figures = {"cpu_s": time.process_time() - cpu, "wall_s": time.perf_counter() - clock}
    return result, {**figures, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}


def run_in_subprocesses(script: str, arguments: Sequence[str], runs: int) -> Row:
    """Run a script so many times, one after the other; the medians of what it tells, in its last line, as JSON."""
    rows = [_run_in_subprocess(script, arguments) for _ in range(runs)]
    broken = [row for row in rows if "error" in row]
    if broken:
        return broken[0]
    return {name: _median([row[name] for row in rows]) for name in rows[0]}


def _run_in_subprocess(script: str, arguments: Sequence[str]) -> Row:
    alone = {**os.environ, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    told = subprocess.run([sys.executable, script, *arguments], capture_output=True, text=True, check=False, env=alone)
    if told.returncode:
        return {"error": (told.stderr.strip().splitlines() or [f"exit code {told.returncode}"])[-1]}
    row: Row = json.loads(told.stdout.splitlines()[-1])
    return row


def _median(values: Sequence[Any]) -> Any:
    return median(values) if isinstance(values[0], float) else values[0]


def markdown_table(rows: Sequence[Mapping[str, Any]]) -> str:
    """Rows as a Markdown table; figures with as many digits as say something."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    lines = [names, ["---"] * len(names), *([_format_cell(row.get(name, "")) for name in names] for row in rows)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _format_cell(value: Any) -> str:
    if not isinstance(value, float):
        return str(value)
    return f"{value:.4g}" if abs(value) < 1000 else f"{value:.0f}"


def check_target(text: str, value: Any, is_met: bool) -> Row:
    """One target with what was got; `is_met` is never taken for granted: nothing got is not met."""
    return {"target": text, "got": value, "met": bool(is_met and value is not None)}


def print_report(benchmark: str, rows: Sequence[Row], targets: Sequence[Row], *, as_json: bool) -> None:
    """Print the table and the targets, and if asked for one JSON object in the last line."""
    print(f"{benchmark}: Python {platform.python_version()}, {platform.machine()}, {os.cpu_count()} processors\n")
    print(markdown_table(rows))
    for one in targets:
        print(f"{'met   ' if one['met'] else 'MISSED'}  {one['target']}: {_format_cell(one['got'])}")
    if as_json:
        print(json.dumps({"bench": benchmark, "targets": list(targets), "rows": list(rows)}, ensure_ascii=False))


def find_real_towns(names: Iterable[str] = ()) -> list[Path]:
    """Town packages in GRIDMAP_TOWNS, by default shared/towns beside the checkout; says so if there are none."""
    beside = Path(__file__).resolve().parent.parent.parent / "shared" / "towns"
    folder = Path(os.environ.get("GRIDMAP_TOWNS", beside))
    wanted = [folder / f"{name}.gpkg" for name in names] or sorted(folder.glob("*.gpkg"))
    found = [path for path in wanted if path.exists()]
    if not found:
        print(f"skipped: no real towns in {folder}; set GRIDMAP_TOWNS to a folder of town packages")
    return found
