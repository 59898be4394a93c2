"""Links of places to land that was built anew: the row has the new cell, and a former cell the days before."""

from collections.abc import Mapping, Sequence

from sqlalchemy import text
from sqlalchemy.orm import Session

RELINK_PLACES = text("SELECT place, places FROM relink_places(CAST(:land_ids AS bigint[]))")


def relink_places(session: Session, land_ids: Sequence[int]) -> Mapping[str, int]:
    """Link the places of communities, and those without a cell, to the cells of their new lands from today on.

    Incidents of other communities learn which new cells are near them.

    Parameters
    ----------
    session : Session
        Of the owner, or of a planner's job; the lands were built by this transaction.
    land_ids : sequence of int

    Returns
    -------
    mapping of str to int
        Number of places with another cell, by table.
    """
    session.flush()
    return {row.place: row.places for row in session.execute(RELINK_PLACES, {"land_ids": list(land_ids)})}
