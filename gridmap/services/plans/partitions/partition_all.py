"""Partition of all communities of a subdistrict in which a planner works, asked for as one job."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, Message, NotFound, NotPossible
from gridmap.core.plans.profile import Profile
from gridmap.services.jobs.jobs import submit_job
from gridmap.services.jobs.kinds import PARTITION_ALL
from gridmap.services.plans.range_check import require_possible_in_most
from gridmap.store.day_bounds import get_today
from gridmap.store.queries import territory
from gridmap.store.queries.plans.community_town import has_land
from gridmap.store.queries.plans.revisions import latest_revision_id
from gridmap.store.queries.territory import CommunityRow, SubdistrictRow

NO_LAND = N_("No community has land in the database yet: load streets and buildings first.")
ALL_HAVE_REVISIONS = N_("Every community has a revision already.")


@dataclass(frozen=True)
class PartitionAllRequest:
    """Partition of the communities of a subdistrict.

    Parameters
    ----------
    subdistrict_id : int
    minimum, maximum : int
        Range of households of a grid.
    seed : int
        The same seed gives the same grids.
    note : str, optional
        Purpose.
    only_without_revision : bool
        Leave communities alone that have a revision, such as traced grids.
    max_radius_m : int
        Largest distance from the centre of a grid to its farthest inhabited building, metres; 0 for no limit.

    Examples
    --------
    >>> request = PartitionAllRequest(7, 300, 500, seed=1)
    >>> PartitionAllRequest.from_json(request.to_json()) == request
    True
    """

    subdistrict_id: int
    minimum: int
    maximum: int
    seed: int
    note: str | None = None
    only_without_revision: bool = False
    max_radius_m: int = 0

    @property
    def profile(self) -> Profile:
        """Return the range and the radius as a profile."""
        return Profile(self.minimum, self.maximum, max_radius_m=self.max_radius_m)

    def to_json(self) -> dict[str, object]:
        """Return the parameters of the job."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "PartitionAllRequest":
        """Return the request of the parameters of a job."""
        return cls(**values)


def get_subdistrict(session: Session, caller: Caller, subdistrict_id: int) -> SubdistrictRow:
    """Return a subdistrict in which the caller works.

    Raises
    ------
    NotFound
        If there is none.
    """
    subdistrict = territory.find_subdistrict(session, caller, subdistrict_id)
    if subdistrict is None:
        raise NotFound(subdistrict_id)
    return subdistrict


def list_requested(session: Session, caller: Caller, request: PartitionAllRequest) -> Sequence[CommunityRow]:
    """Return the communities that a request is about."""
    rows = territory.list_communities(session, caller, request.subdistrict_id)
    if not request.only_without_revision:
        return rows
    return [row for row in rows if latest_revision_id(session, caller, row.id, lock=False) is None]


def submit_partition_of_all(
    session: Session, caller: Caller, request: PartitionAllRequest, request_key: str | None = None
) -> int:
    """Ask for a partition of all communities in which the caller works, and return the key of the job.

    Parameters
    ----------
    session : Session
        Of a planner of the subdistrict.
    caller : Caller
    request : PartitionAllRequest
    request_key : str, optional
        Key of the form, which makes one job however often it is sent.

    Raises
    ------
    NotFound
        If the caller does not work in the subdistrict.
    NotPossible
        If no community has land, none is without a revision, or too many jobs of the account wait.
    InvalidInput
        If no number of grids meets the range for most of the households, with the ranges that would do.
    """
    subdistrict = get_subdistrict(session, caller, request.subdistrict_id)
    communities = list_requested(session, caller, request)
    if not communities:
        raise NotPossible(Message(ALL_HAVE_REVISIONS))
    if not any(has_land(session, caller, community.id) for community in communities):
        raise NotPossible(Message(NO_LAND))
    require_possible_in_most(session, caller, communities, request.profile, get_today(session))
    return submit_job(
        session,
        caller,
        PARTITION_ALL,
        request.to_json(),
        subdistrict_id=subdistrict.id,
        request_key=request_key,
    )
