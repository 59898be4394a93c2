"""Pages of the roster: communities, grids, people, leave, office phones."""

from gridmap.web.roster import communities, exports, leave, people, phones  # the views
from gridmap.web.roster.blueprint import roster

__all__ = ["communities", "exports", "leave", "people", "phones", "roster"]
