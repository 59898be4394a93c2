"""Limits of child processes, by the kernel: memory, and an end together with their parent."""

import ctypes
import resource
import signal
from pathlib import Path

PR_SET_PDEATHSIG = 1
KIBIBYTE = 1024
libc = ctypes.CDLL(None, use_errno=True)


def set_parent_death_signal() -> None:
    """Have the kernel kill this process when its parent dies."""
    libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)


def limit_memory(additional_bytes: int) -> None:
    """Limit the data of this process to what it has now and some more; beyond that, Python raises `MemoryError`.

    The limit counts private memory only (``RLIMIT_DATA``): modules and shared pages that the process was forked with
    are free.
    """
    limit = data_bytes() + additional_bytes
    _soft, hard = resource.getrlimit(resource.RLIMIT_DATA)
    if hard != resource.RLIM_INFINITY:
        limit = min(limit, hard)
    resource.setrlimit(resource.RLIMIT_DATA, (limit, hard))


def data_bytes() -> int:
    """Return the private data of this process in bytes.

    Examples
    --------
    >>> data_bytes() > 1_000_000
    True
    """
    for line in Path("/proc/self/status").read_text("ascii").splitlines():
        if line.startswith("VmData:"):
            return int(line.split()[1]) * KIBIBYTE
    return 0
