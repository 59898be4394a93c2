"""Pages of homes: buildings, their doors and counts, dwellings, households and members."""

from gridmap.web.homes import (  # the views
    building_counts,
    buildings,
    dwellings,
    exports,
    households,
    links,
    members,
    service_groups,
)
from gridmap.web.homes.blueprint import homes

__all__ = [
    "building_counts",
    "buildings",
    "dwellings",
    "exports",
    "homes",
    "households",
    "links",
    "members",
    "service_groups",
]
