"""gridmap: grids of 300–500 households for urban communities, without gaps, on a map."""

from importlib import import_module
from importlib.metadata import version

__version__ = version("gridmap")

_LIBRARY = {
    "partition": "gridmap.library.partition",
    "tessellate": "gridmap.library.partition",
    "check": "gridmap.library.check",
    "repair": "gridmap.library.check",
    "compare": "gridmap.library.comparison",
    "Profile": "gridmap.core.plans.profile",
}
"""Functions of the library, each imported when it is first used: commands and services must start fast."""


def __getattr__(name: str) -> object:
    if name not in _LIBRARY:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(_LIBRARY[name]), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *_LIBRARY])
