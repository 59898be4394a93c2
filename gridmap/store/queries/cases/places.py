"""Places of cases: the grid in force when a case was received, grids on both sides of a border, extent of a grid."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import Date, Select, and_, cast, func, select, true
from sqlalchemy.orm import Session, aliased

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import AccessClass
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import geojson_column, present_day
from gridmap.store.schema import (
    Adoption,
    Assignment,
    Grid,
    Incident,
    IncidentFormerCell,
    RevisionGrid,
    RevisionStreet,
    Street,
)


class GridExtent(NamedTuple):
    """Extent of a grid as GeoJSON, and its status."""

    shape: str
    status: str | None


class BorderGrid(NamedTuple):
    """Grid on the other side of the border that an incident lies on.

    `street_name` is that of the street there, and `given_to` the code of the grid that the plan in force gives it to.
    """

    id: int
    code: str
    street_name: str | None
    given_to: str | None


def list_border_grids(session: Session, caller: Caller, incident_id: int) -> Sequence[BorderGrid]:
    """Return the grids in force within 5 m of an ordinary incident, other than the one of its cell, by code."""
    own, other = (_select_grids_in_force(caller).subquery(name) for name in ("own", "other"))
    given = aliased(Grid)
    near = func.unnest(Incident.near_cell_ids).table_valued("id").render_derived("near").lateral()
    is_given = and_(
        RevisionStreet.revision_id == own.c.revision_id,
        RevisionStreet.street_id == Incident.street_id,
        RevisionStreet.first_grid_id == func.least(own.c.grid_id, other.c.grid_id),
        RevisionStreet.second_grid_id == func.greatest(own.c.grid_id, other.c.grid_id),
        row_filter.visible(caller, RevisionStreet),
    )
    rows = (
        select(Grid.id, Grid.code, Street.name, given.code)
        .distinct()
        .select_from(Incident)
        .join(near, true())
        .join(own, own.c.cell_id == Incident.cell_id)
        .join(other, other.c.cell_id == near.c.id)
        .join(Grid, Grid.id == other.c.grid_id)
        .outerjoin(Street, and_(Street.id == Incident.street_id, row_filter.visible(caller, Street)))
        .outerjoin(RevisionStreet, is_given)
        .outerjoin(given, and_(given.id == RevisionStreet.grid_id, row_filter.visible(caller, given)))
        .where(Incident.id == incident_id, Incident.access_class == AccessClass.ORDINARY.value)
        .where(row_filter.visible(caller, Incident), row_filter.visible(caller, Grid))
        .where(other.c.grid_id != own.c.grid_id)
        .order_by(Grid.code)
    )
    return [BorderGrid(*row) for row in session.execute(rows)]


def _select_grids_in_force(caller: Caller) -> Select[int, int, int]:
    """Select cell, grid and revision of the grids in force today."""
    in_force = and_(Adoption.revision_id == Assignment.revision_id, Adoption.valid.contains(present_day()))
    rows = select(Assignment.cell_id, Assignment.grid_id, Assignment.revision_id).join(Adoption, in_force)
    return rows.where(row_filter.visible(caller, Assignment), row_filter.visible(caller, Adoption))


def find_former_grid(session: Session, caller: Caller, incident_id: int) -> tuple[int, str] | None:
    """Return key and code of the grid in force that the place belonged to when the incident was received."""
    received_on = cast(Incident.reported_at, Date)
    former = and_(IncidentFormerCell.incident_id == Incident.id, IncidentFormerCell.valid.contains(received_on))
    cell_id = func.coalesce(IncidentFormerCell.cell_id, Incident.cell_id)
    rows = (
        select(Grid.id, Grid.code)
        .select_from(Incident)
        .outerjoin(IncidentFormerCell, and_(former, row_filter.visible(caller, IncidentFormerCell)))
        .join(Assignment, Assignment.cell_id == cell_id)
        .join(Adoption, and_(Adoption.revision_id == Assignment.revision_id, Adoption.valid.contains(received_on)))
        .join(Grid, Grid.id == Assignment.grid_id)
        .where(Incident.id == incident_id, row_filter.visible(caller, Incident), row_filter.visible(caller, Grid))
        .where(row_filter.visible(caller, Assignment), row_filter.visible(caller, Adoption))
    )
    row = session.execute(rows.limit(1)).first()
    return row and (row.id, row.code)


def find_grid_extent(session: Session, caller: Caller, grid_id: int) -> GridExtent | None:
    """Return the extent of a grid in force today; None where the caller sees none."""
    in_force = and_(Adoption.revision_id == RevisionGrid.revision_id, Adoption.valid.contains(present_day()))
    rows = select(geojson_column(RevisionGrid.geometry), RevisionGrid.status).join(Adoption, in_force)
    seen = rows.where(RevisionGrid.grid_id == grid_id, row_filter.visible(caller, RevisionGrid))
    row = session.execute(seen.where(row_filter.visible(caller, Adoption)).limit(1)).first()
    return row and GridExtent(*row)
