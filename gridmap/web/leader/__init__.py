"""The leader's page: where incidents pile up."""

from gridmap.web.leader.pages import leader

__all__ = ["leader"]
