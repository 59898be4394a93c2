"""Access log without personal data: a line for every answer, with the pattern of its address instead of its path.

A line has the time, the method, the pattern, the status, milliseconds, bytes and the id of the request, which the
answer carries as ``X-Request-Id``. It holds no network address, account, key or query.
"""

import gzip
import logging
import secrets
import shutil
import time
from io import TextIOWrapper
from logging.handlers import TimedRotatingFileHandler
from pathlib import Path
from typing import Any

from flask import request, request_started

from gridmap import config
from gridmap.serving.logs import open_private

DAYS_KEPT = 190
"""Six months (Cybersecurity Law of China, article 21) and a few days."""
KNOWN_METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
ROUTE_KEY = "gridmap.route"
REQUEST_ID_HEADER = "X-Request-Id"
access_log = logging.getLogger("gridmap.access")


class DailyLogHandler(TimedRotatingFileHandler):
    """Log file of a day, readable only by its owner; earlier days are compressed."""

    def __init__(self, file: Path) -> None:
        super().__init__(file, when="midnight", backupCount=DAYS_KEPT, encoding="utf-8", delay=True)
        self.namer = lambda name: f"{name}.gz"
        self.rotator = compress_file

    def _open(self) -> TextIOWrapper:
        return open(self.baseFilename, "a", encoding=self.encoding, opener=open_private)


def compress_file(source: str, target: str) -> None:
    """Move a file to a compressed one, readable only by its owner."""
    with (
        Path(source).open("rb") as text,
        open(target, "wb", opener=open_private) as file,
        gzip.open(file, "wb") as packed,
    ):
        shutil.copyfileobj(text, packed)
    Path(source).unlink()


def configure_access_log(name: str) -> Path:
    """Write the access log of this process to a file of its own, and return its path."""
    file = config.log_file().with_name(f"access-{name}.log")
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    handler = DailyLogHandler(file)
    handler.setFormatter(logging.Formatter("%(asctime)s %(message)s", "%Y-%m-%dT%H:%M:%S%z"))
    access_log.handlers, access_log.propagate = [handler], False
    access_log.setLevel(logging.INFO)
    request_started.connect(record_route, weak=False)
    return file


class LoggedTask:
    """Mixin of waitress's tasks that gives a request its id and logs the answer once it is written."""

    channel: Any
    request: Any
    response_headers: list[tuple[str, str]]
    status: str
    content_bytes_written: int
    content_length: int | None
    environ: dict[str, Any] | None = None

    def service(self) -> None:
        """Answer the request, and write its line even if the connection breaks."""
        started_at, request_id = time.monotonic(), secrets.token_hex(8)
        self.response_headers.append((REQUEST_ID_HEADER, request_id))
        try:
            super().service()  # type: ignore[misc]  # of waitress's Task
        finally:
            method = self.request.command if self.request.command in KNOWN_METHODS else "OTHER"
            duration_ms = (time.monotonic() - started_at) * 1000
            size = self.content_bytes_written or self.content_length or 0
            answer = (self.environ or {}).get(ROUTE_KEY, "-"), self.status[:3], duration_ms, size, request_id
            access_log.info("%s %s %s %.1f %d %s", method, *answer)


def record_route(*_sender: object, **_values: object) -> None:
    """Note the pattern that Flask has matched, such as ``/grids/<int:grid_id>``, for the line of the answer."""
    if request.url_rule:
        request.environ[ROUTE_KEY] = request.url_rule.rule
