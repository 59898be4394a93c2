"""How long work tells how far it is, without knowing who listens."""

from typing import Protocol

from gridmap.core.errors import Message


class Progress(Protocol):
    """Called at the start of a step (``done`` 0), as it advances, and at its end (``done`` equals ``total``)."""

    def __call__(self, step: Message, done: int, total: int) -> None:
        """Take note of a step."""


def ignore_progress(step: Message, done: int, total: int) -> None:
    """Tell nobody."""
