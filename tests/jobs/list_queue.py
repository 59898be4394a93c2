"""Queue of jobs in memory, for tests of the runner without a database."""

from dataclasses import dataclass, field

from gridmap.jobs.attempts import AttemptEnd, Claim
from gridmap.jobs.runner import QueueUnavailable

CLAIM = Claim(1, 1, "partition", "job token")


@dataclass
class ListQueue:
    """Queue in memory: jobs that wait, verdicts by job, and the ends that the runner wrote."""

    waiting: list[Claim] = field(default_factory=lambda: [CLAIM])
    verdicts: dict[int, str] = field(default_factory=dict)
    ends: list[tuple[Claim, AttemptEnd]] = field(default_factory=list)
    renewals: int = 0
    orphan_ends: int = 0
    is_away: bool = False

    def claim(self, token: str, lease_s: int) -> Claim | None:
        self._require_present()
        return self.waiting.pop(0) if self.waiting else None

    def renew(self, claim: Claim, lease_s: int) -> str:
        self._require_present()
        self.renewals += 1
        return self.verdicts.get(claim.job_id, "continue")

    def end(self, claim: Claim, end: AttemptEnd, delay_s: int) -> None:
        self._require_present()
        self.ends.append((claim, end))

    def add_periodic(self) -> None:
        self._require_present()

    def end_orphans(self) -> None:
        self._require_present()
        self.orphan_ends += 1

    def _require_present(self) -> None:
        if self.is_away:
            raise QueueUnavailable("away")
