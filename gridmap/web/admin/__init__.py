"""Pages of administrators: accounts, audit log and special tasks of their subdistricts."""

from gridmap.web.admin import accounts, audit, exports, incident_categories, service_lines, special_tasks  # the views
from gridmap.web.admin.blueprint import admin

__all__ = ["accounts", "admin", "audit", "exports", "incident_categories", "service_lines", "special_tasks"]
