"""Liveness of a server: a server that hangs has a process, but does not answer."""

import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

SSL_REQUEST = struct.pack("!II", 8, 80877103)
"""First message of PostgreSQL's protocol that needs no password; the server does not log a client that then leaves."""
SSL_ANSWERS = (b"S", b"N")
PROBE_INTERVAL_S, CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S, MAX_MISSES = 2.0, 0.1, 5.0, 3


def is_answering(address: Path) -> bool:
    """Return whether the server behind a socket answers in time."""
    try:
        with socket.socket(socket.AF_UNIX) as connection:
            connection.settimeout(ANSWER_TIMEOUT_S)
            connection.connect(str(address))
            connection.sendall(SSL_REQUEST)
            return connection.recv(1) in SSL_ANSWERS
    except OSError:
        return False


class LivenessProbe:
    """Probe of a server that never blocks, for a process that supervises others as well.

    The kernel accepts connections for a server that hangs, so the probe waits for an answer. A busy machine answers one
    probe in three; a server that misses `MAX_MISSES` in a row, each with `ANSWER_TIMEOUT_S`, is dead.

    Parameters
    ----------
    get_address : callable
        Returns the path of the server's socket, or None while there is none.
    """

    def __init__(self, get_address: Callable[[], Path | None]) -> None:
        self.get_address = get_address
        self.connection: socket.socket | None = None
        self.probed_at, self.misses = 0.0, 0

    def is_dead(self) -> bool:
        """Return whether the server has stopped answering; to be called repeatedly, and returns at once."""
        now = time.monotonic()
        if self.connection is None:
            if now - self.probed_at >= PROBE_INTERVAL_S:
                self._send_probe(now)
        elif self._has_answer():
            self.reset()
        elif now - self.probed_at > ANSWER_TIMEOUT_S:
            self._disconnect()
            self.misses += 1
        return self.misses >= MAX_MISSES

    def reset(self) -> None:
        """Reset the probe, after an answer or for another server."""
        self._disconnect()
        self.misses = 0

    def _send_probe(self, now: float) -> None:
        self.probed_at, address = now, self.get_address()
        if address is None:
            return
        self.connection = socket.socket(socket.AF_UNIX)
        self.connection.settimeout(CONNECT_TIMEOUT_S)
        with suppress(OSError):
            self.connection.connect(str(address))
            self.connection.sendall(SSL_REQUEST)
        self.connection.setblocking(False)

    def _has_answer(self) -> bool:
        """Return whether the server has answered; a closed connection is an answer, too."""
        with suppress(OSError):
            return self.connection is not None and self.connection.recv(1) is not None
        return False

    def _disconnect(self) -> None:
        if self.connection:
            self.connection.close()
            self.connection = None
