"""Which requests wait for a thread, which never do, and what is told to those that cannot be taken."""

import time
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, ThreadedTaskDispatcher
from waitress.utilities import Error

from gridmap.core.errors import N_
from gridmap.texts import LANGUAGES, say

LIVE = "/livez"
RETRY_S = 2
STUCK_S = 60.0  # longer than any statement may take
PATIENCE_S, SLOWEST_BYTES_S = 20.0, 1000.0

UNCLEAR = N_("The browser's request could not be understood.")
REASONS = {
    413: N_("What was sent is too large."),
    431: N_("The address of the page, or what the browser sent along with it, is too long."),
    500: N_("Something went wrong inside gridmap."),
    503: N_("Very many are asking at the same time. Please try again in a few seconds."),
}
PAGE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{code}</title><h1>{code}</h1>{sentences}</html>"""
HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
    ("X-Content-Type-Options", "nosniff"),
]


class Busy(Error):  # type: ignore[misc]
    """More is asked than can be answered soon."""

    code = 503
    reason = "Service Unavailable"


class Refusal(ErrorTask):  # type: ignore[misc]
    """The answer to a request that never reaches the application: a small page in every language."""

    def execute(self) -> None:
        """Write the page. Only who was merely too many may keep the connection: what was sent was read whole."""
        error = self.request.error
        body = page(error.code)
        self.status = f"{error.code} {error.reason}"
        self.response_headers += HEADERS
        if error.code == Busy.code:
            self.response_headers.append(("Retry-After", str(RETRY_S)))
        if error.code != Busy.code or self.request.command == "HEAD":
            self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def page(code: int) -> bytes:
    """A page that says, in every language, why a request was not taken."""
    reason = REASONS.get(code, UNCLEAR)
    sentences = "".join(f'<p lang="{tag.replace("_", "-")}">{say(reason, tag)}</p>' for tag in LANGUAGES)
    return PAGE.format(code=code, sentences=sentences).encode()


class Lanes(ThreadedTaskDispatcher):  # type: ignore[misc]
    """Threads with a queue of bounded length, and one thread beside them for what must be answered at once.

    waitress queues without bound, so that under overload every answer comes too late. Here those who would wait too
    long are told at once to come again, by the thread beside, which also answers `LIVE` however busy the others are.

    Parameters
    ----------
    threads : int
        Requests answered at the same time.
    waiting : int
        Requests that may wait for a thread.
    """

    def __init__(self, threads: int, waiting: int) -> None:
        super().__init__()
        self.waiting = waiting
        self.head: Any = None
        self.since = time.monotonic()
        self.beside = ThreadedTaskDispatcher()
        self.beside.set_thread_count(1)
        self.set_thread_count(threads)

    def add_task(self, channel: Any) -> None:
        """Take, refuse or let pass the request that stands first in a channel."""
        request = channel.requests[0]
        live = not request.error and request.path == LIVE
        if not (request.error or live) and len(self.queue) >= self.waiting:
            request.error = Busy("")
        if request.error or live:
            self.beside.add_task(channel)
        else:
            super().add_task(channel)

    def moving(self) -> bool:
        """Whether requests still get their turn: False once the same one has stood first in the queue for `STUCK_S`."""
        with self.lock:
            head = self.queue[0] if self.queue else None
        now = time.monotonic()
        if head is None or head is not self.head:
            self.head, self.since = head, now
        return now - self.since < STUCK_S

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """End all threads; what still waits is dropped."""
        self.beside.shutdown(cancel_pending, timeout)
        return bool(super().shutdown(cancel_pending, timeout))


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that is closed when a request dribbles in too slowly to be meant.

    A request has `PATIENCE_S`, and one second more for every `SLOWEST_BYTES_S` that have arrived. waitress itself
    closes connections on which nothing happens, and would wait for ever for one byte now and then.
    """

    error_task_class = Refusal
    begun = 0.0
    arrived = 0

    def received(self, data: bytes) -> Any:
        """Take what has arrived, unless it is too little for the time it took."""
        now = time.monotonic()
        if self.request is None:
            self.begun, self.arrived = now, 0
        self.arrived += len(data)
        if now - self.begun > PATIENCE_S + self.arrived / SLOWEST_BYTES_S:
            self.will_close = True
            return False
        return super().received(data)

    def idle(self) -> bool:
        """Whether nothing is being answered or waits to be sent."""
        return not (self.requests or self.total_outbufs_len)
