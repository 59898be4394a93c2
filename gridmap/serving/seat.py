"""The one place from which a home is served: its lock, and the socket that requests come in by."""

import errno
import fcntl
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from gridmap import config
from gridmap.core.errors import N_, Message, Unable

BACKLOG = 1024
RUNNING = N_(
    "gridmap is already running at {address} for {home}; stop that first, or set GRIDMAP_HOME to another folder."
)
TAKEN = N_("Port {port} is taken by another program; choose another one, for example {variable}={other}.")
NOT_ALLOWED = N_("Port {port} is not for ordinary users; choose one from 1024 to 65535: {variable}=8000.")
NO_ADDRESS = N_("{host} is not an address of this machine.")


@contextmanager
def only_one() -> Iterator[Callable[[str], None]]:
    """Keep every other supervisor away from this home; what is yielded takes the address to tell who comes second.

    Raises
    ------
    Unable
        When another one is there already; says where.
    """
    config.home().mkdir(parents=True, exist_ok=True)
    with (config.home() / "serve.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            where = {"address": lock.read().strip() or "?", "home": config.home()}
            raise Unable(Message(RUNNING, where)) from None
        yield lambda address: _write(lock, address)


def listen(host: str, port: int, variable: str = "GRIDMAP_PORT") -> socket.socket:
    """Open the socket that all web processes share. It outlives them: no connection is refused when one dies.

    Parameters
    ----------
    host : str
        Address of this machine to listen at.
    port : int
        Port to listen at; 0 for any that is free.
    variable : str
        What sets the port, to be named when it cannot be had.

    Raises
    ------
    Unable
        When the port or the address cannot be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        raise Unable(_why_not(error, host, port, variable)) from error
    return listening


def address_of(listening: socket.socket) -> str:
    """Where a browser on this machine finds what answers on a socket."""
    host, port = listening.getsockname()[:2]
    near = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{near}]:{port}" if ":" in near else f"http://{near}:{port}"


def _why_not(error: OSError, host: str, port: int, variable: str) -> Message:
    if error.errno == errno.EADDRINUSE:
        return Message(TAKEN, {"port": port, "variable": variable, "other": port + 1 if port < 65535 else port - 1})
    if error.errno == errno.EACCES:
        return Message(NOT_ALLOWED, {"port": port, "variable": variable})
    return Message(NO_ADDRESS, {"host": host})


def _write(lock: TextIO, address: str) -> None:
    lock.truncate(0)
    lock.write(address)
    lock.flush()
