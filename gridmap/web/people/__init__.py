"""Residents: found by a whole number, revealed for a reason."""

from gridmap.web.people.pages import people

__all__ = ["people"]
