"""Sites of standing buildings: their community, and whether their place is schematic; outlines of communities."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.geodesy.candidates import Bounds
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import present_day
from gridmap.store.queries.plans.community_town import parse_geometries
from gridmap.store.schema import Building, Community


@dataclass(frozen=True)
class BuildingSite:
    """Site of a building.

    Parameters
    ----------
    community_id : int
    schematic : bool
        Whether its place is schematic 位置示意, not surveyed.
    """

    community_id: int
    schematic: bool


def list_sites(session: Session, caller: Caller, subdistrict_id: int) -> Mapping[int, BuildingSite]:
    """Return the sites of the standing buildings of a subdistrict, by the keys of the buildings."""
    rows = (
        select(Building.id, Building.community_id, Building.schematic)
        .where(Building.subdistrict_id == subdistrict_id, row_filter.visible(caller, Building))
        .where(Building.valid.contains(present_day()))
    )
    return {row.id: BuildingSite(row.community_id, row.schematic) for row in session.execute(rows)}


def load_community_shapes(session: Session, caller: Caller, subdistrict_id: int) -> Mapping[int, shapely.Geometry]:
    """Return the outlines of the communities of a subdistrict, WGS 84, by their keys."""
    rows = select(Community.id, Community.geometry).where(
        Community.subdistrict_id == subdistrict_id, row_filter.visible(caller, Community)
    )
    listed = session.execute(rows.order_by(Community.id)).all()
    return dict(zip((row.id for row in listed), parse_geometries([row.geometry for row in listed]), strict=True))


def find_bounds(session: Session, caller: Caller, subdistrict_id: int) -> Bounds | None:
    """Return west, south, east and north of the communities of a subdistrict; None where they have no boundaries."""
    shapes = load_community_shapes(session, caller, subdistrict_id).values()
    outlines = [shape for shape in shapes if not shape.is_empty]
    if not outlines:
        return None
    west, south, east, north = shapely.total_bounds(np.array(outlines, dtype=object)).tolist()
    return west, south, east, north
