"""Pages of administrators: accounts and audit log of their subdistricts."""

from gridmap.web.admin import accounts, audit  # the views
from gridmap.web.admin.blueprint import admin

__all__ = ["accounts", "admin", "audit"]
