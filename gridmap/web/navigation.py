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
    NavItem("overview.index", N_("Overview")),
    NavItem("worker.index", N_("My grid")),
    NavItem("planner.index", N_("Plans")),
    NavItem("leader.index", N_("Incidents")),
    NavItem("station.search", N_("Residents")),
    NavItem("admin.index", N_("Accounts")),
    NavItem("admin.audit_log", N_("Records")),
)
"""In the order in which they are shown; each names its view by endpoint and its title by ``N_``."""


def init_app(app: Flask) -> None:
    """Give templates ``account``, ``nav_items`` and the words and addresses of the page's head."""
    app.jinja_env.globals.update(
        role_names=ROLE_NAMES, sign_in_path=SIGN_IN_PATH, sign_out_path=SIGN_OUT_PATH, account_path=ACCOUNT_PATH
    )
    app.context_processor(_template_context)


def nav_items(role: Role) -> list[dict[str, Any]]:
    """Where a role may go: address, title, whether we are there."""
    found = [place for place in NAVIGATION if can_access(place.endpoint, role)]
    return [
        {"url": url_for(each.endpoint), "title": each.title, "is_current": each.endpoint == request.endpoint}
        for each in found
    ]


def _template_context() -> dict[str, Any]:
    person = context.account()
    return {"account": person, "nav_items": nav_items(person.role) if person else []}
