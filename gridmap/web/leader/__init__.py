"""The leader's page: where incidents pile up."""

from gridmap.web.leader.heat import leader

__all__ = ["leader"]
