"""Land that was built anew, written: cells, the cells of buildings, boundaries, and buildings of other communities."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
import pandas as pd
import shapely
from sqlalchemy import cast, func, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Session

from gridmap.core.array_types import IntArray
from gridmap.core.land.build import LandCoverage
from gridmap.store import schema
from gridmap.store.queries.land.rebuild_input import RebuildInput
from gridmap.store.reprojection import to_degrees
from gridmap.store.schema.base import SRID
from gridmap.store.writes import bulk
from gridmap.store.writes.towns import crs_to_text

MEND_BOUNDARIES = text(
    "SELECT mend_boundaries(CAST(:lands AS bigint[]), CAST(:boundaries AS geometry[]), CAST(:buildings AS bigint[]),"
    " CAST(:communities AS bigint[]))"
)


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


def mend_boundaries(
    session: Session, layers: RebuildInput, land: LandCoverage, new: NewLands, community_by_building: Mapping[int, int]
) -> None:
    """Replace the boundaries of communities by those of their cells, so that neighbours share every vertex.

    The outline of the subdistrict follows. Buildings go to other communities with their estates and courtyards, which
    begin there where they are new.

    Parameters
    ----------
    session : Session
        Of the owner, or of the job that imports boundaries for a planner.
    layers : RebuildInput
    land : LandCoverage
    new : NewLands
        Stored in this transaction.
    community_by_building : mapping of int to int
        Keys of buildings that change their community.
    """
    shapes = np.empty(len(layers.community_ids), dtype=object)
    shapes[:] = [shapely.coverage_union_all(land.cells[land.community == n]) for n in range(len(shapes))]
    degrees = to_degrees(shapes, layers.town.crs, multi=True)
    values = {
        "lands": new.land_ids.tolist(),
        "boundaries": [shapely.to_wkb(shape, hex=True, include_srid=True) for shape in shapely.set_srid(degrees, SRID)],
        "buildings": list(community_by_building),
        "communities": list(community_by_building.values()),
    }
    session.execute(MEND_BOUNDARIES, values)


def save_report(session: Session, land_id: int, report: Mapping[str, object]) -> None:
    """Store the report of a land that was built anew, and the audit of the account of the job."""
    session.execute(select(func.save_land_report(land_id, cast(dict(report), JSONB))))
