"""Residents' pages: open to everybody, and the same for everybody."""

from gridmap.web.public.directory import public_pages

__all__ = ["public_pages"]
