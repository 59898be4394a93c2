"""What the frame of every page shows: who is signed in, and where this person may go."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for

from gridmap.core.errors import N_
from gridmap.core.names import Role
from gridmap.web import current
from gridmap.web.access import SIGN_IN, open_to

ROLE_NAMES = {
    Role.PLANNER: N_("Planner"),
    Role.WORKER: N_("Grid worker"),
    Role.LEADER: N_("Subdistrict leader"),
    Role.STATION: N_("Grid workstation"),
    Role.ADMIN: N_("Administrator"),
}
SIGN_OUT = "/sign-out"
OWN_ACCOUNT = "/account"


@dataclass(frozen=True)
class Place:
    """An entry of the navigation; shown to whom its view is open."""

    endpoint: str
    title: str


PLACES: tuple[Place, ...] = (
    Place("overview.show", N_("Overview")),
    Place("worker.mine", N_("My grid")),
    Place("planner.listing", N_("Plans")),
    Place("leader.show", N_("Incidents")),
    Place("people.search", N_("Residents")),
    Place("admin.listing", N_("Accounts")),
    Place("admin.records", N_("Records")),
)
"""In the order in which they are shown; each names its view by endpoint and its title by ``N_``."""


def install(app: Flask) -> None:
    """Give templates ``account``, ``places`` and the words and addresses of the page's head."""
    app.jinja_env.globals.update(role_names=ROLE_NAMES, sign_in=SIGN_IN, sign_out=SIGN_OUT, own_account=OWN_ACCOUNT)
    app.context_processor(_frame)


def places(role: Role) -> list[dict[str, Any]]:
    """Where a role may go: address, title, whether we are there."""
    found = [place for place in PLACES if open_to(place.endpoint, role)]
    return [
        {"address": url_for(each.endpoint), "title": each.title, "here": each.endpoint == request.endpoint}
        for each in found
    ]


def _frame() -> dict[str, Any]:
    person = current.account()
    return {"account": person, "places": places(person.role) if person else []}
