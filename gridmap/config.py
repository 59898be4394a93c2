"""Settings, and the folders of gridmap, from the variables that `gridmap.environment` lists."""

import hashlib
import os
import shutil
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from gridmap.environment import read_variable

PACKAGE_DIR = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Settings:
    """Settings of the web application.

    Parameters
    ----------
    cookie_secret : bytes
        Key that signs cookies; never printed.
    database_url : str, optional
        Address for the login of pages, which owns no tables. Without it, only pages without data work.
    account_database_url : str, optional
        Address of the same database for the login of sign-in, passwords and accounts; without it, nobody can sign in.
    secure_cookies : bool
        Whether the service is reached by TLS: cookies and browsers are then restricted to TLS.
    allowed_hosts : tuple of str
        Names and addresses that the service answers for; ``local`` stands for those of this machine, and for private
        addresses.
    max_body_bytes : int
        Maximum size of a request. The largest known town package (25,000 buildings, drawn grids) has 13 MB; five times
        as much is ample and still fits into memory for all threads at once.
    pool_size : int
        Database connections of a web process.
    account_pool_size : int
        Connections of a web process for sign-in and accounts: few people do either at once, and two passwords are
        verified at a time.
    pool_timeout_s : float
        Seconds that a request waits for a free connection before it is refused.
    rehearsal_date : date, optional
        Date that replaces today in pages and access rights, to rehearse the effective date of a plan; every page
        shows it.
    """

    cookie_secret: bytes = field(repr=False)
    database_url: str | None = field(default=None, repr=False)
    account_database_url: str | None = field(default=None, repr=False)
    secure_cookies: bool = False
    allowed_hosts: tuple[str, ...] = ("local",)
    max_body_bytes: int = 64 * 2**20
    pool_size: int = 8
    account_pool_size: int = 2
    pool_timeout_s: float = 2.0
    rehearsal_date: date | None = None


def data_dir() -> Path:
    """Return the folder for the files of this installation, such as the log and the secrets.

    It is ``GRIDMAP_HOME``, else ``XDG_DATA_HOME/gridmap``, else ``~/.local/share/gridmap``, as in the XDG base
    directory specification. The folder need not exist.
    """
    if home := read_variable("GRIDMAP_HOME"):
        return Path(home)
    xdg_data_home = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(xdg_data_home) / "gridmap"


def secrets_dir() -> Path:
    """Return the folder of the secrets: ``GRIDMAP_SECRETS``, by default a folder of gridmap's home.

    All hosts of an installation use the same secrets, so that each of them accepts the sessions of the others.
    """
    return Path(read_variable("GRIDMAP_SECRETS") or data_dir() / "secrets")


def office_time_zone() -> str:
    """Return the time zone of the office in ``GRIDMAP_TIMEZONE``, in which days begin; by default China's."""
    return read_variable("GRIDMAP_TIMEZONE") or "Asia/Shanghai"


def role_prefix() -> str | None:
    """Return the prefix of the names of the database's roles in ``GRIDMAP_DATABASE_ROLES``, or None.

    It is for servers whose administrator has created the roles under other names than that of the database.
    """
    return read_variable("GRIDMAP_DATABASE_ROLES")


def rehearsal_date() -> date | None:
    """Return the date in ``GRIDMAP_TODAY``, or None. It is for rehearsals only: all figures follow it.

    Raises
    ------
    ValueError
        If it is not a date such as 2026-11-23.
    """
    text = read_variable("GRIDMAP_TODAY")
    return date.fromisoformat(text) if text else None


def log_file() -> Path:
    """Return the log file for unexpected errors, with their technical details."""
    return data_dir() / "log" / "gridmap.log"


def set_kernel_cache() -> None:
    """Cache compiled kernels in the data folder if the package folder is not writable.

    Numba can only use folders that it can write to, so those that were compiled at set-up are copied there first. Call
    this before numba is imported. An existing ``NUMBA_CACHE_DIR`` takes precedence.
    """
    if not os.access(PACKAGE_DIR, os.W_OK) and "NUMBA_CACHE_DIR" not in os.environ:
        cache = data_dir() / "kernels"
        os.environ["NUMBA_CACHE_DIR"] = str(cache)
        with suppress(OSError):  # without the copy they are compiled again, and a command that needs none goes on
            copy_kernels(PACKAGE_DIR, cache)


def copy_kernels(package: Path, cache: Path) -> None:
    """Copy the compiled kernels of a package to a cache of numba, unless it has those of the same set-up.

    Parameters
    ----------
    package : Path
        Folder of the package, with folders ``__pycache__`` that have files of numba.
    cache : Path
        Value of ``NUMBA_CACHE_DIR``. It has a folder for each folder of modules, with the hash of its path.
    """
    for compiled in {index.parent for index in package.glob("core/*/__pycache__/*.nbi")}:
        modules = compiled.parent
        target = cache / f"{modules.name}_{hashlib.sha1(bytes(modules), usedforsecurity=False).hexdigest()}"
        made = max(path.stat().st_mtime_ns for path in compiled.glob("*.nb?"))
        stamp = target / f"copy-of-{made}"
        if not stamp.exists():
            shutil.rmtree(target, ignore_errors=True)
            shutil.copytree(compiled, target, ignore=shutil.ignore_patterns("*.pyc"), dirs_exist_ok=True)
            stamp.touch()


def require_scram() -> None:
    """Let this process and its programs sign in to databases by SCRAM only, which discloses no password to a server.

    A server that asks for the password itself, or for nothing, is refused; ``require_auth`` in a database's address, or
    ``PGREQUIREAUTH``, takes precedence. The PostgreSQL library does this from version 16; an older one ignores it.
    """
    os.environ.setdefault("PGREQUIREAUTH", "scram-sha-256")


def resource_dir(name: str) -> Path:
    """Return the folder ``static``, ``templates`` or ``data``: in an installed package, else in the checkout."""
    packaged = PACKAGE_DIR / name
    return packaged if packaged.is_dir() else PACKAGE_DIR.parent / name
