"""Norms of a day: the one by which each community is judged, and what it counts in grids."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.norm import DEFAULT_NORM, GridLoad, Norm
from gridmap.core.vocabulary import HouseholdKind
from gridmap.store.queries.grids import grids_in_force
from gridmap.store.queries.grids.grids_in_force import CountBasis, GridInForceRow, SubdistrictDay
from gridmap.store.queries.plans import norms as norm_queries
from gridmap.store.queries.plans.norms import NormPlace, NormRow


@dataclass(frozen=True)
class NormInForce:
    """Norm that a community is judged by on a day; `row` is None where nobody entered one."""

    norm: Norm
    row: NormRow | None = None

    def basis(self, on: date) -> CountBasis:
        """Return the counts that the norm is compared with on a day."""
        return CountBasis(on, self.norm.household_kind)

    @property
    def is_own(self) -> bool:
        """True for a norm of the community itself, false for that of the subdistrict and for the default."""
        return self.row is not None and self.row.place.community_id is not None


DEFAULT = NormInForce(DEFAULT_NORM)
"""300 to 500 households living there, where no norm is entered; pages say so."""


@dataclass(frozen=True)
class NormsOfDay:
    """Norms of a subdistrict on a day.

    Parameters
    ----------
    subdistrict : NormInForce
    own : mapping
        Norms of communities that have their own, by community.
    """

    subdistrict: NormInForce = DEFAULT
    own: Mapping[int, NormInForce] = field(default_factory=dict)

    def of(self, community_id: int | None) -> NormInForce:
        """Return the norm of a community: its own, else that of the subdistrict, else the default.

        Examples
        --------
        >>> own = NormInForce(Norm(200, 320))
        >>> [NormsOfDay(own={7: own}).of(community).norm.maximum for community in (7, 8)]
        [320, 500]
        """
        return self.subdistrict if community_id is None else self.own.get(community_id, self.subdistrict)


def load_norms(session: Session, caller: Caller, day: SubdistrictDay) -> NormsOfDay:
    """Return the norms of a subdistrict and its communities that hold on a day."""
    rows = norm_queries.list_norms_on(session, caller, day.subdistrict_id, day.date)
    by_community = {row.place.community_id: NormInForce(row.norm, row) for row in rows}
    subdistrict = by_community.pop(None, DEFAULT)
    return NormsOfDay(subdistrict, {key: norm for key, norm in by_community.items() if key is not None})


def load_norm(session: Session, caller: Caller, place: NormPlace, on: date) -> NormInForce:
    """Return the norm of one community, or of a whole subdistrict, on a day."""
    return load_norms(session, caller, SubdistrictDay(place.subdistrict_id, on)).of(place.community_id)


def list_planned(session: Session, caller: Caller, place: NormPlace, on: date) -> Sequence[NormRow]:
    """Return the norms that begin after a day, of a community and of its subdistrict."""
    rows = norm_queries.list_norms_from(session, caller, place.subdistrict_id, on)
    return [row for row in rows if row.place.community_id in (None, place.community_id)]


def last_day(row: NormRow) -> date | None:
    """Return the last day of a norm; None while no end is known."""
    return None if row.end is None else row.end - timedelta(days=1)


def load_grid_loads(
    session: Session, caller: Caller, day: SubdistrictDay, rows: Iterable[GridInForceRow], norms: NormsOfDay
) -> Mapping[int, GridLoad]:
    """Return what the norm counts in each grid in force, by grid.

    Parameters
    ----------
    session : Session
    caller : Caller
    day : SubdistrictDay
    rows : iterable of GridInForceRow
    norms : NormsOfDay
        Of the day, or of another one for a preview.
    """
    grids = list(rows)
    used = {row.community_id: norms.of(row.community_id).norm for row in grids}
    by_kind = {
        kind: grids_in_force.count_households_by_grid(session, caller, day, kind)
        for kind in {norm.household_kind for norm in used.values()} - {HouseholdKind.RESIDENT}
    }
    with_persons = {row.revision_id for row in grids if used[row.community_id].persons}
    persons = norm_queries.count_judged_residents(session, caller, day, sorted(with_persons)) if with_persons else {}
    return {
        row.id: GridLoad(_households(row, used[row.community_id], by_kind), persons.get((row.revision_id, row.id)))
        for row in grids
    }


def _households(row: GridInForceRow, norm: Norm, by_kind: Mapping[HouseholdKind, Mapping[int, int]]) -> int | None:
    """Return the households of the norm's kind in a grid; None where it has buildings and none of them was counted."""
    if not row.buildings:
        return 0
    if norm.household_kind is HouseholdKind.RESIDENT:
        return row.households.households if row.counted_buildings else None
    return by_kind[norm.household_kind].get(row.id)
