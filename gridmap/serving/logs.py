"""Log files of the service in gridmap's home, readable only by their owner."""

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from gridmap import config

MAX_LOG_BYTES, BACKUP_COUNT = 5_000_000, 3
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def open_private(path: str, flags: int) -> int:
    """Open a file with mode 0600, since a log may quote what people typed."""
    return os.open(path, flags, 0o600)


class PrivateLogHandler(RotatingFileHandler):
    """Rotating log file that only its owner may read."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=open_private)


def configure_logging(name: str) -> Path:
    """Write the log of this process to a file of that name, rotated by size, and return its path."""
    file = config.log_file().with_name(f"{name}.log")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = PrivateLogHandler(file, maxBytes=MAX_LOG_BYTES, backupCount=BACKUP_COUNT, encoding="utf-8")
    handler.setFormatter(logging.Formatter(LOG_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[handler])
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # a warning for each waiting request says nothing new
    return file
