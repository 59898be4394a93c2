"""Keeping accounts and looking through the audit, within the own subdistricts."""

from gridmap.web.admin import accounts, audit  # the views
from gridmap.web.admin.blueprint import admin

__all__ = ["accounts", "admin", "audit"]
