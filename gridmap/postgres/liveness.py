"""Whether a server speaks when it is spoken to: one that hangs has a process, and answers nobody."""

import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress

SSL_REQUEST = struct.pack("!II", 8, 80877103)
"""The first word of PostgreSQL's protocol that needs no password. Who leaves after the answer is not in its log."""
SSL_ANSWERS = (b"S", b"N")
PROBE_INTERVAL_S, CONNECT_TIMEOUT_S, ANSWER_TIMEOUT_S, MAX_MISSES = 2.0, 0.1, 5.0, 3


def is_answering(port: int) -> bool:
    """Whether a server on this machine answers in time."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=ANSWER_TIMEOUT_S) as asked:
            asked.sendall(SSL_REQUEST)
            return asked.recv(1) in SSL_ANSWERS
    except OSError:
        return False


class LivenessProbe:
    """Feels a server's pulse without ever waiting, for who has others to look after.

    The kernel takes connections in the name of a server that hangs, so that an answer is waited for. A machine that is
    merely busy answers one question in three; a server that answers none of `MAX_MISSES` in a row, each asked for
    `ANSWER_TIMEOUT_S`, does nothing any more.

    Parameters
    ----------
    get_port : callable
        Tells the port; None while there is none.
    """

    def __init__(self, get_port: Callable[[], int | None]) -> None:
        self.get_port = get_port
        self.connection: socket.socket | None = None
        self.probed_at, self.misses = 0.0, 0

    def is_dead(self) -> bool:
        """Whether the server has stopped answering; to be asked again and again, and returns at once."""
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
        """Begin anew: it has answered, or is another one."""
        self._disconnect()
        self.misses = 0

    def _send_probe(self, now: float) -> None:
        self.probed_at, port = now, self.get_port()
        if port is None:
            return
        self.connection = socket.socket()
        self.connection.settimeout(CONNECT_TIMEOUT_S)
        with suppress(OSError):
            self.connection.connect(("127.0.0.1", port))
            self.connection.sendall(SSL_REQUEST)
        self.connection.setblocking(False)

    def _has_answer(self) -> bool:
        """An end of the connection is an answer, too: somebody is there to refuse."""
        with suppress(OSError):
            return self.connection is not None and self.connection.recv(1) is not None
        return False

    def _disconnect(self) -> None:
        if self.connection:
            self.connection.close()
            self.connection = None
