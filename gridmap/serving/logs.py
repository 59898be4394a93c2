"""What the service writes down about itself: files in gridmap's home that only their owner can read."""

import logging
import os
from io import TextIOWrapper
from logging.handlers import RotatingFileHandler
from pathlib import Path

from gridmap import config

LARGEST_BYTES, KEPT = 5_000_000, 3
FORM = "%(asctime)s %(levelname)s %(name)s: %(message)s"


def private(path: str, flags: int) -> int:
    """Open a file that nobody else may read, since it may quote what people typed."""
    return os.open(path, flags, 0o600)


class Private(RotatingFileHandler):
    """A log that nobody else may read."""

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=private)


def keep_log(name: str) -> Path:
    """Have everything logged in this process written to a file of that name, rotated by size; returns it."""
    file = config.log_file().with_name(f"{name}.log")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    writer = Private(file, maxBytes=LARGEST_BYTES, backupCount=KEPT, encoding="utf-8")
    writer.setFormatter(logging.Formatter(FORM))
    logging.basicConfig(level=logging.INFO, handlers=[writer])
    logging.getLogger("waitress.queue").setLevel(logging.ERROR)  # the length of the queue is bounded, not news
    return file
