"""What the frame of every page shows: who is signed in, and where this person may go."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, request, url_for

from gridmap.core.errors import N_
from gridmap.core.vocabulary import Role
from gridmap.web import context
from gridmap.web.access import SIGN_IN_PATH, can_access

ROLE_NAMES = {
    Role.PLANNER: N_("Planner"),
    Role.WORKER: N_("Grid worker"),
    Role.LEADER: N_("Subdistrict leader"),
    Role.STATION: N_("Grid workstation"),
    Role.ADMIN: N_("Administrator"),
}
SIGN_OUT_PATH = "/sign-out"
ACCOUNT_PATH = "/account"


@dataclass(frozen=True)
class NavItem:
    """An entry of the navigation; shown to whom its view is open."""

    endpoint: str
    title: str


NAVIGATION: tuple[NavItem, ...] = (
    NavItem("overview.show", N_("Overview")),
    NavItem("worker.mine", N_("My grid")),
    NavItem("planner.listing", N_("Plans")),
    NavItem("leader.show", N_("Incidents")),
    NavItem("people.search", N_("Residents")),
    NavItem("admin.listing", N_("Accounts")),
    NavItem("admin.records", N_("Records")),
)
"""In the order in which they are shown; each names its view by endpoint and its title by ``N_``."""


def init_app(app: Flask) -> None:
    """Give templates ``account``, ``nav_items`` and the words and addresses of the page's head."""
    app.jinja_env.globals.update(
        role_names=ROLE_NAMES, sign_in=SIGN_IN_PATH, sign_out=SIGN_OUT_PATH, own_account=ACCOUNT_PATH
    )
    app.context_processor(_template_context)


def nav_items(role: Role) -> list[dict[str, Any]]:
    """Where a role may go: address, title, whether we are there."""
    found = [place for place in NAVIGATION if can_access(place.endpoint, role)]
    return [
        {"address": url_for(each.endpoint), "title": each.title, "here": each.endpoint == request.endpoint}
        for each in found
    ]


def _template_context() -> dict[str, Any]:
    person = context.account()
    return {"account": person, "places": nav_items(person.role) if person else []}
