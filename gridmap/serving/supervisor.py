"""One process that starts every part of the service, looks after them, and stops them in order."""

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from gridmap.serving.children import Child, stop_all

TURN_S, FIRST_TURN_S = 0.2, 0.02
STOP_S = 6.0  # a web process finishes within 5
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
log = logging.getLogger(__name__)


class Part(Protocol):
    """Something that is kept running."""

    @property
    def ready(self) -> bool:
        """Whether it has begun its work."""

    def start(self) -> None:
        """Bring it to life; what is needed before the next part starts is done when this returns."""

    def watch(self) -> None:
        """See whether it lives and, if not, do something about it; returns at once."""

    def stop(self) -> None:
        """End it within seconds, also when it has not begun."""


class WebProcesses:
    """The web processes, all alike, on one socket.

    Parameters
    ----------
    application : str
        ``MODULE:FUNCTION`` that makes the WSGI application.
    socket : int
        File descriptor of the listening socket.
    number : int
        How many.
    proxied : bool
        Whether Caddy stands in front.
    """

    def __init__(self, application: str, socket: int, number: int, *, proxied: bool = False) -> None:
        options = ["--proxied"] if proxied else []
        program = [sys.executable, "-m", "gridmap.serving.web", *options, application]
        names = [f"web-{one}" for one in range(1, number + 1)]
        self.children = [Child(name, [*program, name, str(socket)], [socket], waits=True, beats=True) for name in names]

    @property
    def ready(self) -> bool:
        """Whether all answer."""
        return all(child.ready for child in self.children)

    def warm(self) -> None:
        """Start all, before what they need is there: they load their modules, which takes longest, and wait."""
        for child in self.children:
            child.start()

    def start(self) -> None:
        """Let them begin."""
        for child in self.children:
            child.release()

    def watch(self) -> None:
        """Look after each."""
        for child in self.children:
            child.watch()

    def renew(self) -> None:
        """Have each finish what it is at and start anew."""
        for child in self.children:
            child.ask()

    def stop(self) -> None:
        """Let them finish what they are at."""
        stop_all(self.children, STOP_S)


class Stop(BaseException):
    """Somebody asked for the end."""


def supervise(parts: Sequence[Part], announce: Callable[[], None]) -> None:
    """Start parts one after the other, keep them alive until a signal comes, stop them in reverse order.

    Parameters
    ----------
    parts : sequence of Part
        In the order they need each other.
    announce : callable
        Called once, when all are ready.

    Raises
    ------
    Unable
        When a part does not come to life.
    """
    with _signals():
        try:
            for part in parts:
                part.start()
            _watch(parts, until_ready=True)
            announce()
            _watch(parts, until_ready=False)
        except Stop:
            log.info("asked to stop")
        finally:
            _deaf()
            for part in reversed(parts):
                _stop(part)


def _watch(parts: Sequence[Part], *, until_ready: bool) -> None:
    while not (until_ready and all(part.ready for part in parts)):
        for part in parts:
            if until_ready:
                part.watch()
            else:
                _look_after(part)
        time.sleep(FIRST_TURN_S if until_ready else TURN_S)


def _look_after(part: Part) -> None:
    """Watch a part; once the service runs, trouble with watching one must not end the others."""
    try:
        part.watch()
    except Exception:
        log.exception("a part could not be looked after")
        time.sleep(TURN_S)


def _stop(part: Part) -> None:
    """Stop a part; trouble with one must not keep the others running."""
    try:
        part.stop()
    except Exception:
        log.exception("a part could not be stopped")


@contextmanager
def _signals() -> Iterator[None]:
    """Turn the signals that ask for an end into `Stop`, wherever this process is just then."""
    before = {number: signal.getsignal(number) for number in SIGNALS}
    for number in SIGNALS:
        if not (number == signal.SIGHUP and before[number] == signal.SIG_IGN):  # nohup
            signal.signal(number, _asked)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _asked(*_signal: object) -> None:
    _deaf()
    raise Stop


def _deaf() -> None:
    """From now on every further wish to stop is on its way already."""
    for number in SIGNALS:
        signal.signal(number, lambda *_: None)  # SIG_IGN would be inherited by what is started from here on
