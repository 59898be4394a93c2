"""The runner: one process that claims jobs, starts an attempt for each, extends its lease and writes how it ended.

It is one loop; only processes are started by a thread, which may have to wait. Every step is short, and the queue
answers within its own time limit. While the queue cannot be reached, running attempts go on; the database repeats what
was not completed.
"""

import logging
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from gridmap.core.vocabulary import JobFailure
from gridmap.jobs.attempts import Attempt, AttemptEnd, Claim, Limits, Perform, end_server, prepare_server

POLL_INTERVAL_S = 0.5
BUSY_INTERVAL_S = 0.05
"""Interval between looks at running attempts: a job of a second must not wait half a second for its end."""
RENEW_INTERVAL_S = 1.0
LEASE_S = 10
"""Seconds without a sign of life after which an attempt is lost; ten times the interval of signs."""
PERIODIC_INTERVAL_S = 30.0
WARM_UP_DELAY_S = 15.0
"""Seconds after the start before modules are loaded: web processes start first."""
RETRY_DELAY_S = 1
"""Seconds before an interrupted job is repeated, and before the next call of a queue that did not answer."""
CANCEL_GRACE_S = 1.0
TOKEN_PREFIX = "job "  # noqa: S105 - the part that is no secret
VERDICT_ENDS = {
    "lost": AttemptEnd("released"),
    "account_ended": AttemptEnd("failed", JobFailure.ACCOUNT_ENDED),
}
log = logging.getLogger(__name__)


class QueueUnavailable(Exception):
    """The queue cannot be reached just now."""


class JobQueue(Protocol):
    """The queue of jobs, as the runner uses it. Every call may raise `QueueUnavailable`."""

    def claim(self, token: str, lease_s: int) -> Claim | None:
        """Begin the next job; None where none waits."""

    def renew(self, claim: Claim, lease_s: int) -> str:
        """Extend the lease; return ``continue``, ``cancel``, ``account_ended`` or ``lost``."""

    def end(self, claim: Claim, end: AttemptEnd, delay_s: int) -> None:
        """Write how an attempt ended that did not complete its job."""

    def add_periodic(self) -> None:
        """Add the jobs of periodic tasks that are due."""

    def end_orphans(self) -> None:
        """Let the attempts of runners end that have died on this machine."""


@dataclass
class Runner:
    """Runner of jobs.

    Parameters
    ----------
    queue : JobQueue
    perform : callable
        Does the work of an attempt, in a process of its own.
    limits_of : callable
        Returns the limits of a kind of jobs.
    slots : int
        Attempts at the same time.
    modules : sequence of str
        Modules that jobs need and that are slow to load.
    beat : callable
        Called in every step, as the sign of life of the runner.
    lease_s : int
        Seconds without a sign of life after which an attempt is lost.
    """

    queue: JobQueue
    perform: Perform
    limits_of: Callable[[str], Limits]
    slots: int = 2
    modules: Sequence[str] = ()
    beat: Callable[[], None] = lambda: None
    lease_s: int = LEASE_S
    attempts: list[Attempt] = field(default_factory=list)
    unwritten: list[tuple[Claim, AttemptEnd]] = field(default_factory=list)
    stopping: bool = False
    has_ended_orphans: bool = False
    next_claim_at: float = 0.0
    next_periodic_at: float = 0.0
    next_renewal_at: float = 0.0
    warm_up_at: float | None = None

    def stop(self, *_signal: object) -> None:
        """Let `run` give back what it has begun and return."""
        self.stopping = True

    def run(self) -> None:
        """Run jobs until stopped; then end all attempts, which do not count, and let others do their jobs."""
        self.warm_up_at = time.monotonic() + WARM_UP_DELAY_S
        while not self.stopping:
            self.step()
            time.sleep(BUSY_INTERVAL_S if self.attempts else POLL_INTERVAL_S)
        for attempt in self.attempts:
            self.unwritten.append((attempt.claim, attempt.kill(AttemptEnd("released"))))
        self.attempts.clear()
        end_server()
        self._try(self._write_ends)

    def step(self) -> None:
        """Look at every attempt, extend leases, claim a job if there is room."""
        self.beat()
        now = time.monotonic()
        self._collect_ends(now)
        self._try(self._write_ends)
        if not self.has_ended_orphans:
            self._try(self._end_orphans)
        if now >= self.next_renewal_at and self.attempts:
            self.next_renewal_at = now + RENEW_INTERVAL_S
            self._try(self._renew_leases)
        if now >= self.next_periodic_at:
            self.next_periodic_at = now + PERIODIC_INTERVAL_S
            self._try(self.queue.add_periodic)
        if now >= self.next_claim_at:
            self.next_claim_at = now + POLL_INTERVAL_S
            self._try(self._claim_jobs)
        if self.warm_up_at is not None and now >= self.warm_up_at:
            self.warm_up_at = None
            prepare_server(self.modules)

    def _collect_ends(self, now: float) -> None:
        for attempt in list(self.attempts):
            end = attempt.poll(now)
            if end is None and attempt.cancelled_at is not None and now - attempt.cancelled_at > CANCEL_GRACE_S:
                end = attempt.kill(AttemptEnd("cancelled"))
            if end is not None:
                self._note_end(attempt, end)

    def _note_end(self, attempt: Attempt, end: AttemptEnd) -> None:
        seconds = time.monotonic() - attempt.started_at
        log.info("%r %s after %.1f s %s", attempt.claim, end.outcome, seconds, end.failure or "")
        self.attempts.remove(attempt)
        self.next_claim_at = 0.0
        if end.outcome == "interrupted":
            prepare_server(self.modules)  # it may have died as well, and loads its modules while the job waits
        if end.outcome != "done":
            self.unwritten.append((attempt.claim, end))

    def _write_ends(self) -> None:
        while self.unwritten:
            claim, end = self.unwritten[0]
            self.queue.end(claim, end, RETRY_DELAY_S if end.outcome == "interrupted" else 0)
            del self.unwritten[0]

    def _end_orphans(self) -> None:
        """Let the attempts of the runner before end at once: it was killed, and its lease would last some seconds."""
        self.queue.end_orphans()
        self.has_ended_orphans = True

    def _renew_leases(self) -> None:
        for attempt in [each for each in self.attempts if each.is_alive]:
            verdict = self.queue.renew(attempt.claim, self.lease_s)
            if verdict == "cancel":
                attempt.cancelled_at = attempt.cancelled_at or time.monotonic()
            elif verdict in VERDICT_ENDS and attempt.is_alive:
                self._note_end(attempt, attempt.kill(VERDICT_ENDS[verdict]))

    def _claim_jobs(self) -> None:
        while len(self.attempts) < self.slots:
            claim = self.queue.claim(TOKEN_PREFIX + secrets.token_urlsafe(32), self.lease_s)
            if claim is None:
                return
            log.info("%r begins", claim)
            self.warm_up_at = None
            prepare_server(self.modules)
            self.attempts.append(Attempt(claim, self.limits_of(claim.kind), self.perform))

    def _try(self, call: Callable[[], None]) -> None:
        try:
            call()
        except QueueUnavailable as error:
            self.next_claim_at = time.monotonic() + RETRY_DELAY_S
            log.warning("the queue cannot be reached: %s", error)
