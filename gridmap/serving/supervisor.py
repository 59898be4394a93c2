"""Supervisor that starts the components of the service, watches them, and stops them in order."""

import logging
import signal
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Protocol

from gridmap.serving.isolation.web_account import web_sandbox
from gridmap.serving.processes import ManagedProcess, stop_all

POLL_INTERVAL_S, STARTUP_POLL_INTERVAL_S = 0.2, 0.02
STOP_TIMEOUT_S = 6.0  # a web process finishes within 5
STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
log = logging.getLogger(__name__)


class Component(Protocol):
    """Component of the service that the supervisor keeps running."""

    @property
    def ready(self) -> bool:
        """Return whether the component does its work."""

    def start(self) -> None:
        """Start the component; return when the next component may start."""

    def poll(self) -> None:
        """Check the component and restart it if needed, without blocking."""

    def stop(self) -> None:
        """Stop the component within seconds, even if it has not started."""


class WebProcesses:
    """Identical web processes on one listening socket.

    Parameters
    ----------
    application : str
        ``MODULE:FUNCTION`` that creates the WSGI application.
    listener_fd : int
        File descriptor of the listening socket.
    count : int
        Number of processes.
    options : sequence of str
        Options of `gridmap.serving.web_process`.
    get_database_url : callable
        Returns the address of the database, without a login, when the processes may begin.
    """

    def __init__(
        self,
        application: str,
        listener_fd: int,
        count: int,
        options: Sequence[str] = (),
        get_database_url: Callable[[], str] = str,
    ) -> None:
        self.get_database_url, sandbox = get_database_url, web_sandbox()
        program = [sys.executable, "-m", "gridmap.serving.web_process", *options, application]
        names = [f"web-{number}" for number in range(1, count + 1)]
        self.processes = [
            ManagedProcess(
                name,
                [*program, name, str(listener_fd)],
                [listener_fd],
                deferred=True,
                heartbeat=True,
                sandbox=sandbox,
            )
            for name in names
        ]

    @property
    def ready(self) -> bool:
        """Return whether all processes answer."""
        return all(process.ready for process in self.processes)

    def preload(self) -> None:
        """Start all processes early, so that they load their modules while the database starts; then they wait."""
        for process in self.processes:
            process.start()

    def start(self) -> None:
        """Release the waiting processes."""
        for process in self.processes:
            process.release(self.get_database_url())

    def poll(self) -> None:
        """Check each process."""
        for process in self.processes:
            process.poll()

    def restart(self) -> None:
        """Let each process finish its requests and start anew, with the address that the database has then."""
        for process in self.processes:
            process.release(self.get_database_url())
            process.terminate()

    def stop(self) -> None:
        """Let all processes finish their requests and end."""
        stop_all(self.processes, STOP_TIMEOUT_S)


class StopRequested(BaseException):
    """Exception raised when a stop signal arrives."""


def supervise(components: Sequence[Component], on_ready: Callable[[], None]) -> None:
    """Start components in order, keep them running until a signal arrives, stop them in reverse order.

    Parameters
    ----------
    components : sequence of Component
        Components, each after those that it needs.
    on_ready : callable
        Called once all components are ready.

    Raises
    ------
    NotPossible
        If a component does not start.
    """
    with _stop_on_signals():
        try:
            for component in components:
                component.start()
            _poll_components(components, until_ready=True)
            on_ready()
            _poll_components(components, until_ready=False)
        except StopRequested:
            log.info("stop requested")
        finally:
            _ignore_signals()
            for component in reversed(components):
                _stop_safely(component)


def _poll_components(components: Sequence[Component], *, until_ready: bool) -> None:
    while not (until_ready and all(component.ready for component in components)):
        for component in components:
            if until_ready:
                component.poll()
            else:
                _poll_safely(component)
        time.sleep(STARTUP_POLL_INTERVAL_S if until_ready else POLL_INTERVAL_S)


def _poll_safely(component: Component) -> None:
    """Poll a component; an error in one must not end the others once the service runs."""
    try:
        component.poll()
    except Exception:
        log.exception("a component could not be polled")
        time.sleep(POLL_INTERVAL_S)


def _stop_safely(component: Component) -> None:
    """Stop a component; an error in one must not keep the others running."""
    try:
        component.stop()
    except Exception:
        log.exception("a component could not be stopped")


@contextmanager
def _stop_on_signals() -> Iterator[None]:
    """Raise `StopRequested` when a stop signal arrives."""
    before = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    for number in STOP_SIGNALS:
        if not (number == signal.SIGHUP and before[number] == signal.SIG_IGN):  # nohup
            signal.signal(number, _request_stop)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _request_stop(*_signal: object) -> None:
    _ignore_signals()
    raise StopRequested


def _ignore_signals() -> None:
    """Ignore further stop signals, since the service is already stopping."""
    for number in STOP_SIGNALS:
        signal.signal(number, lambda *_: None)  # SIG_IGN would be inherited by child processes
