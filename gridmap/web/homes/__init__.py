"""Pages of homes: buildings, their doors, dwellings, households and members."""

from gridmap.web.homes import buildings, dwellings, households, links, members, service_groups  # the views
from gridmap.web.homes.blueprint import homes

__all__ = ["buildings", "dwellings", "homes", "households", "links", "members", "service_groups"]
