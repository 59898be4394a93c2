"""Pages of planners: communities, partition, moves, border streets, approval, buildings and land that change."""

from gridmap.web.planner import approvals, buildings, communities, exports, lands, moves, partitions, streets  # views
from gridmap.web.planner.blueprint import planner

__all__ = ["approvals", "buildings", "communities", "exports", "lands", "moves", "partitions", "planner", "streets"]
