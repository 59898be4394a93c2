"""System accounts of the processes that root starts: none of them runs as root, and none reads what another one keeps.

An ordinary user starts all processes as the own account; then every function of this module returns None.
"""

import os
import pwd
import shutil
import subprocess
from pathlib import Path

from gridmap.core.errors import N_, Message, NotPossible

SERVER_ACCOUNT, WEB_ACCOUNT = "gridmap-pg", "gridmap-web"
SHARED_FOLDER = Path("/var/lib/gridmap")
"""Folder for what these accounts use where they cannot enter gridmap's home."""
NO_ACCOUNT = N_("The system account {account} is missing and cannot be made: {reason}")


def server_account() -> str | None:
    """Return the account of PostgreSQL, which refuses to run as root; it is created if it is missing.

    Raises
    ------
    NotPossible
        If the account is missing and cannot be made.
    """
    return _ensure_account(SERVER_ACCOUNT) if os.geteuid() == 0 else None


def web_account() -> str | None:
    """Return the account of the web processes; it is created if it is missing.

    Raises
    ------
    NotPossible
        If the account is missing and cannot be made.
    """
    return _ensure_account(WEB_ACCOUNT) if os.geteuid() == 0 else None


def web_group_id() -> int | None:
    """Return the group of the web processes if this process is root and the account exists."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam(WEB_ACCOUNT).pw_gid
    except KeyError:
        return None


def give_to_account(path: Path, account: str | None) -> Path:
    """Give a path to an account, and return the path."""
    if account:
        shutil.chown(path, account, pwd.getpwnam(account).pw_gid)
    return path


def can_access(account: str, path: Path, mode: str = "x") -> bool:
    """Return whether an account may enter (``x``), read (``r``) or write (``w``) a path.

    Parameters
    ----------
    account : str
        Account of the machine; only root may ask for another one.
    path : Path
        File or folder.
    mode : str
        Option of ``test``.
    """
    entry = pwd.getpwnam(account)
    command = ["test", f"-{mode}", str(path)]
    return not subprocess.run(  # noqa: S603 - a fixed program
        command, cwd="/", user=entry.pw_uid, group=entry.pw_gid, extra_groups=[], check=False
    ).returncode


def _ensure_account(name: str) -> str:
    try:
        pwd.getpwnam(name)
    except KeyError:
        _create_account(name)
    return name


def _create_account(name: str) -> None:
    nologin = shutil.which("nologin") or "/bin/false"
    options = ["--system", "--user-group", "--no-create-home", "--home-dir", "/nonexistent", "--shell", nologin]
    try:
        result = subprocess.run(["useradd", *options, name], capture_output=True, text=True, check=False)  # noqa: S603, S607 - of the system
        reason = result.stderr.strip() if result.returncode else ""
    except OSError as error:
        reason = str(error)
    if reason and name not in {entry.pw_name for entry in pwd.getpwall()}:  # another process may have made it
        raise NotPossible(Message(NO_ACCOUNT, {"account": name, "reason": reason}))
