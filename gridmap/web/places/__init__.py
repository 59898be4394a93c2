"""Pages of places: facilities, organisations and shops, which stations keep by hand."""

from gridmap.web.places import edit, pages  # the views
from gridmap.web.places.blueprint import places

__all__ = ["edit", "pages", "places"]
