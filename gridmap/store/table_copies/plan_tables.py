"""Tables of a plan: everything that one revision needs to be the same in another database."""

from collections.abc import Mapping
from types import MappingProxyType

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.table_rows import TableRows
from gridmap.store.table_copies.row_reader import read_rows

OF_COMMUNITY = "community_id = :community_id"
IN_COMMUNITY_SHAPE = (
    "subdistrict_id = :subdistrict_id"
    " AND ST_Intersects(geometry, (SELECT c.geometry FROM community c WHERE c.id = :community_id))"
)
OF_LAND = "land_id = :land_id"
DEDICATED = "SELECT x.dedicated_land_id FROM cell x WHERE x.land_id = :land_id"
GIVEN_STREETS = "SELECT s.street_id FROM revision_street s WHERE s.revision_id = :revision_id"
BUILDINGS = "SELECT b.building_id FROM building_cell b WHERE b.land_id = :land_id"
OF_REVISION = "revision_id = :revision_id"
PLAN_TABLES: Mapping[str, str] = MappingProxyType(
    {
        "subdistrict": "id = :subdistrict_id",
        "community": "id = :community_id",
        "street": f"({IN_COMMUNITY_SHAPE}) OR id IN ({GIVEN_STREETS})",
        "barrier": IN_COMMUNITY_SHAPE,
        "dedicated_land": f"id IN ({DEDICATED})",
        "resident_group": OF_COMMUNITY,
        "estate": OF_COMMUNITY,
        "courtyard": OF_COMMUNITY,
        "building": f"id IN ({BUILDINGS})",
        "household_count": f"building_id IN ({BUILDINGS})",
        "land": "id = :land_id",
        "cell": OF_LAND,
        "building_cell": OF_LAND,
        "plan": "id = :plan_id",
        "revision": "id = :revision_id",
        "grid": "id IN (SELECT g.grid_id FROM revision_grid g WHERE g.revision_id = :revision_id)",
        "revision_grid": OF_REVISION,
        "micro_grid": OF_REVISION,
        "assignment": OF_REVISION,
        "revision_street": OF_REVISION,
    }
)
"""Conditions of the rows, by table; tables before those that refer to them."""


def read_plan(session: Session, caller: Caller, keys: Mapping[str, int]) -> list[TableRows]:
    """Return the rows of a revision with its community, land and buildings.

    Parameters
    ----------
    session : Session
    caller : Caller
        Who may see the revision; rows that the caller does not see are left out.
    keys : mapping of str to int
        ``subdistrict_id``, ``community_id``, ``land_id``, ``plan_id``, ``revision_id``.
    """
    return [read_rows(session, caller, name, condition, keys) for name, condition in PLAN_TABLES.items()]
