"""Jobs of a planner that build the land of a community anew, with a preview."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import Message, NotFound, NotPossible
from gridmap.services.jobs.context import JobContext
from gridmap.services.jobs.jobs import get_job, submit_job
from gridmap.services.jobs.kinds import REBUILD_LAND
from gridmap.services.land.rebuild import RebuildRequest, rebuild_land, require_land
from gridmap.services.plans.revisions import get_community
from gridmap.store.day_bounds import get_today


@dataclass(frozen=True)
class LandRebuild:
    """Wanted rebuild of the land of a community.

    Parameters
    ----------
    community_id : int
    note : str or None
        Reason.
    preview : bool
        Whether to say what would change, and to change nothing.

    Examples
    --------
    >>> rebuild = LandRebuild(7, "重建", preview=True)
    >>> LandRebuild.from_json(rebuild.to_json()) == rebuild
    True
    """

    community_id: int
    note: str | None
    preview: bool

    def to_json(self) -> dict[str, object]:
        """Return the parameters of the job."""
        return asdict(self)

    @classmethod
    def from_json(cls, values: Mapping[str, Any]) -> "LandRebuild":
        """Return the rebuild of the parameters of a job."""
        return cls(**values)


@dataclass(frozen=True)
class RebuildPreview:
    """Preview that a job has made: the report as plain values, and the reason that was entered."""

    report: Mapping[str, object]
    note: str | None


def submit_land_rebuild(session: Session, caller: Caller, rebuild: LandRebuild, request_key: str | None = None) -> int:
    """Ask for the land of a community to be built anew, or for a preview, and return the key of the job.

    Parameters
    ----------
    session : Session
        Of a planner of the community.
    caller : Caller
    rebuild : LandRebuild
    request_key : str, optional
        Key of the form, which makes one job however often it is sent.

    Raises
    ------
    NotFound
        If the caller does not work in the community.
    NotPossible
        If the community has no land, its land was built anew today, or too many jobs of the account wait.
    """
    community = get_community(session, caller, rebuild.community_id)
    require_land(session, caller, community, get_today(session))
    return submit_job(
        session,
        caller,
        REBUILD_LAND,
        rebuild.to_json(),
        subdistrict_id=community.subdistrict_id,
        community_id=community.id,
        request_key=request_key,
    )


def find_refusal(session: Session, caller: Caller, community_id: int) -> Message | None:
    """Return why the land of a community cannot be built anew today; None where it can.

    Raises
    ------
    NotFound
        If the caller does not work in the community.
    """
    community = get_community(session, caller, community_id)
    try:
        require_land(session, caller, community, get_today(session))
    except NotPossible as refusal:
        return refusal.message
    return None


def get_preview(session: Session, caller: Caller, community_id: int, job_id: int) -> RebuildPreview:
    """Return the preview that a job of the account has made for a community.

    Raises
    ------
    NotFound
        If there is no such job, or it is no preview of this community.
    """
    job = get_job(session, caller, job_id)
    result = job.result or {}
    if job.kind != REBUILD_LAND.name or not result.get("preview") or result["community_id"] != community_id:
        raise NotFound(job_id)
    return RebuildPreview(result["report"], LandRebuild.from_json(job.parameters).note)


def rebuild_community(context: JobContext, parameters: Mapping[str, Any]) -> Mapping[str, object]:
    """Build the land of a community anew with the rights of the planner, or say what that would change.

    Returns
    -------
    mapping
        ``community_id``, ``preview`` and ``report``, as `RebuildReport.as_json` gives it.

    Raises
    ------
    NotFound
        If the account does not work in the community any more.
    NotPossible
        If the community has no land, or its land was built anew today.
    """
    rebuild = LandRebuild.from_json(parameters)
    request = RebuildRequest(rebuild.community_id, note=rebuild.note)
    session = context.session
    attempt = session.begin_nested()
    report = rebuild_land(session, context.caller, request, context.progress)
    if rebuild.preview:
        attempt.rollback()
    else:
        attempt.commit()
    return {"community_id": rebuild.community_id, "preview": rebuild.preview, "report": report.as_json()}
