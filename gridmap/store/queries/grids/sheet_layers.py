"""Surroundings of a grid on its printed sheet: the grids next to it, and the streets with their names."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import StreetKind
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.columns import geojson_column, outline_column
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids.grid_details import GridDay
from gridmap.store.queries.territory import Bounds
from gridmap.store.schema import Community, Grid, RevisionGrid, Street
from gridmap.store.schema.base import SRID


@dataclass(frozen=True)
class NeighbourGridRow:
    """A grid in force next to another one; `shape` is GeoJSON."""

    code: str
    community_id: int
    community_code: str
    community_name: str
    shape: str = field(repr=False)


@dataclass(frozen=True)
class NamedStreetRow:
    """Streets of one name and kind within a frame; `shape` is GeoJSON."""

    name: str | None
    kind: StreetKind
    shape: str = field(repr=False)


def list_neighbours(session: Session, caller: Caller, grid_day: GridDay, frame: Bounds) -> Sequence[NeighbourGridRow]:
    """Return the other grids in force within a frame, of communities in which the caller works, by code.

    A worker sees those of other workers as well: codes and borders of grids are public (requirement R12).
    """
    in_force = grids_in_force.select_revisions(caller, grid_day.day).subquery()
    rows = (
        select(Grid.code, Community.id, Community.code, Community.name, outline_column())
        .join(RevisionGrid, RevisionGrid.grid_id == Grid.id)
        .join(in_force, in_force.c.id == RevisionGrid.revision_id)
        .join(Community, Community.id == Grid.community_id)
        .where(Grid.id != grid_day.grid_id, func.ST_Intersects(RevisionGrid.geometry, _envelope(frame)))
        .where(scope_filter.in_scope_communities(caller, Grid), row_filter.visible(caller, RevisionGrid))
        .order_by(Grid.code)
    )
    return [NeighbourGridRow(*row) for row in session.execute(rows)]


def list_named_streets(session: Session, caller: Caller, grid_day: GridDay, frame: Bounds) -> Sequence[NamedStreetRow]:
    """Return the streets within a frame by name and kind."""
    clipped = func.ST_SetSRID(func.ST_Collect(func.ST_ClipByBox2D(Street.geometry, _envelope(frame))), SRID)
    rows = (
        select(func.nullif(Street.name, "").label("name"), Street.kind, geojson_column(clipped))
        .where(Street.subdistrict_id == grid_day.day.subdistrict_id, row_filter.visible(caller, Street))
        .where(func.ST_Intersects(Street.geometry, _envelope(frame)))
        .group_by("name", Street.kind)
        .order_by("name", Street.kind)
    )
    return [NamedStreetRow(row.name, StreetKind(row.kind), row.shape) for row in session.execute(rows)]


def _envelope(frame: Bounds) -> ColumnElement[object]:
    envelope: ColumnElement[object] = func.ST_MakeEnvelope(*frame, SRID)
    return envelope
