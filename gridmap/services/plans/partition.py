"""Partition of a community for a planner: asked for as a job, which saves the next revision."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotPossible
from gridmap.core.plans.profile import Profile
from gridmap.services.jobs.jobs import submit_job
from gridmap.services.jobs.kinds import PARTITION
from gridmap.services.plans.range_check import require_possible
from gridmap.services.plans.revisions import get_community, require_latest
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.plans.community_town import has_land

FIRST_PLAN = N_("First plan")
NO_LAND = N_("This community has no land in the database yet: load its streets and buildings first.")


@dataclass(frozen=True)
class PartitionRequest:
    """Partition of a community.

    Parameters
    ----------
    community_id : int
    minimum, maximum : int
        Range of households of a grid.
    seed : int
        The same seed gives the same grids.
    base_revision_id : int or None
        Latest revision that the planner has seen; None where there was none.
    note : str, optional
        Purpose.
    plan_file_id : int, optional
        Result of an earlier job that waits: it is saved, and nothing is computed.
    parent_revision_id : int, optional
        Revision whose grids give their codes to the new ones; by default the base.
    max_radius_m : int
        Largest distance from the centre of a grid to its farthest inhabited building, metres; 0 for no limit.

    Examples
    --------
    >>> request = PartitionRequest(7, 300, 500, seed=1, base_revision_id=None)
    >>> PartitionRequest.from_json(request.to_json()) == request
    True
    """

    community_id: int
    minimum: int
    maximum: int
    seed: int
    base_revision_id: int | None
    note: str | None = None
    plan_file_id: int | None = None
    parent_revision_id: int | None = None
    max_radius_m: int = 0

    @property
    def profile(self) -> Profile:
        """Return the range and the radius as a profile."""
        return Profile(self.minimum, self.maximum, max_radius_m=self.max_radius_m)

    def to_json(self) -> dict[str, object]:
        """Return the parameters of the job."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "PartitionRequest":
        """Return the request of the parameters of a job."""
        return cls(**values)


def submit_partition(
    session: Session, caller: Caller, request: PartitionRequest, request_key: str | None = None
) -> int:
    """Ask for a partition of a community and return the key of the job.

    Grids that share most with those of the latest revision keep their codes, and with them their workers. What can be
    known before the work is refused at once.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    caller : Caller
    request : PartitionRequest
    request_key : str, optional
        Key of the form, which makes one job however often it is sent.

    Raises
    ------
    NotFound
        If the caller does not work in the community.
    InvalidInput
        If no number of grids meets the range, with the numbers that would do.
    gridmap.services.plans.revisions.EditConflict
        If others saved a newer revision.
    NotPossible
        If the community has no land, or too many jobs of the account wait.
    """
    community = get_community(session, caller, request.community_id)
    require_latest(session, caller, community.id, request.base_revision_id, lock=False)
    if not has_land(session, caller, community.id):
        raise NotPossible(Message(NO_LAND))
    require_possible(session, caller, community, request.profile, get_today(session))
    return submit_job(
        session,
        caller,
        PARTITION,
        request.to_json(),
        subdistrict_id=community.subdistrict_id,
        community_id=community.id,
        request_key=request_key,
    )
