"""Blueprint of planners' pages, and what several of them share."""

from collections.abc import Sequence

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from gridmap.core.vocabulary import Role
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.web.access import roles_required

planner = Blueprint("planner", __name__, url_prefix="/planner")
planner_required = roles_required(Role.PLANNER)
plan_reader_required = roles_required(Role.PLANNER, Role.LEADER)
"""Leaders read plans and approve them; they change none."""


def redirect_to_revision(revision_id: int, community_id: int) -> Response:
    """Redirect to a revision that was just saved or approved."""
    return redirect(url_for("planner.community", community_id=community_id, revision=revision_id), code=303)


def redirect_to_job(job_id: int) -> Response:
    """Redirect to the progress of a job, which goes on to its result."""
    return redirect(url_for("jobs.show", job_id=job_id, follow=1), code=303)


def latest_revision_id(revisions: Sequence[RevisionSummary]) -> int | None:
    """Return the key of the latest revision of a list, which begins with it."""
    return revisions[0].id if revisions else None
