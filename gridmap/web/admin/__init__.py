"""Keeping accounts and looking through the audit, within the own subdistricts."""

from gridmap.web.admin import accounts, records  # the views
from gridmap.web.admin.frame import admin

__all__ = ["accounts", "admin", "records"]
