"""Progress of long work, reported to a callback."""

from typing import Protocol

from gridmap.core.errors import Message


class Progress(Protocol):
    """Callback for the progress of a step.

    It is called at the start of a step (``done`` is 0), as the step advances, and at its end (``done`` equals
    ``total``).
    """

    def __call__(self, step: Message, done: int, total: int) -> None:
        """Report that `done` of `total` units of a step are complete."""


def ignore_progress(step: Message, done: int, total: int) -> None:
    """Do nothing; the default where no progress is shown."""
