"""Streets that a revision gives to the grid on one side, and what the choice rests on."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import shapely
from geoalchemy2.elements import WKBElement
from pyproj import CRS
from sqlalchemy import ColumnElement, Label, Subquery, and_, func, select, true
from sqlalchemy.orm import Session, aliased

from gridmap.core.array_types import GeometryArray
from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.day_bounds import day_end, day_start
from gridmap.store.queries.columns import AnySelect, geojson_column
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay, select_revisions
from gridmap.store.queries.grids.incident_places import IS_ORDINARY
from gridmap.store.queries.plans.revisions import RevisionRow
from gridmap.store.reprojection import to_metres
from gridmap.store.schema import Assignment, Community, Grid, Incident, Land, RevisionGrid, RevisionStreet, Street

DRAWN_ZONE_DEGREES = 0.00006
"""Degrees from a border within which a street is drawn as running along it: 5 to 7 m."""


class StreetSides(NamedTuple):
    """A street between two grids, the one with the smaller key first."""

    street_id: int
    first_grid_id: int
    second_grid_id: int


@dataclass(frozen=True)
class RevisionStreetRow:
    """A street that counts in a grid; `is_on_map` is false where the street was removed since."""

    sides: StreetSides
    grid_id: int
    street_name: str | None
    is_on_map: bool


@dataclass(frozen=True)
class GivenStreetRow:
    """Stretch of a street that counts in the grid with a code, next to another; `shape` is GeoJSON."""

    id: int
    name: str | None
    grid_code: str
    other_grid_code: str
    shape: str | None = field(repr=False)


@dataclass(frozen=True, eq=False)
class StreetLayers:
    """Grids of a revision and the streets that touch its community, in metres of a CRS."""

    crs: CRS
    grid_ids: Sequence[int]
    grids: GeometryArray
    street_ids: Sequence[int]
    street_names: Sequence[str | None]
    streets: GeometryArray


def list_revision_streets(session: Session, caller: Caller, revision_id: int) -> Sequence[RevisionStreetRow]:
    """Return the streets that a revision gives to a side."""
    table = RevisionStreet
    is_on_map = select(Street.id).where(Street.id == table.street_id, row_filter.visible(caller, Street)).exists()
    rows = (
        select(table.street_id, table.first_grid_id, table.second_grid_id, table.grid_id, table.street_name, is_on_map)
        .where(table.revision_id == revision_id, row_filter.visible(caller, table))
        .order_by(table.street_id, table.first_grid_id, table.second_grid_id)
    )
    return [RevisionStreetRow(StreetSides(*row[:3]), *row[3:]) for row in session.execute(rows)]


def load_street_layers(session: Session, caller: Caller, revision: RevisionRow) -> StreetLayers:
    """Return the grids of a revision and the streets that touch its community."""
    crs = CRS(session.scalars(select(Land.crs).where(Land.id == revision.land_id)).one())
    grids = session.execute(
        select(RevisionGrid.grid_id, RevisionGrid.geometry)
        .where(RevisionGrid.revision_id == revision.id, row_filter.visible(caller, RevisionGrid))
        .order_by(RevisionGrid.grid_id)
    ).all()
    touches: ColumnElement[bool] = func.ST_Intersects(Street.geometry, Community.geometry)
    streets = session.execute(
        select(Street.id, Street.name, Street.geometry)
        .join(Community, and_(Community.subdistrict_id == Street.subdistrict_id, touches))
        .where(Community.id == revision.community_id, row_filter.visible(caller, Street))
        .order_by(Street.id)
    ).all()
    return StreetLayers(
        crs=crs,
        grid_ids=[row.grid_id for row in grids],
        grids=_to_metres([row.geometry for row in grids], crs),
        street_ids=[row.id for row in streets],
        street_names=[row.name for row in streets],
        streets=_to_metres([row.geometry for row in streets], crs),
    )


def has_newest_land(session: Session, caller: Caller, revision: RevisionRow) -> bool:
    """Return whether a revision partitions the newest land of its community."""
    lands = select(func.max(Land.id)).where(
        Land.community_id == revision.community_id, row_filter.visible(caller, Land)
    )
    return session.scalar(lands) == revision.land_id


def count_border_incidents(
    session: Session, caller: Caller, revision_id: int, date_range: DateRange
) -> Mapping[tuple[StreetSides, int], int]:
    """Return the ordinary incidents on each street near another grid of a revision, by street and their own grid.

    An incident at a corner counts for each pair of grids.
    """
    own, other = _aliased_assignments(caller, revision_id)
    near = func.unnest(Incident.near_cell_ids).table_valued("id").render_derived("near").lateral()
    sides = _sides(own.c.grid_id, other.c.grid_id)
    rows = (
        select(Incident.street_id, *sides, own.c.grid_id, func.count(Incident.id.distinct()))
        .select_from(Incident)
        .join(near, true())
        .join(own, own.c.cell_id == Incident.cell_id)
        .join(other, and_(other.c.cell_id == near.c.id, other.c.grid_id != own.c.grid_id))
        .where(IS_ORDINARY, Incident.street_id.is_not(None), row_filter.visible(caller, Incident))
        .where(Incident.occurred_at >= day_start(date_range.first), Incident.occurred_at < day_end(date_range.last))
        .group_by(Incident.street_id, *sides, own.c.grid_id)
    )
    return {(StreetSides(*row[:3]), row[3]): int(row[4]) for row in session.execute(rows)}


def list_revision_stretches(session: Session, caller: Caller, revision_id: int) -> Sequence[GivenStreetRow]:
    """Return the streets that a revision gives to a side, as they are drawn, by code of the grid and name."""
    return _list_stretches(session, _select_stretches(caller).where(RevisionStreet.revision_id == revision_id))


def list_grid_stretches(
    session: Session, caller: Caller, day: SubdistrictDay, grid_id: int
) -> Sequence[GivenStreetRow]:
    """Return the streets that count in a grid in force on a day, as they are drawn, by name."""
    in_force = select_revisions(caller, day).subquery()
    rows = _select_stretches(caller).where(RevisionStreet.grid_id == grid_id)
    return _list_stretches(session, rows.join(in_force, in_force.c.id == RevisionStreet.revision_id))


def _select_stretches(caller: Caller) -> AnySelect:
    table, first, second = RevisionStreet, aliased(RevisionGrid), aliased(RevisionGrid)
    own, other = aliased(Grid), aliased(Grid)
    zone = func.ST_Buffer(func.ST_Intersection(first.geometry, second.geometry), DRAWN_ZONE_DEGREES)
    shape = geojson_column(func.ST_Intersection(Street.geometry, zone))
    return (
        select(Street.id, Street.name, own.code.label("grid_code"), other.code.label("other_grid_code"), shape)
        .select_from(table)
        .join(Street, Street.id == table.street_id)
        .join(first, and_(first.revision_id == table.revision_id, first.grid_id == table.first_grid_id))
        .join(second, and_(second.revision_id == table.revision_id, second.grid_id == table.second_grid_id))
        .join(own, own.id == table.grid_id)
        .join(other, other.id == table.first_grid_id + table.second_grid_id - table.grid_id)
        .where(row_filter.visible(caller, table), row_filter.visible(caller, Street))
        .order_by(own.code, Street.name, Street.id, other.code)
    )


def _list_stretches(session: Session, rows: AnySelect) -> list[GivenStreetRow]:
    return [GivenStreetRow(*row) for row in session.execute(rows)]


def _aliased_assignments(caller: Caller, revision_id: int) -> list[Subquery]:
    visible = row_filter.visible(caller, Assignment)
    rows = select(Assignment.cell_id, Assignment.grid_id).where(Assignment.revision_id == revision_id, visible)
    return [rows.subquery(name) for name in ("own", "other")]


def _sides(one: ColumnElement[int], other: ColumnElement[int]) -> tuple[Label[int], Label[int]]:
    return func.least(one, other).label("first_grid_id"), func.greatest(one, other).label("second_grid_id")


def _to_metres(elements: Sequence[WKBElement], crs: CRS) -> GeometryArray:
    return to_metres(np.asarray(shapely.from_wkb([element.desc for element in elements]), dtype=object), crs)
