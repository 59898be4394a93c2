"""Pages of residents: search, reveals, household visits, and who has seen a resident."""

from gridmap.web.station import access_log, person_exports, residents, visits  # the views
from gridmap.web.station.blueprint import station

__all__ = ["access_log", "person_exports", "residents", "station", "visits"]
