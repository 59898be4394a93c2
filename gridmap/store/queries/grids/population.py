"""Residents of grids in force: by the roster of persons, or by counts of buildings where an area has no roster."""

from collections.abc import Mapping
from dataclasses import astuple
from datetime import date
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.vocabulary import Role
from gridmap.store.queries.grids.day_cache import DayFigure, load_cached
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay

AREA_ROLES = Role.PLANNER, Role.LEADER, Role.ADMIN
"""Roles that see the sums of statistical areas, and no persons."""


class PopulationRow(NamedTuple):
    """Residents of a grid.

    Parameters
    ----------
    residents : int or None
        None where the number is not disclosed.
    residents_60 : int or None
        Those of 60 and older; None where the number is not disclosed, or not known everywhere in the grid.
    by_roster, by_counts : bool
        Whether some were counted in the roster of persons, and some by counts of buildings.
    source : str or None
        Source of the newest count of a building that was used.
    as_of : date or None
        Its day.
    """

    residents: int | None
    residents_60: int | None = None
    by_roster: bool = False
    by_counts: bool = False
    source: str | None = None
    as_of: date | None = None


NOBODY = PopulationRow(0)
"""A grid without a recorded resident and without a count."""


def load_population_by_grid(session: Session, caller: Caller, day: SubdistrictDay) -> Mapping[int, PopulationRow]:
    """Return the residents of each grid in force that has any, or a count of them.

    Only sums of statistical areas are cached: counts of persons change without a version of the data. Areas that have
    residents since the last look are counted first, cached or not.
    """
    counts = func.residents_by_grid(day.subdistrict_id, day.date).table_valued("grid_id", *PopulationRow._fields)

    def load() -> Mapping[int, PopulationRow]:
        return {row.grid_id: PopulationRow(*row[1:]) for row in session.execute(select(counts))}

    if caller.role not in AREA_ROLES:
        return load()
    session.execute(select(func.count_areas_of_month(day.subdistrict_id)))
    return load_cached(session, caller, DayFigure("residents", *astuple(day)), load)
