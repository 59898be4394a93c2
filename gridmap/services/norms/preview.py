"""Preview of a norm: the grids that enter and leave the range by it."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.grid_status import GRID_STATUS_NAMES, GridStatusName
from gridmap.core.plans.norm import GridLoad, Norm, judge_grid
from gridmap.services.grids import norms
from gridmap.services.grids.norms import NormInForce, NormsOfDay
from gridmap.services.norms.places import require_right
from gridmap.store.day_bounds import get_today
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids.grids_in_force import GridInForceRow, SubdistrictDay
from gridmap.store.queries.plans.norms import NormPlace


@dataclass(frozen=True)
class GridStatusChange:
    """A grid with its status by the norm of the day and by another one; `load` is what the other one counts."""

    id: int
    code: str
    name: str | None
    community_id: int
    load: GridLoad
    statuses: tuple[GridStatusName, GridStatusName]


@dataclass(frozen=True)
class NormPreview:
    """Effect of a norm on the grids in force on a day.

    Parameters
    ----------
    day : date
        First day of the norm; today for one that begins earlier.
    grids : sequence of GridStatusChange
        All grids that the norm is for, by code.
    """

    day: date
    grids: Sequence[GridStatusChange]

    @property
    def entering(self) -> Sequence[GridStatusChange]:
        """Grids that are in range by the norm, and are not now."""
        return [each for each in self.grids if each.statuses[1] == "in_range" != each.statuses[0]]

    @property
    def leaving(self) -> Sequence[GridStatusChange]:
        """Grids that are in range now, and are not by the norm."""
        return [each for each in self.grids if each.statuses[0] == "in_range" != each.statuses[1]]

    def counts(self, side: int) -> Mapping[GridStatusName, int]:
        """Return the number of grids by status, now (0) or by the norm (1)."""
        counts = Counter(each.statuses[side] for each in self.grids)
        return {status: counts[status] for status in GRID_STATUS_NAMES}


def preview_norm(session: Session, caller: Caller, place: NormPlace, norm: Norm, first: date) -> NormPreview:
    """Return the effect of a norm on the grids in force on its first day.

    Parameters
    ----------
    session : Session
        Of a planner or administrator of the place, or of the owner.
    caller : Caller
    place : NormPlace
    norm : Norm
    first : date
        First day on which it would hold.

    Raises
    ------
    NotFound
        If the caller may not change norms of the place.
    """
    require_right(session, caller, place)
    day = SubdistrictDay(place.subdistrict_id, max(first, get_today(session)))
    now = norms.load_norms(session, caller, day)
    rows = [row for row in grids_in_force.list_grids(session, caller, day) if _is_affected(row, place, now)]
    changed = _with_norm(now, place, norm)
    sides = [norms.load_grid_loads(session, caller, day, rows, each) for each in (now, changed)]
    changes = [_status_change(row, sides, (now, changed)) for row in rows]
    return NormPreview(day.date, sorted(changes, key=lambda change: change.code))


def _is_affected(row: GridInForceRow, place: NormPlace, now: NormsOfDay) -> bool:
    """Return whether a norm of the place is for a grid: a community's own norm wins over that of the subdistrict."""
    if place.community_id is None:
        return row.community_id not in now.own
    return row.community_id == place.community_id


def _with_norm(now: NormsOfDay, place: NormPlace, norm: Norm) -> NormsOfDay:
    if place.community_id is None:
        return replace(now, subdistrict=NormInForce(norm))
    return replace(now, own={**now.own, place.community_id: NormInForce(norm)})


def _status_change(
    row: GridInForceRow, loads: Sequence[Mapping[int, GridLoad]], norms_by_side: tuple[NormsOfDay, NormsOfDay]
) -> GridStatusChange:
    before, after = (
        judge_grid(row.kind, load[row.id], of_side.of(row.community_id).norm)
        for load, of_side in zip(loads, norms_by_side, strict=True)
    )
    return GridStatusChange(row.id, row.code, row.name, row.community_id, loads[1][row.id], (before, after))
