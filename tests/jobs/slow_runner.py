"""Runner of a test whose modules take a minute to load: ``python -m tests.jobs.slow_runner``.

It writes a line when it has claimed its only job, and one with the ends that it wrote before it stopped.
"""

import signal
import sys

from gridmap.jobs.attempts import Limits
from gridmap.jobs.runner import Runner
from tests.jobs import sample_work
from tests.jobs.list_queue import ListQueue


def write_line(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def main() -> None:
    """Run until SIGTERM."""
    queue = ListQueue()
    runner = Runner(queue, sample_work.succeed, lambda _kind: Limits(30.0, 10**9), modules=["tests.jobs.slow_module"])
    signal.signal(signal.SIGTERM, runner.stop)
    runner.step()
    write_line("claimed")
    runner.run()
    write_line(str([end.outcome for _claim, end in queue.ends]))


if __name__ == "__main__":
    main()
