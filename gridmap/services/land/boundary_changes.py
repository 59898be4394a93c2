"""Changes that mended boundaries of communities would make: outlines and buildings; nothing is written."""

from collections.abc import Mapping
from dataclasses import dataclass, field

import shapely
from pyproj import CRS
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.services.land.rebuild import find_mended_outlines, find_moved_buildings, require_land, with_outlines
from gridmap.services.plans.revisions import get_community
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.land.rebuild_input import load_rebuild_input


@dataclass(frozen=True)
class BoundaryChanges:
    """Changes by mended boundaries.

    Parameters
    ----------
    names : mapping of int to str
        Names of the communities that change, by their keys.
    moved : mapping of str to list of str
        Codes of buildings that go to another community, by the code of that.
    """

    names: Mapping[int, str] = field(default_factory=dict)
    moved: Mapping[str, list[str]] = field(default_factory=dict)


def find_boundary_changes(
    session: Session, caller: Caller, subdistrict_id: int, boundaries: Mapping[int, shapely.Geometry]
) -> BoundaryChanges:
    """Return what mended boundaries would change.

    Parameters
    ----------
    session : Session
    caller : Caller
        A planner of the whole subdistrict.
    subdistrict_id : int
    boundaries : mapping of int to Polygon or MultiPolygon
        New boundaries, WGS 84, by the keys of the communities; at least one.

    Raises
    ------
    NotPossible
        If a community has no land, or its land was built anew today.
    InvalidInput
        If nothing changes, a community would have no land, or a standing building would be in no community.
    """
    on = get_today(session)
    first = get_community(session, caller, min(boundaries))
    crs = CRS(require_land(session, caller, first, on).crs)
    outlines = find_mended_outlines(session, caller, subdistrict_id, boundaries, crs)
    communities = [get_community(session, caller, key) for key in sorted(outlines)]
    for each in communities:
        require_land(session, caller, each, on)
    layers = load_rebuild_input(session, caller, sorted(outlines), crs, on)
    before = layers.community_ids[layers.town.buildings["community"].to_numpy()]
    moved = find_moved_buildings(with_outlines(layers, outlines), before)
    return BoundaryChanges({each.id: each.name for each in communities}, moved.codes)
