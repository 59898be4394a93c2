"""What has a place in a town, written with its links: resident groups, shops, facilities, organisations, incidents."""

from collections.abc import Mapping
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
from sqlalchemy.orm import Session

from gridmap.core.arrays import Ints
from gridmap.core.land import Land
from gridmap.core.links import link
from gridmap.core.names import IncidentStatus
from gridmap.core.town import Town
from gridmap.store import bulk, schema
from gridmap.store.metres import to_degrees
from gridmap.store.towns import StoredTown


def put_resident_groups(session: Session, stored: StoredTown, groups: gpd.GeoDataFrame) -> Ints:
    """Write resident groups: ``name``, ``community`` (position) and areas in metres."""
    columns = {
        "subdistrict_id": stored.subdistrict,
        "community_id": stored.communities[groups["community"].to_numpy(dtype=np.int64)],
        "name": groups["name"],
        "geometry": to_degrees(groups.geometry.to_numpy(), groups.crs, multi=True),
    }
    return bulk.add(session, schema.ResidentGroup, columns)


def linked_places(places: gpd.GeoDataFrame, town: Town, land: Land, stored: StoredTown) -> Mapping[str, Any]:
    """Columns that points of a town share: the building they are in, the cell they are on, where that is.

    Parameters
    ----------
    places : GeoDataFrame
        Points in the town's metric CRS.
    town, land, stored : Town, Land, StoredTown
        What they are linked to, and the rows it was written to.
    """
    points = places.geometry.to_numpy()
    links = link(points, town, land)
    return {
        "subdistrict_id": stored.subdistrict,
        "building_id": bulk.linked(stored.buildings, links.building),
        "cell_id": bulk.linked(stored.cells, links.cell),
        "geometry": to_degrees(points, town.crs),
    }


def put_incidents(session: Session, linked: Mapping[str, Any], incidents: pd.DataFrame, source: str) -> Ints:
    """Write incidents.

    Parameters
    ----------
    session : Session
        Of a trusted database.
    linked : mapping
        From `linked_places`.
    incidents : DataFrame
        ``number`` (None: they are numbered after `source`), ``category``, ``title``, ``occurred_at``, ``closed_at``
        (None while open), and perhaps ``channel`` and ``urgent``. Times without a zone are those of the place.
    source : str
        Stem of the numbers of those that have none.
    """
    own = pd.Series([f"{source}-{row:06d}" for row in range(1, len(incidents) + 1)], index=incidents.index)
    closed = incidents["closed_at"].notna()
    columns = {
        **linked,
        "number": incidents["number"].where(incidents["number"].notna(), own),
        "category": incidents["category"],
        "title": incidents["title"],
        "channel": incidents.get("channel", "file"),
        "urgent": incidents.get("urgent", default=False),
        "occurred_at": incidents["occurred_at"],
        "reported_at": incidents["occurred_at"],
        "closed_at": incidents["closed_at"],
        "status": np.where(closed, str(IncidentStatus.CLOSED), str(IncidentStatus.OPEN)),
    }
    return bulk.add(session, schema.Incident, columns)


def put_shops(session: Session, linked: Mapping[str, Any], shops: pd.DataFrame, valid: str) -> Ints:
    """Write shops: ``name`` and ``address``; a period for all of them, as PostgreSQL writes it."""
    columns = {**linked, "name": shops["name"], "address": shops["address"], "valid": valid}
    return bulk.add(session, schema.Shop, columns)


def put_facilities(session: Session, linked: Mapping[str, Any], facilities: pd.DataFrame, valid: str) -> Ints:
    """Write facilities: ``kind``, ``name``, ``area_m2``, ``tenure``."""
    columns = {name: facilities[name] for name in ("kind", "name", "area_m2", "tenure")}
    return bulk.add(session, schema.Facility, {**linked, **columns, "valid": valid})


def put_organisations(session: Session, linked: Mapping[str, Any], organisations: pd.DataFrame, valid: str) -> Ints:
    """Write organisations: ``kind`` and ``name``."""
    columns = {"kind": organisations["kind"], "name": organisations["name"], "valid": valid}
    return bulk.add(session, schema.Organisation, {**linked, **columns})
