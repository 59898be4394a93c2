"""Folders and files of a cluster; every home of gridmap has its own cluster."""

import hashlib
import os
import pwd
import shutil
import socket
import tempfile
from contextlib import AbstractContextManager, suppress
from dataclasses import dataclass
from pathlib import Path

from gridmap.postgres.subprocesses import file_lock
from gridmap.secret_files import read_or_create
from gridmap.system_accounts import SHARED_FOLDER, can_access, give_to_account, server_account, web_account

PORT = 5432
"""Number in the name of the socket; every cluster has a folder of its own, so all have the same."""
TEMPORARY_FOLDERS = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108 - only for folders with random names and mode 0700


@dataclass(frozen=True)
class ClusterPaths:
    """Folders and files of the cluster that belongs to a home."""

    home: Path

    @property
    def digest(self) -> str:
        """Short name of the home, derived from its path."""
        return hashlib.sha256(os.fsencode(self.home.resolve())).hexdigest()[:12]

    @property
    def shared_folder(self) -> Path:
        """Folder of what lies outside the home where the accounts of the processes cannot enter it."""
        return SHARED_FOLDER / self.digest

    @property
    def external_data(self) -> Path:
        """Folder of the data if the server's account cannot enter the home."""
        return self.shared_folder / "postgres"

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
        account = server_account()
        if account and not can_access(account, self.home):
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

    def ensure_socket_folder(self) -> Path:
        """Return the private folder of the server's socket, which is created if it is missing or not private.

        It lies in the home, or is a folder with a random name that the home links to, where the home's path is too
        long for a socket (107 bytes) or its file system has none. A folder that somebody else has made under that name
        is never used. As root it is `SHARED_FOLDER`, where only root makes folders.
        """
        account = server_account()
        if account:
            return _share_socket_folder(self.shared_folder / "socket", account)
        link = self.home / "socket"
        if link.is_symlink() and not _is_private(link.resolve()):
            link.unlink()
        if not link.exists():
            link.mkdir(mode=0o700)
        if _is_private(link.resolve()) and _accepts_socket(link.resolve()):
            return link.resolve()
        return self._link_temporary_folder(link)

    def _link_temporary_folder(self, link: Path) -> Path:
        """Replace the folder in the home by a link to a new folder with a random name."""
        parent = next(folder for folder in TEMPORARY_FOLDERS if os.access(folder, os.W_OK))
        folder = Path(tempfile.mkdtemp(prefix="gridmap-", dir=parent))
        if link.is_symlink():
            link.unlink()
        elif link.exists():
            shutil.rmtree(link)
        link.symlink_to(folder)
        return folder


def socket_file(folder: Path) -> Path:
    """Return the path of the server's socket in a folder."""
    return folder / f".s.PGSQL.{PORT}"


def _share_socket_folder(folder: Path, account: str) -> Path:
    """Make a folder of the server's account that the web processes may enter, and nobody else."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    folder.parent.chmod(0o755)
    give_to_account(folder, account)
    os.chown(folder, -1, pwd.getpwnam(str(web_account())).pw_gid)
    folder.chmod(0o710)
    return folder


def _is_private(folder: Path) -> bool:
    """Return whether a folder is this account's, and nobody else may enter it."""
    try:
        status = folder.lstat()
    except OSError:
        return False
    return folder.is_dir() and not folder.is_symlink() and status.st_uid == os.geteuid() and not status.st_mode & 0o077


def _accepts_socket(folder: Path) -> bool:
    """Return whether a socket can be made in a folder: its path is short enough, and the file system has sockets."""
    probe_file = folder / socket_file(folder).name.replace(".s.", ".t.")  # as long as the name of the server's socket
    with socket.socket(socket.AF_UNIX) as probe, suppress(OSError):
        probe.bind(str(probe_file))
        probe_file.unlink()
        return True
    return False
