"""Processes that belong to this one: started again when they die or fall silent, never left behind."""

import ctypes
import logging
import os
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

from gridmap import config
from gridmap.core.errors import N_, Message, Unable
from gridmap.serving.logs import private

STEADY_S = 10.0
SHORTEST_PAUSE_S, LONGEST_PAUSE_S = 0.25, 4.0
STARTING_S, SILENT_S = 60.0, 10.0
ENDED = N_("{name} ended while it was starting; {file} says why.")
PR_SET_PDEATHSIG = 1
libc = ctypes.CDLL(None)
log = logging.getLogger(__name__)


class Child:
    """One process that is kept alive.

    It is started again at once when it dies, and after a pause that grows when it keeps dying. The kernel kills it when
    this process dies, however that comes about, so that nothing is left behind to stand in the way of the next start.

    Parameters
    ----------
    name : str
        What the log calls it.
    command : sequence of str
        Program and arguments.
    sockets : sequence of int
        File descriptors that it inherits.
    waits : bool
        Whether it is held back, once it has loaded what it needs, until `release`: its standard input ends then. One
        that is started again after that does not wait.
    beats : bool
        Whether it gets one more argument, a file descriptor, and writes to that about every second: then it is ready
        with the first byte, and killed and replaced when it has been silent for `SILENT_S`. Of others the owner says
        when they are `ready`.
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        sockets: Sequence[int] = (),
        *,
        waits: bool = False,
        beats: bool = False,
    ) -> None:
        self.name, self.command, self.sockets = name, tuple(command), tuple(sockets)
        self.waits, self.beats = waits, beats
        self.running: subprocess.Popen[bytes] | None = None
        self.pulse: int | None = None
        self.ready = False
        self.born = self.heard = self.due = self.pause = 0.0

    def start(self) -> None:
        """Start it."""
        command, inherited, beat = list(self.command), list(self.sockets), None
        if self.beats:
            self.pulse, beat = os.pipe()
            os.set_blocking(self.pulse, False)
            command.append(str(beat))
            inherited.append(beat)
        with open(said(self.name), "wb", opener=private) as words:
            self.running = subprocess.Popen(  # noqa: S603 - our own programs
                command,
                stdin=subprocess.PIPE if self.waits else subprocess.DEVNULL,
                stdout=words,
                stderr=words,
                pass_fds=inherited,
                start_new_session=True,  # Ctrl-C is for this process to hear
                preexec_fn=die_with_parent,  # noqa: PLW1509 - there are no threads here that could hold a lock
            )
        if beat is not None:
            os.close(beat)
        self.born = self.heard = time.monotonic()
        log.info("%s started as process %s", self.name, self.running.pid)

    def release(self) -> None:
        """Let it begin; from now on it has to show that it lives."""
        self.waits, self.born = False, time.monotonic()
        self.heard = self.born
        if self.running and self.running.stdin:
            self.running.stdin.close()

    def watch(self) -> None:
        """Start it again if it is dead and the pause is over; kill it if it is silent."""
        now = time.monotonic()
        if self.running is None:
            if now >= self.due:
                self.start()
        elif (code := self.running.poll()) is not None:
            self._dead(code, now)
        elif self.beats:
            self._listen(now)

    def ask(self) -> None:
        """Ask it to stop."""
        if self.running and self.running.poll() is None:
            self.running.terminate()

    def end(self, patience_s: float) -> None:
        """Wait for it to stop, and kill it when that takes too long."""
        if self.running is None:
            return
        try:
            self.running.wait(patience_s)
        except subprocess.TimeoutExpired:
            log.warning("%s did not stop in time", self.name)
            self.running.kill()
            self.running.wait()
        self._forget()

    def _dead(self, code: int, now: float) -> None:
        if not self.ready:
            raise Unable(Message(ENDED, {"name": self.name, "file": said(self.name)}))
        longer = min(max(2 * self.pause, SHORTEST_PAUSE_S), LONGEST_PAUSE_S)
        self.pause = 0.0 if now - self.born > STEADY_S else longer
        self.due = now + self.pause
        log.warning("%s ended with %s; next start in %s s", self.name, code, self.pause)
        self._forget()
        if not self.pause:
            self.start()

    def _listen(self, now: float) -> None:
        if self._beaten():
            if self.heard == self.born:
                log.info("%s is ready after %.1f s", self.name, now - self.born)
            self.heard, self.ready = now, True
        patience = SILENT_S if self.heard > self.born else STARTING_S
        if self.running and now - self.heard > patience:
            log.error("%s has been silent for %.0f s and is replaced", self.name, now - self.heard)
            self.running.kill()

    def _beaten(self) -> bool:
        try:
            return self.pulse is not None and os.read(self.pulse, 4096) != b""
        except BlockingIOError:
            return False

    def _forget(self) -> None:
        if self.running and self.running.stdin:
            self.running.stdin.close()
        self.running = None
        if self.pulse is not None:
            os.close(self.pulse)
            self.pulse = None


def said(name: str) -> Path:
    """File with what a process wrote to its standard output and error since it was last started."""
    return config.log_file().with_name(f"{name}.out")


def stop_all(children: Sequence[Child], patience_s: float) -> None:
    """Ask all to stop, then wait for them together."""
    end = time.monotonic() + patience_s
    for child in children:
        child.ask()
    for child in children:
        child.end(max(0.0, end - time.monotonic()))


def die_with_parent() -> None:
    """Have the kernel kill this process, just forked, when its parent dies."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
