"""Moves of residents between households."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy import text
from sqlalchemy.orm import Session

MOVE = text("SELECT move_residents(CAST(:residents AS bigint[]), CAST(:households AS bigint[]), :day)")


def move_residents(session: Session, resident_ids: Sequence[int], household_ids: Sequence[int], day: date) -> list[int]:
    """Let residents join other households from a day on; return the key of the present row of each."""
    if not resident_ids:
        return []
    values = {"residents": list(resident_ids), "households": list(household_ids), "day": day}
    return [int(key) for key in session.execute(MOVE, values).scalars()]
