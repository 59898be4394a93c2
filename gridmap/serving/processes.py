"""Child processes that are restarted when they die or hang, and never outlive this process."""

import logging
import os
import subprocess
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from gridmap import config
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.jobs.stopped_processes import StoppedTimer
from gridmap.serving.isolation.sandbox import Sandbox
from gridmap.serving.logs import open_private

STABLE_AFTER_S = 10.0
MIN_RESTART_DELAY_S, MAX_RESTART_DELAY_S = 0.25, 4.0
STARTUP_TIMEOUT_S, HEARTBEAT_TIMEOUT_S = 60.0, 10.0
EXITED_DURING_STARTUP = N_("{name} ended while it was starting; {file} says why.")
log = logging.getLogger(__name__)


class ManagedProcess:
    """Child process that is kept running.

    It is restarted at once when it dies, and after a growing delay when it dies repeatedly. The kernel kills it when
    this process dies for any reason, so that no child blocks the next start.

    Parameters
    ----------
    name : str
        Name in the log.
    command : sequence of str
        Program and arguments.
    inherited_fds : sequence of int
        File descriptors that it inherits.
    deferred : bool
        Whether it waits, with its modules loaded, until `release` writes to its standard input and closes it. After
        that, a restarted process gets the same input at once.
    heartbeat : bool
        Whether it gets a file descriptor as last argument and writes to it about every second. It is then ready with
        the first byte, and replaced after `HEARTBEAT_TIMEOUT_S` without one. For other processes the owner sets
        `ready`.
    sandbox : Sandbox, optional
        Account and environment of the process; by default those of this process.

    Attributes
    ----------
    restart_options : sequence of str
        Arguments of a process that starts after a released one has ended.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        inherited_fds: Sequence[int] = (),
        *,
        deferred: bool = False,
        heartbeat: bool = False,
        sandbox: Sandbox | None = None,
    ) -> None:
        self.name, self.command, self.inherited_fds = name, tuple(command), tuple(inherited_fds)
        self.deferred, self.heartbeat, self.sandbox = deferred, heartbeat, sandbox or Sandbox()
        self.released_input: bytes | None = None
        self.restart_options: Sequence[str] = ()
        self.process: subprocess.Popen[bytes] | None = None
        self.heartbeat_fd: int | None = None
        self.ready = False
        self.stopped = StoppedTimer()
        self.started_at = self.last_heartbeat_at = self.restart_at = self.restart_delay_s = 0.0

    def start(self) -> None:
        """Start the process."""
        options = self.restart_options if self.released_input is not None else ()
        command, inherited_fds, write_fd = [*self.command, *options], list(self.inherited_fds), None
        if self.heartbeat:
            self.heartbeat_fd, write_fd = os.pipe()
            os.set_blocking(self.heartbeat_fd, False)
            command.append(str(write_fd))
            inherited_fds.append(write_fd)
        with open(output_file(self.name), "wb", opener=open_private) as output:
            self.process = subprocess.Popen(  # noqa: S603 - our own programs
                command,
                stdin=subprocess.PIPE if self.deferred else subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                pass_fds=inherited_fds,
                start_new_session=True,  # Ctrl-C must reach only this process
                preexec_fn=self.sandbox.enter,  # noqa: PLW1509 - no thread here can hold a lock
                env=self.sandbox.environment(),
            )
        if self.released_input is not None:
            self._write_input(self.released_input)
        if write_fd is not None:
            os.close(write_fd)
        self.started_at = self.last_heartbeat_at = time.monotonic()
        log.info("%s started as process %s", self.name, self.process.pid)

    def release(self, text: str = "") -> None:
        """Let a deferred process begin with an input; its startup timeout counts from now.

        The input may hold what other accounts must not read, unlike the environment and the arguments of a process.
        """
        self.released_input, self.started_at = text.encode(), time.monotonic()
        self.last_heartbeat_at = self.started_at
        self._write_input(self.released_input)

    def poll(self) -> None:
        """Restart the process if it is dead and the delay is over; kill it if it is stopped or without heartbeat."""
        now = time.monotonic()
        if self.process is None:
            if now >= self.restart_at:
                self.start()
        elif (code := self.process.poll()) is not None:
            self._handle_exit(code, now)
        else:
            self._check_stopped(self.process, now)
            if self.heartbeat:
                self._check_heartbeat(now)

    def terminate(self) -> None:
        """Send SIGTERM."""
        if self.process and self.process.poll() is None:
            self.process.terminate()

    def wait_or_kill(self, timeout_s: float) -> None:
        """Wait for the process to stop, and kill it after the timeout."""
        if self.process is None:
            return
        try:
            self.process.wait(timeout_s)
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop in time", self.name)
            self.process.kill()
            self.process.wait()
        self._close_pipes()

    def _handle_exit(self, exit_code: int, now: float) -> None:
        if not self.ready:
            raise NotPossible(Message(EXITED_DURING_STARTUP, {"name": self.name, "file": output_file(self.name)}))
        next_delay_s = min(max(2 * self.restart_delay_s, MIN_RESTART_DELAY_S), MAX_RESTART_DELAY_S)
        self.restart_delay_s = 0.0 if now - self.started_at > STABLE_AFTER_S else next_delay_s
        self.restart_at = now + self.restart_delay_s
        log.warning("%s ended with %s; next start in %s s", self.name, exit_code, self.restart_delay_s)
        self._close_pipes()
        if not self.restart_delay_s:
            self.start()

    def _check_stopped(self, process: subprocess.Popen[bytes], now: float) -> None:
        if self.stopped.has_expired(process.pid, now):
            log.error("%s is stopped and is replaced", self.name)
            self.stopped = StoppedTimer()
            process.kill()

    def _check_heartbeat(self, now: float) -> None:
        if self._has_heartbeat():
            if self.last_heartbeat_at == self.started_at:
                log.info("%s is ready after %.1f s", self.name, now - self.started_at)
            self.last_heartbeat_at, self.ready = now, True
        timeout_s = HEARTBEAT_TIMEOUT_S if self.last_heartbeat_at > self.started_at else STARTUP_TIMEOUT_S
        if self.process and now - self.last_heartbeat_at > timeout_s:
            log.error("%s sent no heartbeat for %.0f s and is replaced", self.name, now - self.last_heartbeat_at)
            self.process.kill()

    def _has_heartbeat(self) -> bool:
        try:
            return self.heartbeat_fd is not None and os.read(self.heartbeat_fd, 4096) != b""
        except BlockingIOError:
            return False

    def _write_input(self, text: bytes) -> None:
        if self.process and self.process.stdin and not self.process.stdin.closed:
            with suppress(BrokenPipeError):  # it has ended already
                self.process.stdin.write(text)
                self.process.stdin.close()

    def _close_pipes(self) -> None:
        if self.process and self.process.stdin:
            with suppress(BrokenPipeError):
                self.process.stdin.close()
        self.process = None
        if self.heartbeat_fd is not None:
            os.close(self.heartbeat_fd)
            self.heartbeat_fd = None


def output_file(name: str) -> Path:
    """Return the file with the standard output and error of a process since its last start."""
    return config.log_file().with_name(f"{name}.out")


def stop_all(processes: Sequence[ManagedProcess], timeout_s: float) -> None:
    """Send SIGTERM to all processes, then wait for them within one common timeout."""
    end = time.monotonic() + timeout_s
    for process in processes:
        process.terminate()
    for process in processes:
        process.wait_or_kill(max(0.0, end - time.monotonic()))
