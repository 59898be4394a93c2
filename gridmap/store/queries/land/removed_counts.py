"""Counts of a building that were removed, with who removed them and why."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import text
from sqlalchemy.orm import Session

from gridmap.core.vocabulary import HouseholdKind, PopulationKind

REMOVED_COUNTS = text("SELECT * FROM removed_building_counts(:building_id)")


class RemovedCountRow(NamedTuple):
    """A count that was removed.

    Parameters
    ----------
    removed_at : datetime
    actor_name : str or None
        Name of the account; None for the owner.
    reason : str
    kind : HouseholdKind or PopulationKind
    as_of : date
        Day of the count.
    number : int or None
        Households or persons; None where the journal no longer has earlier values.
    source : str or None
        File, register or person that said so; None as the number.
    """

    removed_at: datetime
    actor_name: str | None
    reason: str
    kind: HouseholdKind | PopulationKind
    as_of: date
    number: int | None
    source: str | None


def list_removed_counts(session: Session, building_id: int) -> Sequence[RemovedCountRow]:
    """Return the removed counts of a building of the account's communities, the newest removal first.

    Raises
    ------
    sqlalchemy.exc.DBAPIError
        If the account is no planner of its community.
    """
    rows = session.execute(REMOVED_COUNTS, {"building_id": building_id})
    return [
        RemovedCountRow(at, actor_name, reason, parse_count_kind(kind), *count)
        for at, actor_name, reason, kind, *count in rows
    ]


def parse_count_kind(word: str) -> HouseholdKind | PopulationKind:
    """Return the kind of a count; those of households and of persons have no word in common.

    Examples
    --------
    >>> parse_count_kind("resident").value, parse_count_kind("residents").name
    ('resident', 'RESIDENTS')
    """
    return PopulationKind(word) if word in set(PopulationKind) else HouseholdKind(word)
