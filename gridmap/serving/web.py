"""One web process: waitress on a socket that the supervisor opened.

Started by the supervisor as ``python -m gridmap.serving.web APPLICATION NAME SOCKET BEAT [--proxied]``, where SOCKET
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

from gridmap.serving.lanes import Channel, Lanes
from gridmap.serving.logs import keep_log

THREADS, WAITING = 8, 32
CONNECTIONS = 1000
LARGEST_BODY, LARGEST_HEAD = 64 * 2**20, 32 * 2**10
SILENCE_S, BEAT_S, DRAIN_S = 30, 1.0, 5.0
FROM_CADDY = {
    "trusted_proxy": "127.0.0.1",
    "trusted_proxy_headers": {"x-forwarded-proto", "x-forwarded-host", "x-forwarded-for"},
}


class Web:
    """A server with its threads, run until told to stop.

    Parameters
    ----------
    application : WSGI application
        What answers.
    listening : socket
        Where requests come from; already listening.
    beat : int
        File descriptor that takes one byte a second for as long as requests are answered.
    proxied : bool
        Whether Caddy stands in front and says who asks and how.
    """

    def __init__(self, application: Any, listening: socket.socket, beat: int, *, proxied: bool) -> None:
        self.beat, self.beaten, self.stopping = beat, 0.0, False
        self.lanes = Lanes(THREADS, WAITING)
        self.sockets: dict[int, Any] = {}
        self.server = create_server(
            application,
            map=self.sockets,
            _dispatcher=self.lanes,
            sockets=[listening],
            connection_limit=CONNECTIONS,
            channel_timeout=SILENCE_S,
            cleanup_interval=5,
            max_request_body_size=LARGEST_BODY,
            max_request_header_size=LARGEST_HEAD,
            ident=None,
            **(FROM_CADDY if proxied else {"clear_untrusted_proxy_headers": True}),
        )
        self.server.channel_class = Channel

    def stop(self, *_signal: object) -> None:
        """Finish what is being answered, then return from `run`."""
        self.stopping = True
        self.server.pull_trigger()

    def run(self) -> None:
        """Answer requests."""
        while not self.stopping:
            self._turn()
        self._drain()
        self.lanes.shutdown(timeout=0.5)

    def _turn(self) -> None:
        now = time.monotonic()
        if now - self.beaten >= BEAT_S and self.lanes.moving():
            self.beaten = now
            os.write(self.beat, b".")
        wasyncore.loop(timeout=BEAT_S, use_poll=True, map=self.sockets, count=1)  # select() ends at 1024 descriptors

    def _drain(self) -> None:
        """Take no more connections; close each that has nothing left to say; wait for the rest, but not for ever."""
        self.server.accepting = False
        end = time.monotonic() + DRAIN_S
        while self.server.active_channels and time.monotonic() < end:
            for channel in list(self.server.active_channels.values()):
                channel.will_close = channel.will_close or channel.idle()
            wasyncore.loop(timeout=0.05, use_poll=True, map=self.sockets, count=1)


def main() -> None:
    """Entry point of a web process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("application", help="MODULE:FUNCTION that makes the WSGI application")
    parser.add_argument("name", help="name of the log")
    parser.add_argument("socket", type=int)
    parser.add_argument("beat", type=int)
    parser.add_argument("--proxied", action="store_true")
    asked = parser.parse_args()
    keep_log(asked.name)
    make = pkgutil.resolve_name(asked.application)
    sys.stdin.buffer.read()
    application = make(secure=asked.proxied)
    os.set_blocking(asked.beat, False)
    web = Web(application, socket.socket(fileno=asked.socket), asked.beat, proxied=asked.proxied)
    signal.signal(signal.SIGTERM, web.stop)
    web.run()


if __name__ == "__main__":
    main()
