"""Account and environment of a child process: as root, an account of its own that reads only what it needs."""

import ctypes
import os
import pwd
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from gridmap.jobs.process_limits import libc, set_parent_death_signal

PR_SET_NO_NEW_PRIVS = 38
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x20000, 4096, 16384, 1 << 18
O_PATH = 0o10000000


@dataclass(frozen=True)
class Sandbox:
    """Account, environment and view of the file system of a child process.

    Parameters
    ----------
    account : str, optional
        Account that the process changes to; only root can name one.
    variables : mapping
        Environment variables that the process gets in addition to those of this process.
    dropped_variables : frozenset of str
        Variables that it does not get.
    opened_paths : tuple of Path
        Folders that the account cannot reach, since it may not enter a folder above them, and that the process needs:
        it sees of that upper folder nothing but these.
    """

    account: str | None = None
    variables: Mapping[str, str] = field(default_factory=dict)
    dropped_variables: frozenset[str] = frozenset()
    opened_paths: tuple[Path, ...] = ()

    def environment(self) -> dict[str, str]:
        """Return the environment of the process."""
        own = {name: value for name, value in os.environ.items() if name not in self.dropped_variables}
        return {**own, **self.variables}

    def enter(self) -> None:
        """Change this process, between fork and exec."""
        if self.opened_paths:
            open_paths(self.opened_paths)
        if self.account:
            change_account(self.account)
        set_parent_death_signal()


def change_account(name: str) -> None:
    """Change to an account for good: without the groups of the old one, and without a way to gain rights."""
    entry = pwd.getpwnam(name)
    os.setgroups([])
    os.setresgid(entry.pw_gid, entry.pw_gid, entry.pw_gid)
    os.setresuid(entry.pw_uid, entry.pw_uid, entry.pw_uid)
    libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0)


def closed_folder_above(path: Path) -> Path | None:
    """Return the topmost folder above a path that other accounts may not enter, or None."""
    return next((folder for folder in reversed(path.parents) if not folder.stat().st_mode & 0o001), None)


def open_paths(paths: tuple[Path, ...]) -> None:
    """Replace the closed folders above paths by empty ones that hold these paths only, for this process alone.

    Raises
    ------
    OSError
        If the kernel does not allow it, as in many containers.
    """
    closed = {folder for path in paths if (folder := closed_folder_above(path))}
    _call("unshare", CLONE_NEWNS)
    _mount("none", "/", None, MS_REC | MS_PRIVATE)
    descriptors = {path: os.open(path, O_PATH) for path in paths}  # of this namespace
    for folder in closed:
        _mount("tmpfs", str(folder), "tmpfs", 0, "mode=0755,size=64k")
    for path, descriptor in descriptors.items():
        path.mkdir(mode=0o755, parents=True, exist_ok=True)
        _mount(f"/proc/self/fd/{descriptor}", str(path), None, MS_BIND | MS_REC)
        os.close(descriptor)


def _mount(source: str, target: str, kind: str | None, flags: int, options: str | None = None) -> None:
    encoded = (text.encode() if text is not None else None for text in (source, target, kind))
    _call("mount", *encoded, ctypes.c_ulong(flags), options.encode() if options else None)


def _call(function: str, *arguments: object) -> None:
    if libc[function](*arguments):
        number = ctypes.get_errno()
        raise OSError(number, f"{function}: {os.strerror(number)}")
