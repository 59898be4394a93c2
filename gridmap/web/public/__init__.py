"""Public pages for residents."""

from gridmap.web.public.directory import public_pages

__all__ = ["public_pages"]
