"""Features of a town written with their links: resident groups, shops, facilities, organisations, incidents."""

from collections.abc import Mapping

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from sqlalchemy.orm import Session

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.point_links import PointLinks, find_near_shapes, find_nearest_streets, link_points
from gridmap.core.land.town import Town
from gridmap.core.land.zones import BORDER_ZONE_M, MAX_OUTSIDE_M
from gridmap.core.vocabulary import IncidentStatus
from gridmap.store import schema
from gridmap.store.reprojection import to_degrees, to_local_metres
from gridmap.store.writes import bulk
from gridmap.store.writes.bulk import ColumnValues
from gridmap.store.writes.towns import StoredTown

LinkColumns = Mapping[str, ColumnValues]


def insert_resident_groups(session: Session, stored_town: StoredTown, groups: gpd.GeoDataFrame) -> IntArray:
    """Insert resident groups: ``name``, ``community`` (position) and polygons in the town's metric CRS."""
    columns = {
        "subdistrict_id": stored_town.subdistrict_id,
        "community_id": stored_town.community_ids[groups["community"].to_numpy(dtype=np.int64)],
        "name": groups["name"],
        "geometry": to_degrees(groups.geometry.to_numpy(), groups.crs, multi=True),
    }
    return bulk.copy_rows(session, schema.ResidentGroup, columns)


def build_link_columns(
    features: gpd.GeoDataFrame, town: Town, land: LandCoverage, stored_town: StoredTown
) -> LinkColumns:
    """Return the columns that point features share: subdistrict, building, cell and geometry.

    Parameters
    ----------
    features : GeoDataFrame
        Points in the town's metric CRS.
    town, land, stored_town : Town, LandCoverage, StoredTown
        The buildings and cells that the points are linked to, and the keys of their rows.
    """
    points = features.geometry.to_numpy()
    return _link_columns(points, link_points(points, town, land), town, stored_town)


def build_incident_links(
    incidents: gpd.GeoDataFrame, town: Town, land: LandCoverage, stored_town: StoredTown
) -> LinkColumns:
    """Return the columns of `build_link_columns`, the other cells near each incident and its nearest street.

    An incident up to 8 m outside every cell is linked to the nearest one.

    Parameters
    ----------
    incidents : GeoDataFrame
        Points in the town's metric CRS.
    town, land, stored_town : Town, LandCoverage, StoredTown
    """
    points = incidents.geometry.to_numpy()
    links = link_points(points, town, land, MAX_OUTSIDE_M)
    return {
        **_link_columns(points, links, town, stored_town),
        "near_cell_ids": _near_cell_arrays(points, links, town, land, stored_town),
        "street_id": bulk.ids_at(stored_town.street_ids, _nearest_streets(points, town)),
    }


def _link_columns(points: GeometryArray, links: PointLinks, town: Town, stored_town: StoredTown) -> LinkColumns:
    return {
        "subdistrict_id": stored_town.subdistrict_id,
        "building_id": bulk.ids_at(stored_town.building_ids, links.building),
        "cell_id": bulk.ids_at(stored_town.cell_ids, links.cell),
        "geometry": to_degrees(points, town.crs),
    }


def _near_cell_arrays(
    points: GeometryArray, links: PointLinks, town: Town, land: LandCoverage, stored_town: StoredTown
) -> list[str]:
    """Return the keys of the other cells within the border zone of each point, as PostgreSQL writes arrays."""
    local_points, local_cells = _to_local_metres(town, points, land.cells)
    point, cell = find_near_shapes(local_points, local_cells, BORDER_ZONE_M)
    is_other = cell != links.cell[point]
    ends = np.cumsum(np.bincount(point[is_other], minlength=len(points)))[:-1]
    ids = np.split(stored_town.cell_ids[cell[is_other]], ends)
    return [f"{{{','.join(map(str, sorted(each.tolist())))}}}" for each in ids][: len(points)]


def _nearest_streets(points: GeometryArray, town: Town) -> IntArray:
    return find_nearest_streets(*_to_local_metres(town, points, town.streets.geometry.to_numpy()))


def _to_local_metres(town: Town, *layers: GeometryArray) -> list[GeometryArray]:
    centre = shapely.box(*town.communities.total_bounds).centroid
    return [to_local_metres(shapes, town.crs, centre) for shapes in layers]


def insert_incidents(session: Session, link_columns: LinkColumns, incidents: pd.DataFrame, source: str) -> None:
    """Insert incidents; a trigger gives each the class of its category and a key.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    link_columns : mapping
        From `build_incident_links`.
    incidents : DataFrame
        ``number`` (None for one made from `source`), ``category``, ``title``, ``occurred_at``, ``closed_at`` (None
        while open), and optionally ``channel`` and ``urgent``. Times without a zone are local.
    source : str
        Prefix of the numbers of incidents without a number.
    """
    numbers = pd.Series([f"{source}-{row:06d}" for row in range(1, len(incidents) + 1)], index=incidents.index)
    is_closed = incidents["closed_at"].notna()
    columns = {
        **link_columns,
        "number": incidents["number"].where(incidents["number"].notna(), numbers),
        "category": incidents["category"],
        "title": incidents["title"],
        "channel": incidents.get("channel", "file"),
        "urgent": incidents.get("urgent", default=False),
        "occurred_at": incidents["occurred_at"],
        "reported_at": incidents["occurred_at"],
        "closed_at": incidents["closed_at"],
        "status": np.where(is_closed, str(IncidentStatus.CLOSED), str(IncidentStatus.OPEN)),
    }
    bulk.copy_rows(session, schema.Incident, columns)


def insert_shops(session: Session, link_columns: LinkColumns, shops: pd.DataFrame, period: str) -> IntArray:
    """Insert shops: ``name`` and ``address``; `period` of all of them is a PostgreSQL range."""
    columns = {**link_columns, "name": shops["name"], "address": shops["address"], "valid": period}
    return bulk.copy_rows(session, schema.Shop, columns)


def insert_facilities(session: Session, link_columns: LinkColumns, facilities: pd.DataFrame, period: str) -> IntArray:
    """Insert facilities: ``kind``, ``name``, ``area_m2``, ``tenure``."""
    columns = {name: facilities[name] for name in ("kind", "name", "area_m2", "tenure")}
    return bulk.copy_rows(session, schema.Facility, {**link_columns, **columns, "valid": period})


def insert_organisations(
    session: Session, link_columns: LinkColumns, organisations: pd.DataFrame, period: str
) -> IntArray:
    """Insert organisations: ``kind`` and ``name``."""
    columns = {"kind": organisations["kind"], "name": organisations["name"], "valid": period}
    return bulk.copy_rows(session, schema.Organisation, {**link_columns, **columns})
