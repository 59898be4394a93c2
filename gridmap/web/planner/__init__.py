"""Planning: the communities and their plans, divided anew, changed building by building, approved for a day."""

from gridmap.web.planner import approving, changing, dividing, pages  # the views
from gridmap.web.planner.frame import planner

__all__ = ["approving", "changing", "dividing", "pages", "planner"]
