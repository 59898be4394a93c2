"""Where a cluster lies, and what is kept beside it: one cluster for every home of gridmap."""

import hashlib
import os
import secrets
import socket
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from gridmap.store.cluster.private import SERVER_WIDE
from gridmap.store.cluster.programs import Failed, locked, run, server_account

LOWEST_PORT, PORTS = 20_000, 10_000  # below the ports that systems give to outgoing connections


@dataclass(frozen=True)
class Place:
    """Folders and files of the cluster that belongs to a home."""

    home: Path

    @property
    def digest(self) -> str:
        """Short name for the home, the same whenever it is asked for."""
        return hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:12]

    @property
    def outside(self) -> Path:
        """Folder for the data where the server's account cannot get into the home."""
        return SERVER_WIDE / self.digest / "postgres"

    @property
    def inside(self) -> Path:
        """The data as seen from the home: their folder, or a link to it."""
        return self.home / "postgres"

    def data(self) -> Path:
        """Folder of the data: where it already is, else inside the home if the server's account can get there.

        Access may change later; data that have been written stay where they are.
        """
        if self.inside.is_symlink() or self.inside.exists():
            return self.inside.resolve()
        self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        try:
            run("test", "-x", self.home, account=server_account())
        except Failed:
            return self.outside
        return self.inside.resolve()

    def link(self) -> None:
        """Have the data found from the home even when the home is moved."""
        if not self.inside.is_symlink() and not self.inside.exists():
            self.inside.symlink_to(self.outside)

    def locked(self) -> AbstractContextManager[None]:
        """Hold off others that would start or stop the same cluster."""
        self.home.mkdir(mode=0o755, parents=True, exist_ok=True)
        return locked(self.home / "postgres.lock")

    def password(self, role: str) -> str:
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

    def port(self) -> int:
        """A free port on this machine for the server: the one it had before, else the next that is free."""
        file = self.home / "postgres.port"
        before = int(file.read_text()) if file.exists() else LOWEST_PORT + int(self.digest, 16) % PORTS
        after = (LOWEST_PORT + (before - LOWEST_PORT + step) % PORTS for step in range(PORTS))
        chosen = next(filter(_free, after))
        file.write_text(str(chosen))
        return chosen


def _free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the server does: closed ones may linger
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True
