"""The search page."""

from gridmap.web.search import pages  # the views
from gridmap.web.search.pages import search

__all__ = ["pages", "search"]
