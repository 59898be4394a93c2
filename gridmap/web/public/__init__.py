"""Public pages for residents."""

from gridmap.web.public.case_state import case_queries
from gridmap.web.public.directory import public_pages

__all__ = ["case_queries", "public_pages"]
