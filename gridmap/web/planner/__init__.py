"""Pages of planners: communities, partition, moves of buildings, approval."""

from gridmap.web.planner import approvals, communities, moves, partitions  # the views
from gridmap.web.planner.blueprint import planner

__all__ = ["approvals", "communities", "moves", "partitions", "planner"]
