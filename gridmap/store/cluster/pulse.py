"""Whether a server speaks when it is spoken to: one that hangs has a process, and answers nobody."""

import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress

ASK_FOR_TLS = struct.pack("!II", 8, 80877103)
"""The first word of PostgreSQL's protocol that needs no password. Who leaves after the answer is not in its log."""
ANSWERS = (b"S", b"N")
EVERY_S, CALLING_S, PATIENCE_S, MISSES = 2.0, 0.1, 5.0, 3


def speaks(port: int) -> bool:
    """Whether a server on this machine answers in time."""
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE_S) as asked:
            asked.sendall(ASK_FOR_TLS)
            return asked.recv(1) in ANSWERS
    except OSError:
        return False


class Pulse:
    """Feels a server's pulse without ever waiting, for who has others to look after.

    The kernel takes connections in the name of a server that hangs, so that an answer is waited for. A machine that is
    merely busy answers one question in three; a server that answers none of `MISSES` in a row, each asked for
    `PATIENCE_S`, does nothing any more.

    Parameters
    ----------
    port : callable
        Tells the port; None while there is none.
    """

    def __init__(self, port: Callable[[], int | None]) -> None:
        self.port = port
        self.asked: socket.socket | None = None
        self.since, self.misses = 0.0, 0

    def lost(self) -> bool:
        """Whether the server has stopped answering; to be asked again and again, and returns at once."""
        now = time.monotonic()
        if self.asked is None:
            if now - self.since >= EVERY_S:
                self._ask(now)
        elif self._answered():
            self.forget()
        elif now - self.since > PATIENCE_S:
            self._hang_up()
            self.misses += 1
        return self.misses >= MISSES

    def forget(self) -> None:
        """Begin anew: it has answered, or is another one."""
        self._hang_up()
        self.misses = 0

    def _ask(self, now: float) -> None:
        self.since, port = now, self.port()
        if port is None:
            return
        self.asked = socket.socket()
        self.asked.settimeout(CALLING_S)
        with suppress(OSError):
            self.asked.connect(("127.0.0.1", port))
            self.asked.sendall(ASK_FOR_TLS)
        self.asked.setblocking(False)

    def _answered(self) -> bool:
        """An end of the connection is an answer, too: somebody is there to refuse."""
        with suppress(OSError):
            return self.asked is not None and self.asked.recv(1) is not None
        return False

    def _hang_up(self) -> None:
        if self.asked:
            self.asked.close()
            self.asked = None
