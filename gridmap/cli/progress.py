"""Progress on standard error: bars on a terminal, plain lines in a file or a pipe."""

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
    """Show progress as bars on a terminal, otherwise as lines."""
    if not sys.stderr.isatty():
        yield ProgressLines(language)
        return
    with ProgressBars(language) as bars:
        yield bars


class ProgressLines:
    """Progress as one line when a step begins and one for every tenth of it."""

    def __init__(self, language: str) -> None:
        self.language = language
        self.last = ("", -1)

    def __call__(self, step: Message, done: int, total: int) -> None:
        """Show how much of a step is done."""
        name = escape_controls(translate(step, self.language))
        tenth = (name, 10 * done // max(total, 1))
        if tenth != self.last:
            click.echo(f"{name} {done}/{total}", err=True)
        self.last = tenth


class ProgressBars:
    """Progress as one bar for each step."""

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
        """Show how much of a step is done."""
        name = escape_controls(translate(step, self.language))
        if name not in self.steps:
            self.steps[name] = self.bars.add_task(name, total=None)
        is_indeterminate = done < total == 1  # the progress within a single unit is unknown: its bar pulses
        self.bars.update(self.steps[name], completed=done, total=None if is_indeterminate else max(total, done, 1))
