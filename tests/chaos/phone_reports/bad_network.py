"""A network between a phone and the service: it may be cut, hang, be slow, or lose answers."""

import socket
import threading
import time
from contextlib import suppress
from enum import StrEnum
from types import TracebackType
from typing import Self

CHUNK_BYTES = 16_384
SLOW_BYTES_PER_S = 20_000
POLL_S = 0.05


class NetworkState(StrEnum):
    """State of a network."""

    GOOD = "good"
    CUT = "cut"
    """No connection is made, and those that exist end."""
    HANGING = "hanging"
    """What is sent arrives; answers wait."""
    SLOW = "slow"
    LOSING_ANSWERS = "losing answers"
    """What is sent arrives; the connection ends where the answer comes."""


class BadNetwork:
    """TCP proxy in front of a service, with a state that may change at any moment.

    Parameters
    ----------
    port : int
        Port of the service on this machine.
    """

    def __init__(self, port: int) -> None:
        self.port, self.state, self.is_closed = port, NetworkState.GOOD, False
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.listener.getsockname()[1]}"

    def __enter__(self) -> Self:
        threading.Thread(target=self._accept, daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.is_closed = True
        self.listener.close()

    def _accept(self) -> None:
        while not self.is_closed:
            try:
                phone, _ = self.listener.accept()
            except OSError:
                return
            if self.state is NetworkState.CUT:
                phone.close()
                continue
            service = socket.create_connection(("127.0.0.1", self.port))
            for source, target, is_answer in ((phone, service, False), (service, phone, True)):
                threading.Thread(target=self._copy, args=[source, target, is_answer], daemon=True).start()

    def _copy(self, source: socket.socket, target: socket.socket, is_answer: bool) -> None:
        """Copy bytes in one direction until an end closes the connection or the network does."""
        try:
            source.settimeout(POLL_S)
            while not self.is_closed and self.state is not NetworkState.CUT:
                try:
                    content = source.recv(CHUNK_BYTES)
                except TimeoutError:
                    continue
                if not content or not self._deliver(content, target, is_answer):
                    break
        except OSError:
            pass
        finally:
            for end in (source, target):
                with suppress(OSError):
                    end.shutdown(socket.SHUT_RDWR)
                end.close()

    def _deliver(self, content: bytes, target: socket.socket, is_answer: bool) -> bool:
        """Pass bytes on as the network allows; return False where the connection ends."""
        if is_answer and self.state is NetworkState.LOSING_ANSWERS:
            return False
        while is_answer and self.state is NetworkState.HANGING and not self.is_closed:
            time.sleep(POLL_S)
        if self.state is NetworkState.SLOW:
            time.sleep(len(content) / SLOW_BYTES_PER_S)
        target.sendall(content)
        return True
