"""Partitions that are done and wait, since others had saved a revision meanwhile."""

from dataclasses import replace

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.services.jobs.jobs import get_job
from gridmap.services.jobs.kinds import PARTITION
from gridmap.services.plans.partition import PartitionRequest, submit_partition
from gridmap.store.queries.plans import revisions as revision_queries


def save_after_latest(session: Session, caller: Caller, job_id: int) -> int:
    """Ask for the partition of a job to be saved after the latest revision, and return the key of the new job.

    Nothing is computed again. Asked twice, it is the same job.

    Raises
    ------
    NotFound
        If there is no such job of the account, or its partition does not wait.
    NotPossible
        If too many jobs of the account wait.
    """
    job = get_job(session, caller, job_id)
    if job.kind != PARTITION.name or not job.result or "plan_file_id" not in job.result:
        raise NotFound(job_id)
    request = PartitionRequest.from_json(job.parameters)
    latest = revision_queries.latest_revision_id(session, caller, request.community_id, lock=False)
    request = replace(request, base_revision_id=latest, plan_file_id=int(job.result["plan_file_id"]))
    return submit_partition(session, caller, request, f"after job {job.id} on {latest}")
