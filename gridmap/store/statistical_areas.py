"""Statistical areas of communities, for buildings that belong to none yet."""

import numpy as np
import pandas as pd
from sqlalchemy import Connection, text

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.privacy.statistical_areas import NONE, group_buildings

METRES_PER_DEGREE = 111_320.0
"""Length of a degree of latitude; areas need the nearest building, not its exact distance."""
IS_OWNER, ANALYZE_AREAS = text("SELECT is_owner()"), text("ANALYZE statistical_area")
COMMUNITIES_TO_DO = text("SELECT communities_without_areas()")
BUILDINGS = text("SELECT * FROM buildings_for_areas(:community_id)")
FILL_AREAS = text(
    "SELECT fill_statistical_areas(:community_id, CAST(:building_ids AS bigint[]), CAST(:households AS integer[]),"
    " CAST(:area_ids AS bigint[]))"
)


def create_missing_areas(connection: Connection) -> None:
    """Give every building a statistical area: a new one, or one of its community that exists.

    Parameters
    ----------
    connection : Connection
        Of the owner, or of the periodic task; the calling function commits. What exists is kept: areas only grow.
    """
    for number, community_id in enumerate(connection.scalars(COMMUNITIES_TO_DO).all()):
        if number == 1 and connection.scalar(IS_OWNER):  # from now on, areas are found by their key
            connection.execute(ANALYZE_AREAS)
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
    """Insert the buildings without an area, and the areas that are new, by one statement."""
    areas = buildings["area"].groupby(labels).transform("max").to_numpy(np.int64, copy=True)
    is_new = areas == NONE
    areas[is_new] = -1 - np.unique(labels[is_new], return_inverse=True)[1]
    without = (buildings["area"] == NONE).to_numpy()
    values = {
        "community_id": community_id,
        "building_ids": buildings["id"].to_numpy()[without].tolist(),
        "households": buildings["households"].to_numpy()[without].tolist(),
        "area_ids": areas[without].tolist(),
    }
    connection.execute(FILL_AREAS, values)
