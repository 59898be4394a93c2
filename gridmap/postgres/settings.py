"""What the server is told: sized for the machine, open to nobody but this machine."""

import os
from pathlib import Path

BYTES_PER_MB = 2**20
MEMORY_LIMIT_FILES = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
BASE_SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # every account could reach a socket, and its path may not be long
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # compiling a query costs more than the queries of a map
    "random_page_cost": "1.1",
    "work_mem": "16MB",
    "max_wal_size": "1GB",
    "wal_level": "minimal",  # nobody replicates from here
    "max_wal_senders": "0",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",  # a week of logs, each weekday over that of the week before
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
}
NON_DURABLE_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
}


def render_settings(port: int, durable: bool) -> str:
    """Settings as a file of the server.

    Parameters
    ----------
    port : int
        Port to listen on.
    durable : bool
        Whether what is committed must survive a loss of power; only tests can do without.
    """
    memory = memory_bytes()
    sized = {
        "shared_buffers": f"{clamp(128, memory // 8 // BYTES_PER_MB, 1024)}MB",
        "effective_cache_size": f"{clamp(256, memory // 2 // BYTES_PER_MB, 65_536)}MB",
        "maintenance_work_mem": f"{clamp(64, memory // 16 // BYTES_PER_MB, 512)}MB",
        "port": str(port),
    }
    settings = BASE_SETTINGS | sized | ({} if durable else NON_DURABLE_SETTINGS)
    return "".join(f"{name} = '{value}'\n" for name, value in settings.items())


def memory_bytes() -> int:
    """Memory of the machine, or of the container where it is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [file.read_text().strip() for file in MEMORY_LIMIT_FILES if file.exists()]
    return min([machine, *(int(limit) for limit in limits if limit.isdigit())])


def clamp(minimum: int, value: int, maximum: int) -> int:
    """The value, within bounds.

    >>> clamp(128, 4000, 1024)
    1024
    """
    return max(minimum, min(value, maximum))
