"""Streets of a subdistrict with their lines, for an import that compares them."""

from dataclasses import dataclass, field

import shapely
from sqlalchemy import select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.store.access import row_filter
from gridmap.store.queries.plans.community_town import parse_geometries
from gridmap.store.schema import Street


@dataclass(frozen=True, eq=False)
class StoredStreet:
    """A street; its line is in WGS 84."""

    id: int
    name: str | None
    kind: str
    line: shapely.LineString = field(repr=False)


def list_stored_streets(session: Session, caller: Caller, subdistrict_id: int) -> list[StoredStreet]:
    """Return the streets of a subdistrict by their keys."""
    rows = select(Street.id, Street.name, Street.kind, Street.geometry)
    rows = rows.where(Street.subdistrict_id == subdistrict_id, row_filter.visible(caller, Street))
    listed = session.execute(rows.order_by(Street.id)).all()
    lines = parse_geometries([row.geometry for row in listed])
    return [StoredStreet(row.id, row.name, row.kind, line) for row, line in zip(listed, lines, strict=True)]
