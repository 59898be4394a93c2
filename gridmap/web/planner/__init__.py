"""Pages of planners: communities, partition, moves, border streets, approval, buildings and land, the first day."""

from gridmap.web.planner import (  # the views
    approvals,
    building_lists,
    buildings,
    communities,
    drafts,
    exports,
    first_day,
    lands,
    moves,
    partitions,
    pictures,
    streets,
)
from gridmap.web.planner.blueprint import planner

__all__ = [
    "approvals",
    "building_lists",
    "buildings",
    "communities",
    "drafts",
    "exports",
    "first_day",
    "lands",
    "moves",
    "partitions",
    "pictures",
    "planner",
    "streets",
]
