"""Partition of a community from today's grids: asked for as a job, which finds plans of which the planner saves one."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message, NotPossible
from gridmap.core.plans.profile import Profile
from gridmap.core.repartition.figures import DEFAULT_ALTERNATIVES, RepartitionWeights
from gridmap.services.jobs.jobs import submit_job
from gridmap.services.jobs.kinds import REPARTITION
from gridmap.services.plans.range_check import require_possible
from gridmap.services.plans.revisions import (
    RevisionSummary,
    get_community,
    list_community_revisions,
    require_latest,
)
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.land import lands
from gridmap.store.queries.plans import revision_contents
from gridmap.store.queries.plans.revision_contents import RevisionGridRow

NO_GRIDS = N_("This community has no grids yet: partition it from scratch.")
OTHER_LAND = N_("The land of the community was rebuilt after its grids were saved: partition it from scratch.")
UNKNOWN_GRID = N_("The grid {code} does not exist any more. Choose the locked grids again.")


@dataclass(frozen=True)
class RepartitionRequest:
    """Partition of a community from today's grids.

    Parameters
    ----------
    community_id : int
    minimum, maximum : int
        Range of households of a grid.
    base_revision_id : int
        Latest revision that the planner has seen.
    max_moved : int, optional
        Households that may get another grid; by default as many as the range needs.
    locked : sequence of str
        Codes of grids that stay as they are.
    alternatives : int
        Plans to compare, at most.
    weights : RepartitionWeights
    note : str, optional
        Purpose.
    max_radius_m : int
        Largest distance from the centre of a grid to its farthest inhabited building, metres; 0 for no limit.

    Examples
    --------
    >>> request = RepartitionRequest(7, 300, 500, base_revision_id=3, locked=["A-001"])
    >>> RepartitionRequest.from_json(request.to_json()) == request
    True
    """

    community_id: int
    minimum: int
    maximum: int
    base_revision_id: int
    max_moved: int | None = None
    locked: Sequence[str] = ()
    alternatives: int = DEFAULT_ALTERNATIVES
    weights: RepartitionWeights = field(default_factory=RepartitionWeights)
    note: str | None = None
    max_radius_m: int = 0

    @property
    def profile(self) -> Profile:
        """Return the range and the radius as a profile."""
        return Profile(self.minimum, self.maximum, max_radius_m=self.max_radius_m)

    def to_json(self) -> dict[str, object]:
        """Return the parameters of the job."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "RepartitionRequest":
        """Return the request of the parameters of a job."""
        return cls(**{**values, "weights": RepartitionWeights(**values["weights"])})


def find_start(summaries: Sequence[RevisionSummary]) -> RevisionSummary | None:
    """Return the revision that a repartition starts from: the one in force, else the latest.

    Parameters
    ----------
    summaries : sequence of RevisionSummary
        Of one community, the newest first.
    """
    in_force = (each for each in summaries if each.status == "in_force")
    return next(in_force, summaries[0] if summaries else None)


def load_start(session: Session, caller: Caller, community_id: int) -> RevisionSummary:
    """Return the revision that a repartition of a community starts from.

    Raises
    ------
    NotPossible
        If the community has no grids, or none on its newest land.
    """
    start = find_start(list_community_revisions(session, caller, community_id))
    if start is None:
        raise NotPossible(Message(NO_GRIDS))
    land = lands.find_newest_land(session, caller, community_id)
    if land is None or start.row.land_id != land.id:
        raise NotPossible(Message(OTHER_LAND))
    return start


def list_start_grids(session: Session, caller: Caller, start: RevisionSummary) -> Sequence[RevisionGridRow]:
    """Return the grids that a repartition starts from, by code."""
    return revision_contents.list_revision_grids(session, caller, start.id)


def submit_repartition(
    session: Session, caller: Caller, request: RepartitionRequest, request_key: str | None = None
) -> int:
    """Ask for plans of a community from today's grids, and return the key of the job.

    Nothing is saved before the planner chooses one of the plans.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    caller : Caller
    request : RepartitionRequest
    request_key : str, optional
        Key of the form, which makes one job however often it is sent.

    Raises
    ------
    NotFound
        If the caller does not work in the community.
    InvalidInput
        If no number of grids meets the range, or a locked grid does not exist.
    gridmap.services.plans.revisions.EditConflict
        If others saved a newer revision.
    NotPossible
        If there are no grids to start from, or too many jobs of the account wait.
    """
    community = get_community(session, caller, request.community_id)
    require_latest(session, caller, community.id, request.base_revision_id, lock=False)
    start = load_start(session, caller, community.id)
    require_possible(session, caller, community, request.profile, get_today(session))
    _require_known(request.locked, {grid.code for grid in list_start_grids(session, caller, start)})
    return submit_job(
        session,
        caller,
        REPARTITION,
        request.to_json(),
        subdistrict_id=community.subdistrict_id,
        community_id=community.id,
        request_key=request_key,
    )


def _require_known(locked: Sequence[str], codes: set[str]) -> None:
    unknown = sorted(set(locked) - codes)
    if unknown:
        raise InvalidInput(InputFault(Message(UNKNOWN_GRID, {"code": code}), column="locked") for code in unknown)
