"""Command line of the benchmarks of imports: a database for the time of the measurement, and the report."""

import argparse
import os
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap.store.session import Database
from tests.benchmarks.harness.cpu_time import tree_cpu_s
from tests.benchmarks.harness.measure import Row, print_report
from tests.fixtures import postgis


@dataclass(frozen=True)
class ImportBenchmark:
    """A benchmark of an import.

    Parameters
    ----------
    name : str
        Name of the report.
    rows : str
        Name of the option for the number of rows.
    count, quick_count : int
        Rows by default, and with ``--quick``.
    measure : callable
        Takes an empty database, a folder and the number of rows; returns the figures.
    check : callable
        Returns the targets for the figures.
    """

    name: str
    rows: str
    count: int
    quick_count: int
    measure: Callable[[Database, Path, int], Row]
    check: Callable[[Row], list[Row]]

    def main(self) -> None:
        """Measure, and print the report."""
        parser = argparse.ArgumentParser()
        parser.add_argument(f"--{self.rows}", type=int, default=self.count, dest="count")
        parser.add_argument("--quick", action="store_true")
        parser.add_argument("--json", action="store_true")
        options = parser.parse_args()
        row = self._measure(self.quick_count if options.quick else options.count)
        print_report(self.name, [row], self.check(row), as_json=options.json)

    def _measure(self, count: int) -> Row:
        postgis.set_environment()
        with tempfile.TemporaryDirectory() as folder, postgis.shared_server() as cluster:
            os.environ["GRIDMAP_HOME"] = folder
            with postgis.temporary_database(cluster) as url:
                database = Database(url, trusted=True)
                row = self.measure(database, Path(folder), count)
                database.close()
        return row


def cpu_s(driver: Any) -> float:
    """Return the CPU seconds of this process with its children, and of the database process of a connection."""
    return tree_cpu_s([os.getpid(), driver.info.backend_pid])
