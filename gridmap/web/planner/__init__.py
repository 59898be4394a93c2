"""Planning: the communities and their plans, divided anew, changed building by building, approved for a day."""

from gridmap.web.planner import approvals, communities, moves, partitions  # the views
from gridmap.web.planner.blueprint import planner

__all__ = ["approvals", "moves", "partitions", "communities", "planner"]
