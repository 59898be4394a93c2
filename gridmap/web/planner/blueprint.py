"""The blueprint of planners' pages, and what several of them share."""

from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.vocabulary import Role
from gridmap.services.grids import in_force
from gridmap.services.plans.revisions import RevisionSummary
from gridmap.web import context
from gridmap.web.access import roles_required

planner = Blueprint("planner", __name__, url_prefix="/planner")
MAX_ID = 2**63 - 1
planner_required = roles_required(Role.PLANNER)
GRID_STATUS_LABELS = (
    ("in_range", N_("in range")),
    ("under", N_("under")),
    ("over", N_("over")),
    ("dedicated", N_("dedicated")),
)
REVISION_STATUS_LABELS = {
    "in_force": ("good", N_("in force")),
    "planned": ("note", N_("approved for later")),
    "past": ("", N_("was in force")),
    "draft": ("", N_("draft")),
}


def template_context() -> dict[str, Any]:
    """Words and the day, for every template."""
    return {
        "status_labels": GRID_STATUS_LABELS,
        "revision_status_labels": REVISION_STATUS_LABELS,
        "today": in_force.get_today(context.session()),
    }


def redirect_to_revision(revision_id: int, community_id: int) -> Response:
    """Lead to a version that was just saved or approved."""
    return redirect(url_for("planner.community", community_id=community_id, revision=revision_id), code=303)


def latest_revision_id(revisions: list[RevisionSummary] | Any) -> int | None:
    """Key of the newest of some versions."""
    return revisions[0].id if revisions else None
