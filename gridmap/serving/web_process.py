"""One web process: waitress on a socket that the supervisor opened.

Started by the supervisor as ``python -m gridmap.serving.web_process APPLICATION NAME SOCKET BEAT [--proxied]``, where SOCKET
and BEAT are file descriptors: the listening socket that all web processes share, and the end of a pipe on which this
one shows that it is alive. It loads its modules and waits until its standard input ends: then the database is there.
"""

import argparse
import os
import pkgutil
import signal
import socket
import sys
import time
from typing import Any

from waitress import wasyncore
from waitress.server import create_server

from gridmap.serving.logs import configure_logging
from gridmap.serving.overload import BoundedDispatcher, TimedChannel

THREADS, MAX_QUEUE_LENGTH = 8, 32
MAX_CONNECTIONS = 1000
MAX_BODY_BYTES, MAX_HEADER_BYTES = 64 * 2**20, 32 * 2**10
IDLE_TIMEOUT_S, HEARTBEAT_INTERVAL_S, DRAIN_TIMEOUT_S = 30, 1.0, 5.0
TRUSTED_PROXY_OPTIONS = {
    "trusted_proxy": "127.0.0.1",
    "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-host", "x-forwarded-for"},
}


class WebServer:
    """A server with its threads, run until told to stop.

    Parameters
    ----------
    application : WSGI application
        What answers.
    listener : socket
        Where requests come from; already listening.
    heartbeat_fd : int
        File descriptor that takes one byte a second for as long as requests are answered.
    behind_proxy : bool
        Whether Caddy stands in front and says who asks and how.
    """

    def __init__(self, application: Any, listener: socket.socket, heartbeat_fd: int, *, behind_proxy: bool) -> None:
        self.heartbeat_fd, self.last_heartbeat_at, self.stopping = heartbeat_fd, 0.0, False
        self.dispatcher = BoundedDispatcher(THREADS, MAX_QUEUE_LENGTH)
        self.socket_map: dict[int, Any] = {}
        self.server = create_server(
            application,
            map=self.socket_map,
            _dispatcher=self.dispatcher,
            sockets=[listener],
            connection_limit=MAX_CONNECTIONS,
            channel_timeout=IDLE_TIMEOUT_S,
            cleanup_interval=5,
            max_request_body_size=MAX_BODY_BYTES,
            max_request_header_size=MAX_HEADER_BYTES,
            ident=None,
            **(TRUSTED_PROXY_OPTIONS if behind_proxy else {"clear_untrusted_proxy_headers": True}),
        )
        self.server.channel_class = TimedChannel

    def stop(self, *_signal: object) -> None:
        """Finish what is being answered, then return from `run`."""
        self.stopping = True
        self.server.pull_trigger()

    def run(self) -> None:
        """Answer requests."""
        while not self.stopping:
            self._run_once()
        self._drain()
        self.dispatcher.shutdown(timeout=0.5)

    def _run_once(self) -> None:
        now = time.monotonic()
        if now - self.last_heartbeat_at >= HEARTBEAT_INTERVAL_S and self.dispatcher.is_progressing():
            self.last_heartbeat_at = now
            os.write(self.heartbeat_fd, b".")
        wasyncore.loop(
            timeout=HEARTBEAT_INTERVAL_S, use_poll=True, map=self.socket_map, count=1
        )  # select() ends at 1024 descriptors

    def _drain(self) -> None:
        """Take no more connections; close each that has nothing left to say; wait for the rest, but not for ever."""
        self.server.accepting = False
        end = time.monotonic() + DRAIN_TIMEOUT_S
        while self.server.active_channels and time.monotonic() < end:
            for channel in list(self.server.active_channels.values()):
                channel.will_close = channel.will_close or channel.idle()
            wasyncore.loop(timeout=0.05, use_poll=True, map=self.socket_map, count=1)


def main() -> None:
    """Entry point of a web process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("application", help="MODULE:FUNCTION that makes the WSGI application")
    parser.add_argument("name", help="name of the log")
    parser.add_argument("socket", type=int)
    parser.add_argument("beat", type=int)
    parser.add_argument("--proxied", action="store_true")
    asked = parser.parse_args()
    configure_logging(asked.name)
    make = pkgutil.resolve_name(asked.application)
    sys.stdin.buffer.read()
    application = make(secure=asked.proxied)
    os.set_blocking(asked.beat, False)
    web = WebServer(application, socket.socket(fileno=asked.socket), asked.beat, behind_proxy=asked.proxied)
    signal.signal(signal.SIGTERM, web.stop)
    web.run()


if __name__ == "__main__":
    main()
