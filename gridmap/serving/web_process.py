"""Web process: waitress on a socket that the supervisor opened.

The supervisor starts ``python -m gridmap.serving.web_process [OPTIONS] APPLICATION NAME SOCKET HEARTBEAT``, where
SOCKET and HEARTBEAT are file descriptors: the listening socket that all web processes share, and the write end of a
pipe for the heartbeat. The process loads its modules and waits until its standard input ends: the database runs then,
and the input is its address, without a login.
"""

import argparse
import os
import pkgutil
import signal
import socket
import sys
import time
from collections.abc import Callable
from typing import Any
from wsgiref.types import WSGIApplication

from waitress import wasyncore
from waitress.server import create_server

from gridmap.config import require_scram
from gridmap.postgres.urls import URL_VARIABLE
from gridmap.serving.access_log import configure_access_log
from gridmap.serving.admission.overload import BoundedDispatcher, TimedChannel
from gridmap.serving.logs import configure_logging
from gridmap.serving.proxies.proxy_headers import TrustedProxies, shared_prefix
from gridmap.web.context import REQUEST_OWNER_EXTENSION

THREADS, MAX_QUEUE_LENGTH = 8, 32
MAX_CONNECTIONS = 1000
MAX_BODY_BYTES, MAX_HEADER_BYTES = 64 * 2**20, 32 * 2**10
IDLE_TIMEOUT_S, HEARTBEAT_INTERVAL_S, DRAIN_TIMEOUT_S = 30, 1.0, 5.0


class RequestOwners:
    """Accounts and addresses that requests count for.

    Parameters
    ----------
    application : WSGI application
        Recognises the account of a signed-in browser by its cookies, if it has the extension for it.
    proxies : TrustedProxies
        Proxies whose headers name the address of the client.
    """

    def __init__(self, application: WSGIApplication, proxies: TrustedProxies) -> None:
        extensions = getattr(application, "extensions", {})
        self.find_account: Callable[[str], str | None] = extensions.get(REQUEST_OWNER_EXTENSION, lambda _cookies: None)
        self.proxies = proxies

    def __call__(self, channel: Any) -> str:
        """Return the account of the first request of a channel; without one, its address, or its /64 of IPv6."""
        headers = channel.requests[0].headers
        account = self.find_account(headers.get("COOKIE", ""))
        return account or f"address {shared_prefix(self.proxies.client_address(str(channel.addr[0]), headers))}"


class WebServer:
    """HTTP server with its threads.

    Parameters
    ----------
    application : WSGI application
        Application that answers the requests.
    listener : socket
        Listening socket.
    heartbeat_fd : int
        File descriptor that gets one byte per second while requests are answered.
    proxies : TrustedProxies
        Proxies whose headers name the client, the scheme and the host.
    """

    def __init__(
        self, application: WSGIApplication, listener: socket.socket, heartbeat_fd: int, proxies: TrustedProxies
    ) -> None:
        self.heartbeat_fd, self.last_heartbeat_at, self.stopping = heartbeat_fd, 0.0, False
        self.dispatcher = BoundedDispatcher(THREADS, MAX_QUEUE_LENGTH, RequestOwners(application, proxies))
        self.socket_map: dict[int, Any] = {}
        self.server = create_server(
            proxies.wrap(application),
            map=self.socket_map,
            _dispatcher=self.dispatcher,
            sockets=[listener],
            connection_limit=MAX_CONNECTIONS,
            channel_timeout=IDLE_TIMEOUT_S,
            cleanup_interval=5,
            max_request_body_size=MAX_BODY_BYTES,
            max_request_header_size=MAX_HEADER_BYTES,
            ident=None,
            clear_untrusted_proxy_headers=False,  # `TrustedProxies.wrap` does it
        )
        self.server.channel_class = TimedChannel

    def stop(self, *_signal: object) -> None:
        """Let `run` finish the current requests and return."""
        self.stopping = True
        self.server.pull_trigger()

    def run(self) -> None:
        """Answer requests until stopped."""
        while not self.stopping:
            self._run_once()
        self._drain()
        self.dispatcher.shutdown(timeout=0.5)

    def _run_once(self) -> None:
        now = time.monotonic()
        if now - self.last_heartbeat_at >= HEARTBEAT_INTERVAL_S and self.dispatcher.is_progressing():
            self.last_heartbeat_at = now
            os.write(self.heartbeat_fd, b".")
        # poll(), since select() is limited to 1024 descriptors
        wasyncore.loop(timeout=HEARTBEAT_INTERVAL_S, use_poll=True, map=self.socket_map, count=1)

    def _drain(self) -> None:
        """Accept no more connections, close idle ones, and wait for the others within `DRAIN_TIMEOUT_S`."""
        self.server.accepting = False
        end = time.monotonic() + DRAIN_TIMEOUT_S
        while self.server.active_channels and time.monotonic() < end:
            for channel in list(self.server.active_channels.values()):
                channel.will_close = channel.will_close or channel.is_idle()
            wasyncore.loop(timeout=0.05, use_poll=True, map=self.socket_map, count=1)


def main() -> None:
    """Run a web process."""
    parser = argparse.ArgumentParser()
    parser.add_argument("application", help="MODULE:FUNCTION that creates the WSGI application")
    parser.add_argument("name", help="name of the log")
    parser.add_argument("socket_fd", type=int, help="listening socket")
    parser.add_argument("heartbeat_fd", type=int, help="write end of the heartbeat pipe")
    parser.add_argument("--trusted-proxy", action="append", default=[], help="address of a TLS proxy")
    parser.add_argument("--allowed-host", action="append", default=[], help="host that the service answers for")
    options = parser.parse_args()
    configure_logging(options.name)
    configure_access_log(options.name)
    require_scram()
    create_application = pkgutil.resolve_name(options.application)
    if database_url := sys.stdin.read():
        os.environ[URL_VARIABLE] = database_url
    application = create_application(secure=bool(options.trusted_proxy), allowed_hosts=tuple(options.allowed_host))
    os.set_blocking(options.heartbeat_fd, False)
    listener = socket.socket(fileno=options.socket_fd)
    server = WebServer(application, listener, options.heartbeat_fd, TrustedProxies.parse(options.trusted_proxy))
    signal.signal(signal.SIGTERM, server.stop)
    server.run()


if __name__ == "__main__":
    main()
