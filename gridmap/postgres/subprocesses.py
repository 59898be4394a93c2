"""Other programs, run with a fixed environment, and under an account that the server accepts."""

import fcntl
import os
import pwd
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypedDict

FIXED_ENVIRONMENT = {"LC_ALL": "C.UTF-8", "TZ": "UTC"}
"""Output of programs is parsed, so it must not depend on the user's language."""
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
    "PGREQUIREAUTH",
)
WORKING_FOLDER = Path("/")  # every account may enter it, unlike the caller's working folder


class _UserOptions(TypedDict, total=False):
    """Options of `subprocess.run` that choose the account."""

    user: int
    group: int
    extra_groups: list[int]


@dataclass(eq=False)
class ProgramError(Exception):
    """Failure of a program."""

    program: str
    output: str

    def __str__(self) -> str:
        return self.output


def run(*arguments: str | Path, environment: Mapping[str, str] | None = None, account: str | None = None) -> str:
    """Run a program and return its output.

    Parameters
    ----------
    *arguments : str or Path
        Program and arguments; they do not pass through a shell.
    environment : mapping, optional
        Additional variables.
    account : str, optional
        Account to run as; only root can run a program as another account.

    Raises
    ------
    ProgramError
        If the program is missing, cannot be run or ends with an exit code other than 0.
    """
    try:
        result = subprocess.run(  # noqa: S603 - argument lists of this package, no shell
            [str(argument) for argument in arguments],
            cwd=WORKING_FOLDER,
            env=program_variables(environment or {}),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            check=False,
            **user_options(account),
        )
    except OSError as error:
        raise ProgramError(str(arguments[0]), str(error)) from error
    if result.returncode:
        raise ProgramError(str(arguments[0]), f"{result.stdout}\n{result.stderr}")
    return str(result.stdout)


def program_variables(environment: Mapping[str, str]) -> dict[str, str]:
    """Return the environment of a program: a few inherited variables, the fixed ones, and those given."""
    inherited = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
    return inherited | FIXED_ENVIRONMENT | dict(environment)


def user_options(account: str | None) -> _UserOptions:
    """Return the options of `subprocess.run` for an account, or for the current one."""
    if account is None:
        return {}
    entry = pwd.getpwnam(account)
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def file_lock(file: Path) -> Iterator[None]:
    """Hold the lock of a file; wait until no other process holds it. Only this account can open the file."""
    with os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT, 0o600)) as lock_file:
        fcntl.flock(lock_file, fcntl.LOCK_EX)
        yield
