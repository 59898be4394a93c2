"""Navigation of every page: the signed-in account and the pages it may open."""

from dataclasses import dataclass

from flask import Flask, request, url_for

from gridmap.core.errors import N_
from gridmap.core.plans.grid_codes import short_code
from gridmap.core.vocabulary import Role
from gridmap.web import context
from gridmap.web.access import SIGN_IN_PATH, can_access
from gridmap.web.labels import GRID_STATUS_LABELS, NORM_KIND_LABELS, REVISION_STATUS_LABELS

ROLE_NAMES = {
    Role.PLANNER: N_("Planner"),
    Role.WORKER: N_("Grid worker"),
    Role.LEADER: N_("Subdistrict leader"),
    Role.STATION: N_("Grid workstation"),
    Role.ADMIN: N_("Administrator"),
}
SIGN_OUT_PATH = "/sign-out"
ACCOUNT_PATH = "/account"
JOBS_PATH = "/jobs"
NOTICES_PATH = "/cases/notices"
REPORTS_PATH = "/my-grid/reports"
LANGUAGE_PATH = "/account/language"


@dataclass(frozen=True)
class NavItem:
    """Entry of the navigation, shown to roles that may open its view."""

    endpoint: str
    title: str


NAVIGATION: tuple[NavItem, ...] = (
    NavItem("overview.index", N_("Overview")),
    NavItem("search.index", N_("Search")),
    NavItem("worker.index", N_("My grid")),
    NavItem("planner.index", N_("Plans")),
    NavItem("norms.index", N_("Norm")),
    NavItem("cases.index", N_("Cases")),
    NavItem("leader.index", N_("Incidents")),
    NavItem("station.search", N_("Residents")),
    NavItem("homes.index", N_("Homes")),
    NavItem("homes.show_links", N_("Links")),
    NavItem("places.index", N_("Places")),
    NavItem("roster.index", N_("Roster")),
    NavItem("imports.index", N_("Imports")),
    NavItem("station.person_exports", N_("Exports of persons")),
    NavItem("admin.index", N_("Accounts")),
    NavItem("admin.special_tasks", N_("Special tasks")),
    NavItem("admin.person_exports", N_("Exports of persons")),
    NavItem("admin.incident_categories", N_("Incident categories")),
    NavItem("admin.service_lines", N_("Service lines")),
    NavItem("admin.service_groups", N_("Service groups")),
    NavItem("admin.audit_log", N_("Records")),
)
"""Entries in the order in which they are shown."""


def init_app(app: Flask) -> None:
    """Give templates ``account``, ``nav_items``, labels, ``short_code``, and the paths of the page header."""
    app.jinja_env.globals.update(
        role_names=ROLE_NAMES,
        grid_status_labels=GRID_STATUS_LABELS,
        norm_kind_labels=NORM_KIND_LABELS,
        revision_status_labels=REVISION_STATUS_LABELS,
        short_code=short_code,
        sign_in_path=SIGN_IN_PATH,
        sign_out_path=SIGN_OUT_PATH,
        account_path=ACCOUNT_PATH,
        jobs_path=JOBS_PATH,
        notices_path=NOTICES_PATH,
        reports_path=REPORTS_PATH,
        language_path=LANGUAGE_PATH,
    )
    app.context_processor(_template_context)


def nav_items(role: Role) -> list[dict[str, object]]:
    """Return URL, title and whether it is the current page for each entry that a role may open."""
    items = [each for each in NAVIGATION if can_access(each.endpoint, role)]
    return [
        {"url": url_for(each.endpoint), "title": each.title, "is_current": each.endpoint == request.endpoint}
        for each in items
    ]


def _template_context() -> dict[str, object]:
    account = context.account()
    return {"account": account, "nav_items": nav_items(account.role) if account else []}
