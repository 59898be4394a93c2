"""Places of cases: the grid in force when a case was received, and the extent of a grid."""

from typing import NamedTuple

from sqlalchemy import Date, and_, cast, func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.columns import geojson_column, present_day
from gridmap.store.schema import Adoption, Assignment, Grid, Incident, IncidentFormerCell, RevisionGrid


class GridExtent(NamedTuple):
    """Extent of a grid as GeoJSON, and its status."""

    shape: str
    status: str | None


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
