"""Where gridmap keeps its own things. A leaf: it reads the environment and nothing else of gridmap."""

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent


def home() -> Path:
    """Folder for what gridmap itself keeps: the log and the built-in town.

    ``GRIDMAP_HOME``, else ``XDG_DATA_HOME/gridmap``, else ``~/.local/share/gridmap`` as the XDG base directory
    specification has it. The folder need not exist.
    """
    own = os.environ.get("GRIDMAP_HOME")
    shared = os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share"
    return Path(own) if own else Path(shared) / "gridmap"


def log_file() -> Path:
    """File that takes what went wrong inside gridmap, in the words of a programmer."""
    return home() / "log" / "gridmap.log"


def keep_kernels() -> None:
    """Have compiled kernels kept in gridmap's home where the package itself cannot be written to.

    To be called before numba is imported; who set ``NUMBA_CACHE_DIR`` has decided already.
    """
    if not os.access(PACKAGE, os.W_OK):
        os.environ.setdefault("NUMBA_CACHE_DIR", str(home() / "kernels"))


def folder(name: str) -> Path:
    """The folder ``static``, ``templates`` or ``data``: inside the package where it was installed, else beside it."""
    inside = PACKAGE / name
    return inside if inside.is_dir() else PACKAGE.parent / name
