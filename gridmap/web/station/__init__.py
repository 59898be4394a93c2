"""Residents: found by a whole number, revealed for a reason."""

from gridmap.web.station.residents import station

__all__ = ["station"]
