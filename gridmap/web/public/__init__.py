"""Public pages for residents."""

from gridmap.web.public import case_state  # the views
from gridmap.web.public.directory import public_pages

__all__ = ["case_state", "public_pages"]
