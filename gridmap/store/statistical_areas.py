"""Statistical areas of communities, for buildings that belong to none yet."""

import numpy as np
import pandas as pd
from sqlalchemy import Connection, insert, text

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.privacy.statistical_areas import NONE, group_buildings
from gridmap.store.schema import StatisticalArea, StatisticalAreaBuilding

METRES_PER_DEGREE = 111_320.0
"""Length of a degree of latitude; areas need the nearest building, not its exact distance."""
COMMUNITIES_TO_DO = text("""
    SELECT DISTINCT b.community_id FROM building b
    WHERE NOT EXISTS (SELECT FROM statistical_area_building a WHERE a.building_id = b.id) ORDER BY 1
""")
BUILDINGS = text("""
    SELECT b.id, b.subdistrict_id, coalesce(b.courtyard_id, -1) AS courtyard,
        coalesce(a.statistical_area_id, -1) AS area, coalesce(a.households, h.households, 0) AS households,
        ST_X(p.middle) AS longitude, ST_Y(p.middle) AS latitude
    FROM building b
        CROSS JOIN LATERAL (SELECT ST_Centroid(b.geometry) AS middle) p
        LEFT JOIN statistical_area_building a ON a.building_id = b.id
        LEFT JOIN LATERAL (SELECT c.households FROM household_count c WHERE c.building_id = b.id
            ORDER BY c.kind = 'resident' DESC, c.as_of DESC, c.kind LIMIT 1) h ON true
    WHERE b.community_id = :community_id ORDER BY b.id
""")


def create_missing_areas(connection: Connection) -> None:
    """Give every building a statistical area: a new one, or one of its community that exists.

    Parameters
    ----------
    connection : Connection
        Of the owner; the calling function commits. What exists is kept: areas only grow.
    """
    for community_id in connection.scalars(COMMUNITIES_TO_DO).all():
        buildings = pd.read_sql(BUILDINGS, connection, params={"community_id": community_id})
        labels = _group(buildings)
        _insert_buildings(connection, int(community_id), buildings, labels)


def _group(buildings: pd.DataFrame) -> IntArray:
    return group_buildings(
        buildings["households"].to_numpy(np.int64),
        buildings["courtyard"].to_numpy(np.int64),
        _metres(buildings),
        buildings["area"].to_numpy(np.int64),
    )


def _metres(buildings: pd.DataFrame) -> FloatArray:
    """Return the middles of buildings in metres; within a community, a degree of longitude has one length."""
    longitude, latitude = buildings["longitude"].to_numpy(float), buildings["latitude"].to_numpy(float)
    shrinkage = np.cos(np.radians(latitude.mean()))
    return METRES_PER_DEGREE * np.column_stack([longitude * shrinkage, latitude])


def _insert_buildings(connection: Connection, community_id: int, buildings: pd.DataFrame, labels: IntArray) -> None:
    """Insert the buildings without an area, and the areas that are new."""
    areas = buildings["area"].to_numpy(np.int64)
    subdistrict_id = int(buildings["subdistrict_id"].iloc[0])
    existing = pd.Series(areas).groupby(labels).max()
    ids = {
        int(label): _insert_area(connection, community_id, subdistrict_id) if area == NONE else int(area)
        for label, area in zip(existing.index, existing.to_numpy(np.int64), strict=True)
    }
    rows = [
        {
            "building_id": int(building_id),
            "subdistrict_id": subdistrict_id,
            "statistical_area_id": ids[int(label)],
            "households": int(households),
        }
        for building_id, households, label, area in zip(
            buildings["id"], buildings["households"], labels, areas, strict=True
        )
        if area == NONE
    ]
    connection.execute(insert(StatisticalAreaBuilding), rows)


def _insert_area(connection: Connection, community_id: int, subdistrict_id: int) -> int:
    row = insert(StatisticalArea).values(community_id=community_id, subdistrict_id=subdistrict_id)
    return int(connection.execute(row.returning(StatisticalArea.id)).scalar_one())
