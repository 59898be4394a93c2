"""Where a cluster lies, and what is kept beside it: one cluster for every home of gridmap."""

import hashlib
import os
import secrets
import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from gridmap.postgres.private_install import SHARED_FOLDER
from gridmap.postgres.subprocesses import ProgramError, file_lock, run, server_account

LOWEST_PORT, PORT_COUNT = 20_000, 10_000  # below the ports that systems give to outgoing connections


@dataclass(frozen=True)
class ClusterPaths:
    """Folders and files of the cluster that belongs to a home."""

    home: Path

    @property
    def digest(self) -> str:
        """Short name for the home, the same whenever it is asked for."""
        return hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:12]

    @property
    def external_data(self) -> Path:
        """Folder for the data where the server's account cannot get into the home."""
        return SHARED_FOLDER / self.digest / "postgres"

    @property
    def data_link(self) -> Path:
        """The data as seen from the home: their folder, or a link to it."""
        return self.home / "postgres"

    def data_folder(self) -> Path:
        """Folder of the data: where it already is, else inside the home if the server's account can get there.

        Access may change later; data that have been written stay where they are.
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
        """Have the data found from the home even when the home is moved."""
        if not self.data_link.is_symlink() and not self.data_link.exists():
            self.data_link.symlink_to(self.external_data)

    def lock(self) -> AbstractContextManager[None]:
        """Hold off others that would start or stop the same cluster."""
        self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        return file_lock(self.home / "postgres.lock")

    def role_password(self, role: str) -> str:
        """Password of a role, made up when it is first asked for; only the account of gridmap can read its file."""
        folder = self.home / "secrets"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        file = folder / f"{role}.password"
        if not file.exists():
            part = file.with_suffix(".part")
            part.unlink(missing_ok=True)
            with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as written:
                written.write(secrets.token_urlsafe(24))
            part.rename(file)
        return file.read_text().strip()

    def choose_port(self) -> int:
        """A free port on this machine for the server: the one it had before, else the next that is free."""
        file = self.home / "postgres.port"
        before = int(file.read_text()) if file.exists() else LOWEST_PORT + int(self.digest, 16) % PORT_COUNT
        after = (LOWEST_PORT + (before - LOWEST_PORT + step) % PORT_COUNT for step in range(PORT_COUNT))
        chosen = next(filter(_is_port_free, after))
        file.write_text(str(chosen))
        return chosen


def _is_port_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: closed ones may linger
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
