"""Read one sheet in a process of its own and write the answer, and what the process of the reader used, as JSON.

The peak memory of a process includes that of the process that started it, up to the moment it was started. Between a
large test run and the reader there is therefore this small process, which measures the reader only.
"""

import json
import resource
import sys
from datetime import date
from pathlib import Path

from gridmap.core.errors import InvalidInput
from gridmap.formats.intake.source_file import InputSource
from gridmap.formats.sheets.isolation import read_isolated
from gridmap.formats.sheets.kinds import RESIDENTS

TODAY = date(2026, 3, 1)


def read_or_refuse(path: Path, time_limit_s: float) -> list[str]:
    """Return the faults of a file, or of its rows; the number of its rows if none has one, which is one at most."""
    try:
        rows = read_isolated(InputSource(path), RESIDENTS, TODAY, time_limit_s=time_limit_s)
    except InvalidInput as error:
        return [str(fault.problem) for fault in error.faults]
    return [str(each.message) for each in rows.problems] or [f"{len(rows)} rows"][: len(rows) < 2]


def main() -> None:
    answer = read_or_refuse(Path(sys.argv[1]), float(sys.argv[2]))
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    used = {"cpu_s": usage.ru_utime + usage.ru_stime, "memory_mb": usage.ru_maxrss / 1024}
    sys.stdout.write(json.dumps({"answer": answer, **used}))


if __name__ == "__main__":
    main()
