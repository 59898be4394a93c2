"""Folders and files of a cluster; every home of gridmap has its own cluster."""

import hashlib
import os
import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from gridmap.postgres.private_install import SHARED_FOLDER
from gridmap.postgres.subprocesses import ProgramError, file_lock, run, server_account
from gridmap.secret_files import read_or_create

LOWEST_PORT, PORT_COUNT = 20_000, 10_000  # below the ports of outgoing connections


@dataclass(frozen=True)
class ClusterPaths:
    """Folders and files of the cluster that belongs to a home."""

    home: Path

    @property
    def digest(self) -> str:
        """Short name of the home, derived from its path."""
        return hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:12]

    @property
    def external_data(self) -> Path:
        """Folder of the data if the server's account cannot enter the home."""
        return SHARED_FOLDER / self.digest / "postgres"

    @property
    def data_link(self) -> Path:
        """Path of the data within the home: the folder, or a link to it."""
        return self.home / "postgres"

    def data_folder(self) -> Path:
        """Return the folder of the data: the existing one, else one inside the home if the server can enter it.

        Access may change later; existing data stay where they are.
        """
        if self.data_link.is_symlink() or self.data_link.exists():
            return self.data_link.resolve()
        self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        try:
            run("test", "-x", self.home, account=server_account())
        except ProgramError:
            return self.external_data
        return self.data_link.resolve()

    def create_data_link(self) -> None:
        """Link the data from the home, so that they are found even after the home has moved."""
        if not self.data_link.is_symlink() and not self.data_link.exists():
            self.data_link.symlink_to(self.external_data)

    def lock(self) -> AbstractContextManager[None]:
        """Return a lock against other processes that start or stop the same cluster."""
        self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        return file_lock(self.home / "postgres.lock")

    def role_password(self, role: str) -> str:
        """Return the password of a role, which is created at random at the first call."""
        folder = self.home / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return read_or_create(folder / f"{role}.password")

    def choose_port(self) -> int:
        """Return a free port for the server, and write it down: its last port, else the next free one."""
        file = self.home / "postgres.port"
        first = int(file.read_text()) if file.exists() else LOWEST_PORT + int(self.digest, 16) % PORT_COUNT
        ports = (LOWEST_PORT + (first - LOWEST_PORT + step) % PORT_COUNT for step in range(PORT_COUNT))
        port = next(filter(_is_port_free, ports))
        file.write_text(str(port))
        return port


def _is_port_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: closed sockets linger
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
