"""Lock of a home folder and the listening socket of the service."""

import errno
import fcntl
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from gridmap import config
from gridmap.core.errors import N_, Message, NotPossible

BACKLOG = 1024
ALREADY_RUNNING = N_(
    "gridmap is already running at {address} for {home}; stop that first, or set GRIDMAP_HOME to another folder."
)
PORT_TAKEN = N_("Port {port} is taken by another program; choose another one, for example {variable}={other}.")
PORT_NOT_ALLOWED = N_("Port {port} is not for ordinary users; choose one from 1024 to 65535: {variable}=8000.")
NOT_A_LOCAL_ADDRESS = N_("{host} is not an address of this machine.")


@contextmanager
def single_instance() -> Iterator[Callable[[str], None]]:
    """Hold the lock of this home, so that only one supervisor serves it.

    Yields
    ------
    callable
        Stores the address of this service, which a second supervisor names in its error.

    Raises
    ------
    NotPossible
        If another supervisor holds the lock.
    """
    config.data_dir().mkdir(parents=True, exist_ok=True)
    with (config.data_dir() / "serve.lock").open("a+", encoding="utf-8") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            values = {"address": lock.read().strip() or "?", "home": config.data_dir()}
            raise NotPossible(Message(ALREADY_RUNNING, values)) from None
        yield lambda address: _write_url(lock, address)


def listen(host: str, port: int, env_var: str = "GRIDMAP_PORT") -> socket.socket:
    """Open the listening socket that all web processes share.

    The socket outlives them, so no connection is refused when one dies.

    Parameters
    ----------
    host : str
        Address of this machine to listen at.
    port : int
        Port to listen at; 0 for any free one.
    env_var : str
        Environment variable that sets the port, named in the error.

    Raises
    ------
    NotPossible
        If the port or the address is not available.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except OSError as error:
        raise NotPossible(_listen_error(error, host, port, env_var)) from error
    return listener


def listener_url(listener: socket.socket) -> str:
    """Return the URL of a listening socket for a browser on this machine."""
    host, port = listener.getsockname()[:2]
    local_host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104 - compared, not bound
    return f"http://[{local_host}]:{port}" if ":" in local_host else f"http://{local_host}:{port}"


def _listen_error(error: OSError, host: str, port: int, env_var: str) -> Message:
    if error.errno == errno.EADDRINUSE:
        return Message(PORT_TAKEN, {"port": port, "variable": env_var, "other": port + 1 if port < 65535 else port - 1})
    if error.errno == errno.EACCES:
        return Message(PORT_NOT_ALLOWED, {"port": port, "variable": env_var})
    return Message(NOT_A_LOCAL_ADDRESS, {"host": host})


def _write_url(lock_file: TextIO, url: str) -> None:
    lock_file.truncate(0)
    lock_file.write(url)
    lock_file.flush()
