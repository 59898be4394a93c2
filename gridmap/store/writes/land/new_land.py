"""Land that was built anew, written: cells, the cells of buildings, boundaries, and buildings of other communities."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely
from geoalchemy2.elements import WKBElement
from sqlalchemy import cast, func, select, text, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gridmap.core.array_types import GeometryArray, IntArray
from gridmap.core.land.build import LandCoverage
from gridmap.store import schema
from gridmap.store.queries.land.rebuild_input import RebuildInput
from gridmap.store.reprojection import to_degrees
from gridmap.store.schema.base import SRID
from gridmap.store.writes import bulk
from gridmap.store.writes.towns import crs_to_text

MOVE_BUILDINGS = text("""
    UPDATE building b SET community_id = m.community_id, estate_id = NULL, courtyard_id = NULL
    FROM unnest(CAST(:ids AS bigint[]), CAST(:communities AS bigint[])) m (id, community_id) WHERE b.id = m.id
""")
COPY_ESTATES = text("""
    INSERT INTO estate (subdistrict_id, community_id, name)
    SELECT DISTINCT b.subdistrict_id, m.community_id, e.name
    FROM unnest(CAST(:ids AS bigint[]), CAST(:communities AS bigint[])) m (id, community_id)
        JOIN building b ON b.id = m.id JOIN estate e ON e.id = b.estate_id
    ON CONFLICT DO NOTHING
""")
COPY_COURTYARDS = text("""
    INSERT INTO courtyard (subdistrict_id, community_id, estate_id, name, place)
    SELECT DISTINCT b.subdistrict_id, m.community_id, n.id, c.name, c.place
    FROM unnest(CAST(:ids AS bigint[]), CAST(:communities AS bigint[])) m (id, community_id)
        JOIN building b ON b.id = m.id JOIN courtyard c ON c.id = b.courtyard_id
        LEFT JOIN estate e ON e.id = c.estate_id
        LEFT JOIN estate n ON n.community_id = m.community_id AND n.name = e.name
    ON CONFLICT DO NOTHING
""")
FIND_GROUPS = text("""
    SELECT b.id, n.id AS estate_id, k.id AS courtyard_id
    FROM unnest(CAST(:ids AS bigint[]), CAST(:communities AS bigint[])) m (id, community_id)
        JOIN building b ON b.id = m.id
        LEFT JOIN estate e ON e.id = b.estate_id
        LEFT JOIN estate n ON n.community_id = m.community_id AND n.name = e.name
        LEFT JOIN courtyard c ON c.id = b.courtyard_id
        LEFT JOIN estate ce ON ce.id = c.estate_id
        LEFT JOIN estate cn ON cn.community_id = m.community_id AND cn.name = ce.name
        LEFT JOIN courtyard k ON k.community_id = m.community_id AND k.name = c.name AND k.place = c.place
            AND k.estate_id IS NOT DISTINCT FROM cn.id
""")


@dataclass(frozen=True)
class LandNote:
    """Facts about a land that is built anew: its first day, the account that asked for it, and the reason."""

    holds_from: date
    created_by: int | None
    note: str | None


@dataclass(frozen=True, eq=False)
class NewLands:
    """Keys of new lands, one per community of the input, and of their cells."""

    land_ids: IntArray
    cell_ids: IntArray


def insert_lands(
    session: Session, subdistrict_id: int, layers: RebuildInput, land: LandCoverage, note: LandNote
) -> NewLands:
    """Insert new lands of communities with their cells, and the cells of their buildings.

    Parameters
    ----------
    session : Session
        Of the owner, or of a planner's job for these communities.
    subdistrict_id : int
    layers : RebuildInput
    land : LandCoverage
        Built from the layers.
    note : LandNote
    """
    shared = {"subdistrict_id": subdistrict_id, "crs": crs_to_text(layers.town.crs)}
    facts = {"holds_from": note.holds_from, "created_by": note.created_by, "note": note.note}
    land_ids = bulk.copy_rows(session, schema.Land, {**shared, **facts, "community_id": layers.community_ids})
    cells = {
        "subdistrict_id": subdistrict_id,
        "land_id": land_ids[land.community],
        "community_id": layers.community_ids[land.community],
        "number": pd.Series(land.community).groupby(land.community).cumcount(),
        "dedicated_land_id": bulk.ids_at(layers.dedicated_ids, land.dedicated),
        "water": land.water,
        "geometry": to_degrees(land.cells, layers.town.crs),
    }
    cell_ids = bulk.copy_rows(session, schema.Cell, cells)
    building_cells = {
        "land_id": land_ids[land.community[land.cell_of_building]],
        "building_id": layers.building_ids,
        "cell_id": cell_ids[land.cell_of_building],
        "subdistrict_id": subdistrict_id,
    }
    if len(layers.building_ids):
        bulk.copy_rows(session, schema.BuildingCell, building_cells)
    return NewLands(land_ids, cell_ids)


def update_boundaries(session: Session, layers: RebuildInput, land: LandCoverage) -> None:
    """Replace the boundaries of communities by those of their cells, so that neighbours share every vertex."""
    shapes = np.empty(len(layers.community_ids), dtype=object)
    shapes[:] = [shapely.coverage_union_all(land.cells[land.community == n]) for n in range(len(shapes))]
    _update_shapes(session, layers.community_ids, to_degrees(shapes, layers.town.crs, multi=True))


def update_subdistrict_outline(session: Session, subdistrict_id: int) -> None:
    """Replace the outline of a subdistrict by the union of its communities."""
    session.execute(
        text(
            "UPDATE subdistrict s SET geometry = (SELECT ST_Multi(ST_Union(c.geometry)) FROM community c"
            " WHERE c.subdistrict_id = s.id) WHERE s.id = :id"
        ),
        {"id": subdistrict_id},
    )


def move_buildings(session: Session, community_by_building: Mapping[int, int]) -> None:
    """Move buildings to other communities, with their estates and courtyards, which begin there where they are new."""
    if not community_by_building:
        return
    values = {"ids": list(community_by_building), "communities": list(community_by_building.values())}
    session.execute(COPY_ESTATES, values)
    session.execute(COPY_COURTYARDS, values)
    groups = session.execute(FIND_GROUPS, values).all()
    session.execute(MOVE_BUILDINGS, values)
    for row in groups:
        columns = {"estate_id": row.estate_id, "courtyard_id": row.courtyard_id}
        session.execute(update(schema.Building).where(schema.Building.id == row.id).values(columns))


def save_report(session: Session, land_id: int, report: Mapping[str, object]) -> None:
    """Store the report of a land that was built anew, and the audit of the account of the job."""
    session.execute(select(func.save_land_report(land_id, cast(dict(report), JSONB))))


def _update_shapes(session: Session, keys: IntArray, shapes: GeometryArray) -> None:
    for key, shape in zip(keys.tolist(), shapes, strict=True):
        element = WKBElement(shapely.to_wkb(shape), srid=SRID)
        session.execute(update(schema.Community).where(schema.Community.id == key).values(geometry=element))
