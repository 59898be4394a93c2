"""Places that rows of a sheet are linked to: buildings with their words, and cells."""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from gridmap.core.addresses.building_index import KnownBuilding
from gridmap.core.caller import Caller
from gridmap.store.access import row_filter, scope_filter
from gridmap.store.queries.columns import present_day
from gridmap.store.schema import Building, Community, Courtyard, Estate, Grid, Subdistrict

PLACE_OF_BUILDINGS = text("""
    SELECT b.id, ST_X(p.point), ST_Y(p.point), (SELECT c.cell_id FROM building_cell c
        WHERE c.building_id = b.id ORDER BY c.land_id DESC LIMIT 1)
    FROM building b CROSS JOIN LATERAL (SELECT ST_PointOnSurface(b.geometry) AS point) p
    WHERE b.id = ANY (CAST(:ids AS bigint[]))
""")
CELLS_OF_POINTS = text("""
    SELECT (SELECT c.id FROM cell c WHERE c.subdistrict_id = :subdistrict_id AND ST_Covers(c.geometry, p.point)
            AND (:everywhere OR c.community_id = ANY (CAST(:community_ids AS bigint[])))
        ORDER BY c.land_id DESC, c.id LIMIT 1)
    FROM unnest(CAST(:x AS float8[]), CAST(:y AS float8[])) WITH ORDINALITY AS r(x, y, n)
        CROSS JOIN LATERAL (SELECT ST_SetSRID(ST_MakePoint(r.x, r.y), 4326) AS point) p
    ORDER BY r.n
""")


class BuildingPlace(NamedTuple):
    """Point of a building in degrees, and its cell in the newest land."""

    longitude: float
    latitude: float
    cell_id: int | None


class NamedPlace(NamedTuple):
    """Community or grid by key, code and name."""

    id: int
    code: str
    name: str | None


def find_subdistrict(session: Session, caller: Caller, code: str) -> int | None:
    """Return the key of a subdistrict that the caller sees, by its code."""
    rows = select(Subdistrict.id).where(Subdistrict.code == code, row_filter.visible(caller, Subdistrict))
    return session.scalar(rows)


def get_subdistrict_code(session: Session, caller: Caller, subdistrict_id: int) -> str | None:
    """Return the code of a subdistrict that the caller sees."""
    rows = select(Subdistrict.code).where(Subdistrict.id == subdistrict_id, row_filter.visible(caller, Subdistrict))
    return session.scalar(rows)


def list_known_buildings(session: Session, caller: Caller, subdistrict_id: int) -> list[KnownBuilding]:
    """Return the standing buildings of a subdistrict that the caller works with, with the words that find them."""
    rows = (
        select(Building.id, Building.code, Building.name, Building.address, Estate.name, Courtyard.name)
        .outerjoin(Estate, Estate.id == Building.estate_id)
        .outerjoin(Courtyard, Courtyard.id == Building.courtyard_id)
        .where(Building.subdistrict_id == subdistrict_id, scope_filter.in_scope_communities(caller, Building))
        .where(Building.valid.contains(present_day()))
        .order_by(Building.code)
    )
    return [KnownBuilding(*row) for row in session.execute(rows)]


def list_communities(session: Session, caller: Caller, subdistrict_id: int) -> list[NamedPlace]:
    """Return the communities of a subdistrict that the caller sees."""
    rows = select(Community.id, Community.code, Community.name).where(
        Community.subdistrict_id == subdistrict_id, row_filter.visible(caller, Community)
    )
    return [NamedPlace(*row) for row in session.execute(rows)]


def list_communities_of_buildings(session: Session, caller: Caller, building_ids: Sequence[int]) -> dict[int, int]:
    """Return the community of each building that the caller sees, by the keys of both."""
    rows = select(Building.id, Building.community_id).where(
        Building.id.in_(building_ids), row_filter.visible(caller, Building)
    )
    return {row.id: row.community_id for row in session.execute(rows)}


def list_grids(session: Session, caller: Caller, subdistrict_id: int) -> list[NamedPlace]:
    """Return the grids of a subdistrict that the caller sees, by code."""
    rows = select(Grid.id, Grid.code).where(Grid.subdistrict_id == subdistrict_id, row_filter.visible(caller, Grid))
    return [NamedPlace(key, code, None) for key, code in session.execute(rows)]


def load_building_places(session: Session, building_ids: Sequence[int]) -> dict[int, BuildingPlace]:
    """Return the places of buildings by their keys."""
    rows = session.execute(PLACE_OF_BUILDINGS, {"ids": list(building_ids)})
    return {int(key): BuildingPlace(x, y, cell_id) for key, x, y, cell_id in rows}


def find_cells(
    session: Session, caller: Caller, subdistrict_id: int, points: Sequence[tuple[float, float]]
) -> list[int | None]:
    """Return the cell of the caller's communities that covers each point, in the newest land; None outside them."""
    values = {"subdistrict_id": subdistrict_id, "x": [x for x, _ in points], "y": [y for _, y in points]}
    values |= {"everywhere": caller.trusted, "community_ids": list(caller.community_ids)}
    return list(session.execute(CELLS_OF_POINTS, values).scalars()) if points else []
