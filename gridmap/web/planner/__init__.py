"""Pages of planners: communities, partitions, moves, border streets, approval, buildings and land, the first day."""

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
    pictures,
    streets,
)
from gridmap.web.planner.blueprint import planner
from gridmap.web.planner.partitions import borders, partitions, repartitions

__all__ = [
    "approvals",
    "borders",
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
    "repartitions",
    "streets",
]
