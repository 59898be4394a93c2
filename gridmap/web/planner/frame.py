"""The blueprint of planners' pages, and what several of them share."""

from typing import Any

from flask import Blueprint, redirect, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_
from gridmap.core.names import Role
from gridmap.services import grids
from gridmap.services.versions import Version
from gridmap.web import current
from gridmap.web.access import roles

planner = Blueprint("planner", __name__, url_prefix="/planner")
LARGEST_KEY = 2**63 - 1
plans = roles(Role.PLANNER)
STATES = (
    ("in_range", N_("in range")),
    ("under", N_("under")),
    ("over", N_("over")),
    ("dedicated", N_("dedicated")),
)
STANDINGS = {
    "in_force": ("good", N_("in force")),
    "planned": ("note", N_("approved for later")),
    "past": ("", N_("was in force")),
    "draft": ("", N_("draft")),
}


def shared() -> dict[str, Any]:
    """Words and the day, for every template."""
    return {"states": STATES, "standings": STANDINGS, "today": grids.today(current.session())}


def to_version(version: int, community: int) -> Response:
    """Lead to a version that was just saved or approved."""
    return redirect(url_for("planner.community", community=community, version=version), code=303)


def newest_of(known: list[Version] | Any) -> int | None:
    """Key of the newest of some versions."""
    return known[0].id if known else None
