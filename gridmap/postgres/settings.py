"""Settings of the private server: sized for the machine, reachable by a socket only, and with a log without values."""

import os
from pathlib import Path

from gridmap.postgres.paths import PORT

BYTES_PER_MB = 2**20
MEMORY_LIMIT_FILES = (Path("/sys/fs/cgroup/memory.max"), Path("/sys/fs/cgroup/memory/memory.limit_in_bytes"))
BASE_SETTINGS = {
    "listen_addresses": "",  # any account of the machine could reach a port
    "port": str(PORT),
    "password_encryption": "scram-sha-256",
    "max_connections": "100",
    "timezone": "UTC",
    "log_timezone": "UTC",
    "jit": "off",  # compiling takes longer than the queries of a map
    "random_page_cost": "1.1",
    "work_mem": "16MB",
    "max_wal_size": "1GB",
    "checkpoint_timeout": "1min",  # after a kill, little is to be done again and synchronised
    "recovery_init_sync_method": "syncfs",  # one call instead of one a file, which takes 8 s on a busy disk
    "wal_level": "minimal",  # no replication
    "max_wal_senders": "0",
    "logging_collector": "on",
    "log_filename": "postgresql-%a.log",  # one week of logs, overwritten by weekday
    "log_truncate_on_rotation": "on",
    "log_rotation_size": "0",
    "log_statement": "none",
    "log_min_duration_statement": "-1",
    "log_min_duration_sample": "-1",
    "log_duration": "off",
    "log_min_messages": "log",  # errors quote values; lines about the server itself are of this level
    "log_min_error_statement": "panic",  # statements quote what people typed
    "log_error_verbosity": "terse",  # details quote the row
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
    "log_lock_waits": "off",
}
HOST_BASED_AUTHENTICATION = "local all all scram-sha-256\n"
"""Rules of ``pg_hba.conf``: only through the socket, and only with a password."""
NON_DURABLE_SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "max_connections": "300",
}


def render_settings(socket_folder: Path, durable: bool) -> str:
    """Return the content of the settings file.

    Parameters
    ----------
    socket_folder : Path
        Private folder of the socket.
    durable : bool
        Whether committed data survive a loss of power; only tests can do without.
    """
    memory = memory_bytes()
    sized = {
        "shared_buffers": f"{clamp(128, memory // 8 // BYTES_PER_MB, 1024)}MB",
        "effective_cache_size": f"{clamp(256, memory // 2 // BYTES_PER_MB, 65_536)}MB",
        "maintenance_work_mem": f"{clamp(64, memory // 16 // BYTES_PER_MB, 512)}MB",
        "unix_socket_directories": str(socket_folder),
    }
    settings = BASE_SETTINGS | sized | ({} if durable else NON_DURABLE_SETTINGS)
    return "".join(f"{name} = '{value}'\n" for name, value in settings.items())


def memory_bytes() -> int:
    """Return the memory of the machine, or of the container if it is less."""
    machine = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    limits = [file.read_text().strip() for file in MEMORY_LIMIT_FILES if file.exists()]
    return min([machine, *(int(limit) for limit in limits if limit.isdigit())])


def clamp(minimum: int, value: int, maximum: int) -> int:
    """Return a value limited to a minimum and a maximum.

    >>> clamp(128, 4000, 1024)
    1024
    """
    return max(minimum, min(value, maximum))
