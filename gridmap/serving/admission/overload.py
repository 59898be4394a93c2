"""Bounded request queue of the web processes, and refusals of requests under overload."""

import sys
import time
from collections.abc import Callable
from typing import Any

from waitress.channel import HTTPChannel
from waitress.task import ErrorTask, ThreadedTaskDispatcher, WSGITask
from waitress.utilities import Error

from gridmap.core.errors import N_
from gridmap.serving.access_log import LoggedTask
from gridmap.serving.admission.fair_queue import FairQueue, WaitingRequest
from gridmap.texts import LANGUAGES, translate

LIVENESS_PATH = "/livez"
THREADS_LEFT_TO_OTHERS = 2
RETRY_AFTER_S = 2
STUCK_QUEUE_TIMEOUT_S = 60.0  # longer than any statement may take
REQUEST_READ_TIMEOUT_S, MIN_BYTES_PER_S = 20.0, 1000.0

BAD_REQUEST_TEXT = N_("The browser's request could not be understood.")
REFUSAL_TEXTS = {
    413: N_("What was sent is too large."),
    431: N_("The address of the page, or what the browser sent along with it, is too long."),
    500: N_("Something went wrong inside gridmap."),
    503: N_("Very many are asking at the same time. Please try again in a few seconds."),
}
PAGE_TEMPLATE = """<!doctype html><html lang="zh-CN"><meta charset="utf-8">
<meta name="viewport" content="width=device-width"><title>{code}</title><h1>{code}</h1>{sentences}</html>"""
PAGE_HEADERS = [
    ("Content-Type", "text/html; charset=utf-8"),
    ("Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'none'"),
    ("X-Content-Type-Options", "nosniff"),
]


class Overloaded(Error):  # type: ignore[misc]  # waitress has no types
    """Error of a request that would wait too long in the queue."""

    code = 503
    reason = "Service Unavailable"


class ApplicationTask(LoggedTask, WSGITask):  # type: ignore[misc]  # waitress has no types
    """Answer of the application."""


class RefusalTask(LoggedTask, ErrorTask):  # type: ignore[misc]  # waitress has no types
    """Answer to a request that does not reach the application: a small page in every language."""

    def execute(self) -> None:
        """Write the page; keep the connection only after an overload, when the request was read completely."""
        error = self.request.error
        body = error_page(error.code)
        self.status = f"{error.code} {error.reason}"
        self.response_headers += PAGE_HEADERS
        if error.code == Overloaded.code:
            self.response_headers.append(("Retry-After", str(RETRY_AFTER_S)))
        if error.code != Overloaded.code or self.request.command == "HEAD":
            self.set_close_on_finish()
        self.content_length = len(body)
        self.write(body)


def error_page(status: int) -> bytes:
    """Return a page that explains, in every language, why a request was refused."""
    reason = REFUSAL_TEXTS.get(status, BAD_REQUEST_TEXT)
    sentences = "".join(f'<p lang="{tag.replace("_", "-")}">{translate(reason, tag)}</p>' for tag in LANGUAGES)
    return PAGE_TEMPLATE.format(code=status, sentences=sentences).encode()


class SharedTask:
    """Task of a thread: the request of a channel, which gives its place back when it is answered.

    Parameters
    ----------
    dispatcher : BoundedDispatcher
    request : WaitingRequest
    """

    def __init__(self, dispatcher: "BoundedDispatcher", request: WaitingRequest) -> None:
        self.dispatcher, self.request = dispatcher, request

    def service(self) -> None:
        """Answer the request, then let the next one of its owner run."""
        try:
            self.request.channel.service()
        finally:
            with self.dispatcher.lock:
                self.dispatcher.queue.finish(self.request.owner)
                self.dispatcher.queue_cv.notify()

    def cancel(self) -> None:
        """Drop the request."""
        self.request.channel.cancel()


class TaskQueue(FairQueue):
    """Fair queue of a dispatcher, from which waitress takes tasks."""

    def __init__(self, max_running: int, dispatcher: "BoundedDispatcher") -> None:
        super().__init__(max_running)
        self.dispatcher = dispatcher

    def popleft(self) -> Any:
        """Return the task of the next request."""
        return SharedTask(self.dispatcher, super().popleft())


class BoundedDispatcher(ThreadedTaskDispatcher):  # type: ignore[misc]  # waitress has no types
    """Threads with a fair queue of bounded length, and one priority thread.

    waitress queues without bound, so that under overload every answer comes too late. Here the priority thread refuses
    a request at once when the queue is full: the newest of the owner with most waiting requests. It also answers
    `LIVENESS_PATH` while all other threads are busy. Two threads stay free of each owner, so that nobody waits for the
    slow requests of one account.

    Parameters
    ----------
    threads : int
        Number of requests answered at the same time.
    max_queue_length : int
        Number of requests that may wait for a thread.
    owner_of : callable
        Returns the account or address that the first request of a channel counts for.
    """

    def __init__(self, threads: int, max_queue_length: int, owner_of: Callable[[Any], str]) -> None:
        super().__init__()
        self.max_queue_length, self.owner_of = max_queue_length, owner_of
        self.queue = TaskQueue(threads - THREADS_LEFT_TO_OTHERS, self)
        self.queue_head: int | None = None
        self.head_since = time.monotonic()
        self.priority_dispatcher = ThreadedTaskDispatcher()
        self.priority_dispatcher.set_thread_count(1)
        self.set_thread_count(threads)

    def add_task(self, channel: Any) -> None:
        """Queue, refuse or prioritise the first request of a channel."""
        request = channel.requests[0]
        if request.error or request.path == LIVENESS_PATH:
            self.priority_dispatcher.add_task(channel)
            return
        refused = self._enqueue(channel, self.owner_of(channel))
        if refused is not None:
            refused.requests[0].error = Overloaded("")
            self.priority_dispatcher.add_task(refused)

    def _enqueue(self, channel: Any, owner: str) -> Any:
        """Queue a channel, and return the one that is refused for it, or the channel itself; None if there is room."""
        with self.lock:
            refused = None
            if len(self.queue) >= self.max_queue_length:
                refused = self.queue.make_room(owner)
                if refused is None:
                    return channel
            self.queue.append(owner, channel)
            self.queue_cv.notify()
        return refused and refused.channel

    def is_progressing(self) -> bool:
        """Return whether the queue moves: False when its head has not changed for `STUCK_QUEUE_TIMEOUT_S`."""
        with self.lock:
            head = self.queue.oldest()
        now = time.monotonic()
        if head is None or head != self.queue_head:
            self.queue_head, self.head_since = head, now
        return now - self.head_since < STUCK_QUEUE_TIMEOUT_S

    def shutdown(self, cancel_pending: bool = True, timeout: float = 5) -> bool:
        """End all threads and drop the queue."""
        self.priority_dispatcher.shutdown(cancel_pending, timeout)
        self.queue.max_running = sys.maxsize  # all of it is cancelled
        return bool(super().shutdown(cancel_pending, timeout))


class TimedChannel(HTTPChannel):  # type: ignore[misc]  # waitress has no types
    """Connection that is closed when a request arrives too slowly.

    A request has `REQUEST_READ_TIMEOUT_S` and one more second for every `MIN_BYTES_PER_S` received. waitress itself
    closes only silent connections; a client that sends one byte now and then could hold one for ever.
    """

    task_class, error_task_class = ApplicationTask, RefusalTask
    request_started_at = 0.0
    bytes_received = 0

    def received(self, data: bytes) -> Any:
        """Process received bytes, or close the connection if they came too slowly."""
        now = time.monotonic()
        if self.request is None:
            self.request_started_at, self.bytes_received = now, 0
        self.bytes_received += len(data)
        if now - self.request_started_at > REQUEST_READ_TIMEOUT_S + self.bytes_received / MIN_BYTES_PER_S:
            self.will_close = True
            return False
        return super().received(data)

    def is_idle(self) -> bool:
        """Return whether no request is being answered and no output waits to be sent."""
        return not (self.requests or self.total_outbufs_len)
