"""Pages of planners: communities, partition, moves of buildings, border streets, approval."""

from gridmap.web.planner import approvals, communities, exports, moves, partitions, streets  # the views
from gridmap.web.planner.blueprint import planner

__all__ = ["approvals", "communities", "exports", "moves", "partitions", "planner", "streets"]
