"""Where gridmap keeps its own things. A leaf: it reads the environment and nothing else of gridmap."""

import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

PACKAGE_DIR = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Settings:
    """What the web application is told when it starts.

    Parameters
    ----------
    cookie_secret : bytes
        Signs cookies; kept out of every printout.
    database_url : str, optional
        Of the application's login, which owns nothing. Without it only pages that need no data open.
    secure_cookies : bool
        Whether people come by TLS: cookies then stay there, and browsers are told to stay there, too.
    max_body_bytes : int
        Most bytes of a request. The largest town package known (25,000 buildings, drawn grids) has 13 MB; five times
        that leaves room and still fits into memory for every thread at once.
    pool_size : int
        Database connections of a web process.
    pool_timeout_s : float
        Seconds a request waits for a free connection before it is told to come back.
    rehearsal_date : date, optional
        The day that pages and rights take for today, to try what a plan does on its effective date; every page says so.
    """

    cookie_secret: bytes = field(repr=False)
    database_url: str | None = field(default=None, repr=False)
    secure_cookies: bool = False
    max_body_bytes: int = 64 * 2**20
    pool_size: int = 8
    pool_timeout_s: float = 2.0
    rehearsal_date: date | None = None


def data_dir() -> Path:
    """Folder for what gridmap itself keeps: the log and the built-in town.

    ``GRIDMAP_HOME``, else ``XDG_DATA_HOME/gridmap``, else ``~/.local/share/gridmap`` as the XDG base directory
    specification has it. The folder need not exist.
    """
    if own := os.environ.get("GRIDMAP_HOME"):
        return Path(own)
    shared = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(shared) / "gridmap"


def rehearsal_date() -> date | None:
    """The day of ``GRIDMAP_TODAY``, for rehearsals only: who forgets it has people work by the wrong day.

    Raises
    ------
    ValueError
        If it is no date such as 2026-11-23.
    """
    told = os.environ.get("GRIDMAP_TODAY")
    return date.fromisoformat(told) if told else None


def log_file() -> Path:
    """File that takes what went wrong inside gridmap, in the words of a programmer."""
    return data_dir() / "log" / "gridmap.log"


def set_kernel_cache() -> None:
    """Have compiled kernels kept in gridmap's home where the package itself cannot be written to.

    To be called before numba is imported; who set ``NUMBA_CACHE_DIR`` has decided already.
    """
    if not os.access(PACKAGE_DIR, os.W_OK):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(data_dir() / "kernels"))


def resource_dir(name: str) -> Path:
    """The folder ``static``, ``templates`` or ``data``: inside the package where it was installed, else beside it."""
    inside = PACKAGE_DIR / name
    return inside if inside.is_dir() else PACKAGE_DIR.parent / name
