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
from gridmap.postgres.error_hints import SET_DATABASE_URL, error_with_hint

SERVER_ACCOUNT = "gridmap-pg"
FIXED_ENVIRONMENT = {
    "LC_ALL": "C.UTF-8",
    "TZ": "UTC",
}  # what programs say is read, so it must not depend on the user's language
INHERITED_VARIABLES = (
    "PATH",
    "HOME",
    "TMPDIR",
    "http_proxy",
    "https_proxy",
    "no_proxy",
    "HTTP_PROXY",
    "HTTPS_PROXY",
    "NO_PROXY",
)
WORKING_FOLDER = Path("/")  # a folder that every account may enter, which the caller's need not be


@dataclass(eq=False)
class ProgramError(Exception):
    """A program ended badly."""

    program: str
    output: str

    def __str__(self) -> str:
        return self.output


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
    ProgramError
        If the program is missing, cannot be run or ends with an exit code other than 0.
    """
    surroundings = (
        {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
        | FIXED_ENVIRONMENT
        | dict(environment or {})
    )
    try:
        ended = subprocess.run(  # noqa: S603 - lists of our own, no shell
            [str(argument) for argument in arguments],
            cwd=WORKING_FOLDER,
            env=surroundings,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **_user_options(account),
        )
    except OSError as error:
        raise ProgramError(str(arguments[0]), str(error)) from error
    if ended.returncode:
        raise ProgramError(str(arguments[0]), f"{ended.stdout}\n{ended.stderr}")
    return str(ended.stdout)


def _user_options(account: str | None) -> dict[str, Any]:
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
        pwd.getpwnam(SERVER_ACCOUNT)
    except KeyError:
        _create_account()
    return SERVER_ACCOUNT


def _create_account() -> None:
    nologin = shutil.which("nologin") or "/bin/false"
    try:
        run("useradd", "--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", nologin, SERVER_ACCOUNT)
    except ProgramError as error:
        problem = Message(
            N_("the system account {account} for the database cannot be made"), {"account": SERVER_ACCOUNT}
        )
        raise error_with_hint(problem, error.output, Message(SET_DATABASE_URL)) from error


def give_to_account(path: Path, account: str | None) -> Path:
    """The path, handed to the account."""
    if account:
        shutil.chown(path, account, pwd.getpwnam(account).pw_gid)
    return path


@contextmanager
def file_lock(file: Path) -> Iterator[None]:
    """Wait for others that hold a file, which is only this account's, and hold them off meanwhile."""
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600)) as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
