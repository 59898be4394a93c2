"""Pages of planners: communities, partition, moves of buildings, border streets, approval, buildings that change."""

from gridmap.web.planner import approvals, buildings, communities, exports, moves, partitions, streets  # the views
from gridmap.web.planner.blueprint import planner

__all__ = ["approvals", "buildings", "communities", "exports", "moves", "partitions", "planner", "streets"]
