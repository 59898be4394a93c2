"""A subdistrict on a day: its communities, the grids in force with their state, and what is in no grid."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.grid_status import GRID_STATUS_NAMES, GridStatusName
from gridmap.core.privacy.disclosure import DisclosedCount, exact_count, sum_disclosed
from gridmap.core.vocabulary import HouseholdKind, Role
from gridmap.maps.map_shell import MapShell, build_map_shell
from gridmap.services.grids import in_force, incident_counts
from gridmap.services.grids.in_force import GridInForce, Households
from gridmap.services.grids.incident_counts import NO_INCIDENTS, DateRange, IncidentFilter
from gridmap.store.access import scope_filter
from gridmap.store.queries import link_counts, territory
from gridmap.store.queries.grids_in_force import SubdistrictDay
from gridmap.store.schema import Community, Subdistrict

INCIDENT_PERIOD = timedelta(days=364)


@dataclass(frozen=True)
class LinkCount:
    """How many things of a kind there are, and how many of them are in no grid in force."""

    kind: str
    total: DisclosedCount
    unlinked: DisclosedCount


@dataclass(frozen=True)
class Overview:
    """Everything the overview of a subdistrict says, as far as the account may know it.

    `residents` are those of grids whose number may be told; `link_counts` is empty for accounts that see a part only.
    """

    day: SubdistrictDay
    communities: Sequence[Any]
    grids: Sequence[GridInForce]
    households: Mapping[HouseholdKind, Households]
    residents: int
    buildings: int
    link_counts: Sequence[LinkCount]

    @property
    def status_counts(self) -> Mapping[GridStatusName, int]:
        """Grids by state."""
        found = Counter(grid.status for grid in self.grids)
        return {state: found[state] for state in GRID_STATUS_NAMES}

    @property
    def vacant(self) -> Sequence[GridInForce]:
        """Grids that nobody answers for."""
        return [grid for grid in self.grids if not grid.workers]

    @property
    def unpartitioned(self) -> Sequence[Any]:
        """Communities without a plan in force."""
        divided = {grid.community_id for grid in self.grids}
        return [each for each in self.communities if each.id not in divided]

    @property
    def linked_share(self) -> float | None:
        """Which part of everything that has a place leads to a grid; None where that cannot be told."""
        every, outside = (
            sum_disclosed(getattr(each, name) for each in self.link_counts) for name in ("total", "unlinked")
        )
        return 1 - outside.number / every.number if every.number and outside.number is not None else None


def list_subdistricts(session: Session, caller: Caller) -> Sequence[Any]:
    """Subdistricts of the account."""
    return territory.list_subdistricts(session, caller)


def list_communities(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[Any]:
    """Communities of a subdistrict that the account works in."""
    return territory.list_communities(session, caller, Community.subdistrict_id == subdistrict_id)


def list_resident_groups(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[Any]:
    """Resident groups of those communities."""
    return territory.list_resident_groups(session, caller, subdistrict_id)


def get_subdistrict(session: Session, caller: Caller, code: str) -> Any | None:
    """The subdistrict with a code, or None where there is none for this account."""
    if "\0" in code:
        return None
    return next(iter(territory.list_subdistricts(session, caller, Subdistrict.code == code)), None)


def load_overview(session: Session, caller: Caller, day: SubdistrictDay) -> Overview:
    """The overview of a subdistrict on a day."""
    found, here = in_force.list_grids(session, caller, day), list_communities(session, caller, day.subdistrict_id)
    if caller.role == Role.WORKER:
        return Overview(
            day, here, found, _sum_households(found), _sum_residents(found), sum(each.buildings for each in found), ()
        )
    links, households = (
        _link_counts(session, caller, day),
        in_force.households_by_kind(link_counts.list_household_totals(session, caller, day)),
    )
    return Overview(day, here, found, households, _sum_residents(found), links[0].total.number or 0, links)


def list_streets(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[Any]:
    """Streets of a subdistrict by kind, for a map to be found one's way on."""
    return territory.list_streets(session, caller, subdistrict_id)


def build_subdistrict_map(subdistrict: Any, script_url: str) -> MapShell:
    """The map of a subdistrict, empty: what is on it is asked for by the page.

    Parameters
    ----------
    subdistrict : Row
        From `get_subdistrict`.
    script_url : str
        Address of the script that draws.
    """
    return build_map_shell((subdistrict.west, subdistrict.south, subdistrict.east, subdistrict.north), script_url)


def _sum_households(grids_in_force: Sequence[GridInForce]) -> Mapping[HouseholdKind, Households]:
    each = [grid.households for grid in grids_in_force]
    number, low, high = (sum(getattr(one, name) for one in each) for name in ("number", "low", "high"))
    estimated = any(one.estimated for one in each)
    return {HouseholdKind.RESIDENT: Households(number, low, high, estimated)} if grids_in_force else {}


def _sum_residents(grids_in_force: Sequence[GridInForce]) -> int:
    """Residents of grids; one whose number may not be told adds none, so that no difference gives it away."""
    return sum(grid.residents.number or 0 for grid in grids_in_force)


def _link_counts(session: Session, caller: Caller, day: SubdistrictDay) -> Sequence[LinkCount]:
    """What is in a grid and what is not; buildings first. Incidents are those of the year before."""
    every, inside = link_counts.count_buildings(session, caller, day)
    found = [LinkCount("buildings", exact_count(every), exact_count(every - inside))]
    if not scope_filter.covers_subdistrict(session, caller, day.subdistrict_id):
        return found
    pairs = {name: link_counts.count_services(session, caller, day, name) for name in link_counts.SERVICE_TABLES}
    found += [
        LinkCount(name, exact_count(all_), exact_count(all_ - in_grid))
        for name, (all_, in_grid) in pairs.items()
        if all_
    ]
    incidents = _incident_link_count(session, caller, day)
    return [*found, incidents] if incidents.total.low else found


def _incident_link_count(session: Session, caller: Caller, day: SubdistrictDay) -> LinkCount:
    """Incidents of a year, as the page of heat tells them: the sum holds nothing that is hidden elsewhere."""
    told = incident_counts.count_by_grid(
        session, caller, day, IncidentFilter(DateRange(in_force.date_before(day.date, INCIDENT_PERIOD), day.date))
    )
    return LinkCount(
        "incidents", sum_disclosed(pair.current for pair in told.values()), told.get(None, NO_INCIDENTS).current
    )
