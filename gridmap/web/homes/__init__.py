"""Pages of homes: buildings, their doors, dwellings, households and members."""

from gridmap.web.homes import buildings, dwellings, exports, households, links, members, service_groups  # the views
from gridmap.web.homes.blueprint import homes

__all__ = ["buildings", "dwellings", "exports", "homes", "households", "links", "members", "service_groups"]
