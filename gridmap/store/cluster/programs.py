"""Programs of others, run without their surroundings leaking in, and under an account that a server accepts."""

import fcntl
import os
import pwd
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from gridmap.core.errors import N_, Message
from gridmap.store.cluster.refusals import GIVE_ONE, refusal

ACCOUNT = "gridmap-pg"
PLAIN = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}  # what programs say is read, so it must not depend on the user's language
KEPT = ("PATH", "HOME", "TMPDIR", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
FOLDER = Path("/")  # a folder that every account may enter, which the caller's need not be


@dataclass(eq=False)
class Failed(Exception):
    """A program ended badly."""

    program: str
    words: str

    def __str__(self) -> str:
        return self.words


def run(*arguments: str | Path, environment: Mapping[str, str] | None = None, account: str | None = None) -> str:
    """What a program printed.

    Parameters
    ----------
    *arguments : str or Path
        The program and what it is given; no shell reads it.
    environment : mapping, optional
        Variables beside the few that are kept.
    account : str, optional
        Account to run as; only root can ask for another than its own.

    Raises
    ------
    Failed
        If the program is missing, cannot be run or ends with an exit code other than 0.
    """
    surroundings = {name: os.environ[name] for name in KEPT if name in os.environ} | PLAIN | dict(environment or {})
    try:
        ended = subprocess.run(  # noqa: S603 - lists of our own, no shell
            [str(argument) for argument in arguments],
            cwd=FOLDER,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **_identity(account),
        )
    except OSError as error:
        raise Failed(str(arguments[0]), str(error)) from error
    if ended.returncode:
        raise Failed(str(arguments[0]), f"{ended.stdout}\n{ended.stderr}")
    return str(ended.stdout)


def _identity(account: str | None) -> dict[str, Any]:
    if account is None:
        return {}
    entry = pwd.getpwnam(account)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


def server_account() -> str | None:
    """Account for the server: root's own system account, made when missing, since PostgreSQL refuses root; else None.

    Raises
    ------
    BadInput
        If the account is missing and cannot be made.
    """
    if os.geteuid() != 0:
        return None
    try:
        pwd.getpwnam(ACCOUNT)
    except KeyError:
        _make_account()
    return ACCOUNT


def _make_account() -> None:
    nologin = shutil.which("nologin") or "/bin/false"
    try:
        run("useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", nologin, ACCOUNT)
    except Failed as error:
        problem = Message(N_("the system account {account} for the database cannot be made"), {"account": ACCOUNT})
        raise refusal(problem, error.words, Message(GIVE_ONE)) from error


def owned(path: Path, account: str | None) -> Path:
    """The path, handed to the account."""
    if account:
        shutil.chown(path, account, pwd.getpwnam(account).pw_gid)
    return path


@contextmanager
def locked(file: Path) -> Iterator[None]:
    """Wait for others that hold a file, which is only this account's, and hold them off meanwhile."""
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600)) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
