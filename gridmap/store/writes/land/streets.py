"""Streets of an import, written by a function of the database."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import shapely
from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.store.schema.base import SRID

IMPORT_STREETS = text(
    "SELECT import_streets(:subdistrict_id, CAST(:removed AS bigint[]), CAST(:ids AS bigint[]), CAST(:names AS text[]),"
    " CAST(:kinds AS text[]), CAST(:lines AS geometry[]))"
)


@dataclass(frozen=True, eq=False)
class StreetValues:
    """Name and kind of a street; one without a key is new."""

    street_id: int | None
    name: str | None
    kind: str
    line: shapely.LineString = field(repr=False)


def write_streets(
    session: Session, subdistrict_id: int, changes: Sequence[StreetValues], removed: Sequence[int] = ()
) -> list[int]:
    """Write streets, and return the keys of the new ones in their order.

    Parameters
    ----------
    session : Session
        Of the owner, or of the job that imports them for a planner of the whole subdistrict.
    subdistrict_id : int
    changes : sequence of StreetValues
    removed : sequence of int
        Keys of streets that are no longer there.
    """
    lines = shapely.set_srid([each.line for each in changes], SRID)
    values = {
        "subdistrict_id": subdistrict_id,
        "removed": list(removed),
        "ids": [each.street_id or 0 for each in changes],
        "names": [each.name for each in changes],
        "kinds": [each.kind for each in changes],
        "lines": [shapely.to_wkb(line, hex=True, include_srid=True) for line in lines],
    }
    return [int(key) for key in session.execute(IMPORT_STREETS, values).scalars()]
