"""Households that a partition of a community distributes: those of its buildings outside dedicated land."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.grids.grids_in_force import CountBasis
from gridmap.store.queries.plans.community_town import select_latest_counts
from gridmap.store.schema import Building, BuildingCell, Cell, Courtyard, Estate, Land


@dataclass(frozen=True)
class BuildingLoad:
    """Households of a building, with the key and the name of its courtyard; of one without a count 0."""

    code: str
    name: str | None
    courtyard_id: int | None
    courtyard: str | None
    households: int


def list_building_loads(
    session: Session, caller: Caller, community_id: int, basis: CountBasis
) -> Sequence[BuildingLoad]:
    """Return the buildings on the newest land of a community that go into household grids, by code."""
    newest = select(func.max(Land.id)).where(Land.community_id == community_id, row_filter.visible(caller, Land))
    counts = select_latest_counts(caller, basis).subquery()
    courtyard = func.nullif(func.concat_ws(" ", Estate.name, Courtyard.name), "")
    rows = (
        select(Building.code, Building.name, Building.courtyard_id, courtyard.label("courtyard"))
        .add_columns(func.coalesce(counts.c.households, 0).label("households"))
        .join(BuildingCell, BuildingCell.building_id == Building.id)
        .join(Cell, Cell.id == BuildingCell.cell_id)
        .outerjoin(counts, counts.c.building_id == Building.id)
        .outerjoin(Courtyard, Courtyard.id == Building.courtyard_id)
        .outerjoin(Estate, Estate.id == Courtyard.estate_id)
        .where(BuildingCell.land_id == newest.scalar_subquery(), Cell.dedicated_land_id.is_(None))
        .where(Building.valid.contains(basis.on), row_filter.visible(caller, Building))
        .order_by(Building.code)
    )
    return [BuildingLoad(**row._mapping) for row in session.execute(rows)]
