"""How long work shows itself: a bar on a terminal, plain lines in a file or a pipe. Always on standard error."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import click

from gridmap.core.errors import Message
from gridmap.core.progress import Progress
from gridmap.services.operations.error_log import escape_controls
from gridmap.texts import translate


@contextmanager
def progress_bar(language: str) -> Iterator[Progress]:
    """Progress in the way that suits standard error."""
    if not sys.stderr.isatty():
        yield ProgressLines(language)
        return
    with ProgressBars(language) as bars:
        yield bars


class ProgressLines:
    """A line when a step begins and one for every tenth of it, however often it is told."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.last = ("", -1)

    def __call__(self, step: Message, done: int, total: int) -> None:
        """Tell."""
        name = escape_controls(translate(step, self.language))
        now = (name, 10 * done // max(total, 1))
        if now != self.last:
            click.echo(f"{name} {done}/{total}", err=True)
        self.last = now


class ProgressBars:
    """One bar a step."""

    def __init__(self, language: str) -> None:
        from rich import progress
        from rich.console import Console

        self.language = language
        name = progress.TextColumn("{task.description}", markup=False)
        columns = (name, progress.BarColumn(), progress.MofNCompleteColumn(), progress.TimeElapsedColumn())
        self.bars = progress.Progress(*columns, console=Console(stderr=True))
        self.steps: dict[str, progress.TaskID] = {}

    def __enter__(self) -> "ProgressBars":
        self.bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.bars.stop()

    def __call__(self, step: Message, done: int, total: int) -> None:
        """Tell."""
        name = escape_controls(translate(step, self.language))
        if name not in self.steps:
            self.steps[name] = self.bars.add_task(name, total=None)
        under_way = done < total == 1  # nobody knows how far a single thing is: its bar runs to and fro
        self.bars.update(self.steps[name], completed=done, total=None if under_way else max(total, done, 1))
