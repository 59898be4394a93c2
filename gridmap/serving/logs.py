"""What the service writes down about itself: files in gridmap's home that only their owner can read."""

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from gridmap import config

MAX_LOG_BYTES, BACKUP_COUNT = 5_000_000, 3
LOG_FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def open_private(path: str, flags: int) -> int:
    """Open a file that nobody else may read, since it may quote what people typed."""
    return os.open(path, flags, 0o600)


class PrivateLogHandler(RotatingFileHandler):
    """A log that nobody else may read."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=open_private)


def configure_logging(name: str) -> Path:
    """Have everything logged in this process written to a file of that name, rotated by size; returns it."""
    file = config.log_file().with_name(f"{name}.log")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    writer = PrivateLogHandler(file, maxBytes=MAX_LOG_BYTES, backupCount=BACKUP_COUNT, encoding="utf-8")
    writer.setFormatter(logging.Formatter(LOG_FORMAT))
    logging.basicConfig(level=logging.INFO, handlers=[writer])
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # the length of the queue is bounded, not news
    return file
