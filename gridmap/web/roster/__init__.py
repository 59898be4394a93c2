"""Pages of the roster: communities, grids, people, leave, office phones."""

from gridmap.web.roster import communities, leave, people, phones  # the views
from gridmap.web.roster.blueprint import roster

__all__ = ["communities", "leave", "people", "phones", "roster"]
