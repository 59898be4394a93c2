"""One building moved to another grid: found, its effect looked at, saved as the next version."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from flask import flash, make_response, render_template, request, url_for
from werkzeug.wrappers import Response

from gridmap.core.errors import N_, BadInput, Unable, Unseen
from gridmap.services import grids, planning_pages, versions
from gridmap.services.versions import Outdated
from gridmap.web import current
from gridmap.web.forms import refuse
from gridmap.web.planner.forms import Move
from gridmap.web.planner.frame import LARGEST_KEY, newest_of, planner, plans, shared, to_version
from gridmap.web.planner.pages import MAP

if TYPE_CHECKING:  # what weighs a move brings geopandas and SciPy: imported by the first who moves something
    from gridmap.services.moving import Ground, Wish

SAVED = N_("The move is saved as a new version. Nothing is in force before it is approved.")


@dataclass(frozen=True)
class Asked:
    """How far the choice has come: words to search by, a building, whether it goes alone, a grid."""

    find: str
    building: int | None
    alone: bool
    grid: str | None

    @property
    def wish(self) -> "Wish | None":
        """The move, once both are chosen."""
        from gridmap.services.moving import Wish

        return Wish(self.building, self.grid, self.alone) if self.building and self.grid else None


@planner.get(f"/versions/<int(max={LARGEST_KEY}):revision>/move")
@plans
def move(revision: int) -> str:
    """Choose a building and a grid, and see what that does."""
    return _page(revision, None)


@planner.post(f"/versions/<int(max={LARGEST_KEY}):revision>/move")
@plans
def moving_it(revision: int) -> Response | str:
    """Save the move as the next version."""
    from gridmap.services import moving

    form, asked, session = Move(), _asked(), current.session()
    found = versions.version(session, revision)
    if not form.validate() or asked.wish is None:
        return make_response(_page(revision, form), 422)
    try:
        ground = moving.ground(session, found, grids.today(session))
        note = (form.note.data or "").strip()
        made = moving.save(session, ground, asked.wish, form.seen() or 0, note, grids.today(session))
    except BadInput as error:
        refuse(form, error)
        return make_response(_page(revision, form), 422)
    except Unable as error:
        since = error.since if isinstance(error, Outdated) else None
        return make_response(_page(revision, form, refusal=error.message, since=since), 409)
    flash(SAVED)
    return to_version(made.id, found.revision.community_id)


def _asked() -> Asked:
    """What the address says; what is no number is no building."""
    given = request.args.get("building", "")
    building = int(given) if given.isascii() and given.isdigit() and len(given) < 19 else None
    words = request.args.get("find", "")[:80].replace("\0", "")
    return Asked(words, building, "alone" in request.args, request.args.get("grid") or None)


def _page(revision: int, form: Move | None, **besides: Any) -> str:
    session = current.session()
    found = versions.version(session, revision)
    place = versions.community(session, found.revision.community_id)
    known = versions.of_community(session, place.id)
    form = form or Move(formdata=None, newest=newest_of(known))
    told = {"version": found, "place": place, "newest": newest_of(known), "asked": _asked(), "form": form}
    shell = planning_pages.shell_of(place, url_for("static", filename=MAP))
    return render_template("planner/move.html", **told, **_choice(found), shell=shell, **shared(), **besides)


def _choice(version: versions.Version) -> dict[str, Any]:
    """What there is to choose from, and what the choice so far would do."""
    from gridmap.services import moving

    session, asked = current.session(), _asked()
    day = grids.today(session)
    if not asked.building:
        found, count = moving.search(session, version.revision, asked.find, day)
        return {"buildings": found, "count": count, "chosen": None}
    try:
        return _chosen(moving.ground(session, version, day), asked)
    except Unable as error:
        return {"buildings": (), "count": 0, "chosen": None, "impossible": error.message}


def _chosen(ground: "Ground", asked: Asked) -> dict[str, Any]:
    from gridmap.services import moving

    if asked.building is None:
        raise Unseen
    told = {"chosen": moving.chosen(ground, asked.building)}
    targets = moving.targets(ground, asked.building, alone=asked.alone)
    try:
        effect = moving.effect(ground, asked.wish) if asked.wish else None
    except BadInput as error:
        return {**told, "targets": targets, "wrong": [fault.problem for fault in error.faults]}
    return {**told, "targets": targets, "effect": effect}
