"""Pages of the workstation: residents."""

from gridmap.web.station.residents import station

__all__ = ["station"]
