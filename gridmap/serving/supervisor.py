"""One process that starts every part of the service, looks after them, and stops them in order."""

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from gridmap.serving.processes import ManagedProcess, stop_all

POLL_INTERVAL_S, STARTUP_POLL_INTERVAL_S = 0.2, 0.02
STOP_TIMEOUT_S = 6.0  # a web process finishes within 5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
log = logging.getLogger(__name__)


class Component(Protocol):
    """Something that is kept running."""

    @property
    def ready(self) -> bool:
        """Whether it has begun its work."""

    def start(self) -> None:
        """Bring it to life; what is needed before the next part starts is done when this returns."""

    def poll(self) -> None:
        """See whether it lives and, if not, do something about it; returns at once."""

    def stop(self) -> None:
        """End it within seconds, also when it has not begun."""


class WebProcesses:
    """The web processes, all alike, on one socket.

    Parameters
    ----------
    application : str
        ``MODULE:FUNCTION`` that makes the WSGI application.
    listener_fd : int
        File descriptor of the listening socket.
    count : int
        How many.
    behind_proxy : bool
        Whether Caddy stands in front.
    """

    def __init__(self, application: str, listener_fd: int, count: int, *, behind_proxy: bool = False) -> None:
        options = ["--proxied"] if behind_proxy else []
        program = [sys.executable, "-m", "gridmap.serving.web_process", *options, application]
        names = [f"web-{one}" for one in range(1, count + 1)]
        self.processes = [
            ManagedProcess(name, [*program, name, str(listener_fd)], [listener_fd], deferred=True, heartbeat=True)
            for name in names
        ]

    @property
    def ready(self) -> bool:
        """Whether all answer."""
        return all(child.ready for child in self.processes)

    def preload(self) -> None:
        """Start all, before what they need is there: they load their modules, which takes longest, and wait."""
        for child in self.processes:
            child.start()

    def start(self) -> None:
        """Let them begin."""
        for child in self.processes:
            child.release()

    def poll(self) -> None:
        """Look after each."""
        for child in self.processes:
            child.poll()

    def restart(self) -> None:
        """Have each finish what it is at and start anew."""
        for child in self.processes:
            child.terminate()

    def stop(self) -> None:
        """Let them finish what they are at."""
        stop_all(self.processes, STOP_TIMEOUT_S)


class StopRequested(BaseException):
    """Somebody asked for the end."""


def supervise(components: Sequence[Component], on_ready: Callable[[], None]) -> None:
    """Start parts one after the other, keep them alive until a signal comes, stop them in reverse order.

    Parameters
    ----------
    components : sequence of Component
        In the order they need each other.
    on_ready : callable
        Called once, when all are ready.

    Raises
    ------
    Unable
        When a part does not come to life.
    """
    with _stop_on_signals():
        try:
            for part in components:
                part.start()
            _poll_components(components, until_ready=True)
            on_ready()
            _poll_components(components, until_ready=False)
        except StopRequested:
            log.info("asked to stop")
        finally:
            _ignore_signals()
            for part in reversed(components):
                _stop_safely(part)


def _poll_components(components: Sequence[Component], *, until_ready: bool) -> None:
    while not (until_ready and all(part.ready for part in components)):
        for part in components:
            if until_ready:
                part.poll()
            else:
                _poll_safely(part)
        time.sleep(STARTUP_POLL_INTERVAL_S if until_ready else POLL_INTERVAL_S)


def _poll_safely(component: Component) -> None:
    """Watch a part; once the service runs, trouble with watching one must not end the others."""
    try:
        component.poll()
    except Exception:
        log.exception("a part could not be looked after")
        time.sleep(POLL_INTERVAL_S)


def _stop_safely(component: Component) -> None:
    """Stop a part; trouble with one must not keep the others running."""
    try:
        component.stop()
    except Exception:
        log.exception("a part could not be stopped")


@contextmanager
def _stop_on_signals() -> Iterator[None]:
    """Turn the signals that ask for an end into `StopRequested`, wherever this process is just then."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    for number in STOP_SIGNALS:
        if not (number == signal.SIGHUP and before[number] == signal.SIG_IGN):  # nohup
            signal.signal(number, _request_stop)
    try:
        yield
    finally:
        for number, earlier in before.items():
            signal.signal(number, earlier)


def _request_stop(*_signal: object) -> None:
    _ignore_signals()
    raise StopRequested


def _ignore_signals() -> None:
    """From now on every further wish to stop is on its way already."""
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: None)  # SIG_IGN would be inherited by what is started from here on
