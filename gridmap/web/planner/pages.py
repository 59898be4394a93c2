"""The communities of a planner with their plans, and one community: its map, its versions, and what may be done."""

from collections.abc import Sequence
from typing import Any

from flask import abort, render_template, request, url_for

from gridmap.services import grids, planning_pages, versions
from gridmap.services.versions import Version
from gridmap.web import current
from gridmap.web.planner.forms import Divide
from gridmap.web.planner.frame import LARGEST_KEY, newest_of, planner, plans, shared

MAP = "js/planner/page.js"


@planner.get("")
@plans
def listing() -> str:
    """All communities with the plan in force, and what waits to be approved."""
    return render_template("planner/list.html", subdistricts=planning_pages.of_all(current.session()), **shared())


@planner.get(f"/communities/<int(max={LARGEST_KEY}):community>")
@plans
def community(community: int) -> str:
    """One community."""
    return show(community, None)


def show(community: int, form: Divide | None, **besides: Any) -> str:
    """The page of a community, with a form that was filled in or a new one."""
    session = current.session()
    place, known = versions.community(session, community), versions.of_community(session, community)
    after = _chosen(known, "version") or (known[0] if known else None)
    before = _chosen(known, "beside") or _parent(known, after)
    compared = versions.compared(session, before, after, grids.today(session)) if after else None
    told = {"place": place, "versions": known, "after": after, "before": before, "compared": compared}
    form = form or _divide(after, newest_of(known))
    shell = planning_pages.shell_of(place, url_for("static", filename=MAP))
    return render_template("planner/community.html", **told, form=form, shell=shell, **shared(), **besides)


def _chosen(known: Sequence[Version], name: str) -> Version | None:
    """The version that the address names; one that is not this community's is not there."""
    if name not in request.args:
        return None
    return next((each for each in known if str(each.id) == request.args[name]), None) or abort(404)


def _parent(known: Sequence[Version], after: Version | None) -> Version | None:
    return next((each for each in known if after and each.id == after.revision.parent_id), None)


def _divide(after: Version | None, newest: int | None) -> Divide:
    """The form as it stands before anybody filled it in: the range of the version looked at."""
    allowed = (after.revision.minimum, after.revision.maximum) if after else (300, 500)
    return Divide(formdata=None, minimum=allowed[0], maximum=allowed[1], seed=0, newest=newest)
