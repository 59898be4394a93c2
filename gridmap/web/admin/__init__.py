"""Pages of administrators: accounts, audit log, special tasks and exports of persons of their subdistricts."""

from gridmap.web.admin import (  # the views
    accounts,
    audit,
    exports,
    incident_categories,
    person_exports,
    service_groups,
    service_lines,
    special_tasks,
)
from gridmap.web.admin.blueprint import admin

__all__ = [
    "accounts",
    "admin",
    "audit",
    "exports",
    "incident_categories",
    "person_exports",
    "service_groups",
    "service_lines",
    "special_tasks",
]
