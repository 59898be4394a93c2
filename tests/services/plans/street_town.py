"""Town of two grids on either side of a street, with ten incidents 2 m from the middle on each side, and some others.

The street 人民路 runs north at x = 200 m between the grids; 中山路 crosses it at y = 100 m. No building touches either.
"""

from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import NamedTuple

import geopandas as gpd
import numpy as np
import pyproj
import shapely
from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.profile import Profile
from gridmap.store import schema
from gridmap.store.reprojection import to_degrees
from tests.fixtures.loaded_town import load_town
from tests.fixtures.town_package import CRS, Layers, box, line, moved_to_town

HAPPENED_ON = date(2026, 3, 20)
WEST_X, EAST_X = 198.0, 202.0
Y_OF_INCIDENTS = (20, 30, 40, 50, 60, 70, 130, 140, 150, 160)
INSERT = text("""
INSERT INTO incident (subdistrict_id, number, category, channel, occurred_at, cell_id, geometry)
SELECT :subdistrict_id, :number, :category, 'hotline', :occurred_at, c.id, p.geometry
FROM (SELECT ST_SetSRID(CAST(:shape AS geometry), 4326) AS geometry) p
    JOIN LATERAL (SELECT id FROM cell WHERE ST_Intersects(cell.geometry, p.geometry) ORDER BY id LIMIT 1) c ON true
""")


class StreetTown(NamedTuple):
    """Keys of the town: the grids by side, and the streets by name."""

    subdistrict_id: int
    community_id: int
    revision_id: int
    grids: Mapping[str, int]
    codes: Mapping[str, str]
    streets: Mapping[str, int]


def street_layers() -> Layers:
    """Return the layers: a building with 100 households in the middle of each half."""
    buildings = {"building_id": ["w", "e"], "households": [100, 100], "levels": [6.0, 6.0]}
    streets = {"name": ["人民路", "人民路", "中山路"], "kind": ["arterial", "arterial", "lane"]}
    lines = [line((200, -20), (200, 100)), line((200, 100), (200, 220)), line((150, 100), (250, 100))]
    return {
        "communities": gpd.GeoDataFrame(
            {"code": ["420106001001"], "name": ["水果湖社区"]}, geometry=[box(0, 0, 400, 200)], crs=CRS
        ),
        "buildings": gpd.GeoDataFrame(buildings, geometry=[box(80, 80, 40, 12), box(280, 80, 40, 12)], crs=CRS),
        "streets": gpd.GeoDataFrame(streets, geometry=lines, crs=CRS),
    }


def load_street_town(owner_url: str, folder: Path) -> None:
    """Load the town as a subdistrict of its own, with two grids."""
    load_town(owner_url, folder, street_layers(), PartitionSettings(Profile(80, 120)))


def plant_incidents(session: Session, subdistrict_id: int) -> None:
    """Insert the incidents; numbers begin with the side, or with what is special."""
    for y in Y_OF_INCIDENTS:
        insert_incident(session, subdistrict_id, f"west-{y}", (WEST_X, y))
        insert_incident(session, subdistrict_id, f"east-{y}", (EAST_X, y))
    insert_incident(session, subdistrict_id, "away", (207.0, 45))
    insert_incident(session, subdistrict_id, "crossing", (EAST_X, 101))
    insert_incident(session, subdistrict_id, "persons", (EAST_X, 45), "theft")


def insert_incident(
    session: Session, subdistrict_id: int, number: str, position: tuple[float, float], category: str = "street_lamp"
) -> None:
    """Insert an incident at a position in metres from the corner of the town."""
    point = to_degrees(np.array([moved_to_town(shapely.Point(position))]), pyproj.CRS(CRS))[0]
    values = {"number": number, "category": category, "shape": point.wkt, "subdistrict_id": subdistrict_id}
    session.execute(INSERT, {**values, "occurred_at": f"{HAPPENED_ON} 10:00"})


def find_town(session: Session) -> StreetTown:
    """Return the keys of the loaded town."""
    revision = session.scalars(select(schema.Revision)).one()
    middle_x = func.ST_X(func.ST_Centroid(schema.RevisionGrid.geometry))
    rows = session.execute(
        select(schema.Grid.id, schema.Grid.code)
        .join(schema.RevisionGrid, schema.RevisionGrid.grid_id == schema.Grid.id)
        .order_by(middle_x)
    ).all()
    streets = session.execute(select(schema.Street.name, schema.Street.id).order_by(schema.Street.id.desc())).all()
    return StreetTown(
        revision.subdistrict_id,
        revision.community_id,
        revision.id,
        {side: row.id for side, row in zip(("west", "east"), rows, strict=True)},
        {side: row.code for side, row in zip(("west", "east"), rows, strict=True)},
        {row.name: row.id for row in streets},
    )
