"""Residents' pages: open to everybody, and the same for everybody."""

from gridmap.web.public.pages import public_pages

__all__ = ["public_pages"]
