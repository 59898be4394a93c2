"""Overview of a subdistrict on a day: its communities, the grids in force with their status, and things in no grid."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.plans.grid_status import GRID_STATUS_NAMES, GridStatusName
from gridmap.core.vocabulary import HouseholdKind, Role
from gridmap.services.grids import in_force, incident_counts
from gridmap.services.grids.in_force import GridInForce, Households
from gridmap.services.grids.incident_counts import NO_INCIDENTS, DateRange, IncidentFilter
from gridmap.services.grids.norms import NormInForce
from gridmap.services.grids.population import PopulationBasis, merge_bases
from gridmap.store.access import scope_filter
from gridmap.store.queries import territory
from gridmap.store.queries.grids import link_counts
from gridmap.store.queries.grids.grids_in_force import SubdistrictDay
from gridmap.store.queries.grids.link_counts import LinkTotals
from gridmap.store.queries.territory import CommunityRow, ResidentGroupRow, StreetNameRow, StreetsRow, SubdistrictRow

__all__ = [
    "CommunityRow",
    "LinkCount",
    "Overview",
    "SubdistrictRow",
    "get_subdistrict",
    "list_communities",
    "list_resident_groups",
    "list_street_names",
    "list_streets",
    "list_subdistricts",
    "load_overview",
]

INCIDENT_PERIOD = timedelta(days=364)
MAX_STREET_NAMES = 80
"""Names of streets for a map: more than fit without overlap."""


@dataclass(frozen=True)
class LinkCount:
    """Number of things of a kind, and number of those in no grid in force."""

    kind: str
    total: int
    unlinked: int


@dataclass(frozen=True)
class Overview:
    """Overview of a subdistrict, as far as the caller may know it.

    Parameters
    ----------
    day : SubdistrictDay
    communities : sequence of CommunityRow
    grids : sequence of GridInForce
    households : mapping
        Households by kind.
    residents : int
        Residents of the grids whose number the caller may know.
    residents_60 : int or None
        Those of 60 and older, of the grids where the caller may know their number; None where there is none.
    population_basis : PopulationBasis
    buildings : int
    link_counts : sequence of LinkCount
        Empty for workers; buildings only for callers who work in a part of the subdistrict.
    """

    day: SubdistrictDay
    communities: Sequence[CommunityRow]
    grids: Sequence[GridInForce]
    households: Mapping[HouseholdKind, Households]
    residents: int
    residents_60: int | None
    population_basis: PopulationBasis
    buildings: int
    link_counts: Sequence[LinkCount]

    @property
    def status_counts(self) -> Mapping[GridStatusName, int]:
        """Number of grids by status."""
        counts = Counter(grid.status for grid in self.grids)
        return {status: counts[status] for status in GRID_STATUS_NAMES}

    @property
    def norms(self) -> Sequence[tuple[NormInForce, Sequence[str]]]:
        """Norms by which the grids are judged, each with the names of its communities."""
        names = {community.id: community.name for community in self.communities}
        used: dict[NormInForce, dict[str, None]] = {}
        for grid in self.grids:
            used.setdefault(grid.norm, {})[names[grid.community_id]] = None
        return [(norm, list(communities)) for norm, communities in used.items()]

    @property
    def vacant(self) -> Sequence[GridInForce]:
        """Grids without a worker in charge."""
        return [grid for grid in self.grids if not grid.workers]

    @property
    def withheld(self) -> int:
        """Number of grids with households whose residents the caller may not know; the sum is without them."""
        return sum(grid.residents.number is None and grid.households.number > 0 for grid in self.grids)

    @property
    def unpartitioned(self) -> Sequence[CommunityRow]:
        """Communities without a plan in force."""
        partitioned = {grid.community_id for grid in self.grids}
        return [community for community in self.communities if community.id not in partitioned]

    @property
    def linked_share(self) -> float | None:
        """Share of all things with a location that are in a grid; None where there is none."""
        total = sum(each.total for each in self.link_counts)
        return 1 - sum(each.unlinked for each in self.link_counts) / total if total else None


def list_subdistricts(session: Session, caller: Caller) -> Sequence[SubdistrictRow]:
    """Return the subdistricts of the caller."""
    return territory.list_subdistricts(session, caller)


def get_subdistrict(session: Session, caller: Caller, code: str) -> SubdistrictRow | None:
    """Return the subdistrict with a code, or None where there is none for the caller."""
    if "\0" in code:
        return None
    return territory.find_subdistrict_by_code(session, caller, code)


def list_communities(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[CommunityRow]:
    """Return the communities of a subdistrict in which the caller works."""
    return territory.list_communities(session, caller, subdistrict_id)


def list_resident_groups(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[ResidentGroupRow]:
    """Return the resident groups of those communities."""
    return territory.list_resident_groups(session, caller, subdistrict_id)


def list_streets(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[StreetsRow]:
    """Return the streets of a subdistrict by kind, for orientation on a map."""
    return territory.list_streets(session, caller, subdistrict_id)


def list_street_names(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[StreetNameRow]:
    """Return the names of the longest streets of a subdistrict, for labels of a map."""
    return territory.list_street_names(session, caller, subdistrict_id, MAX_STREET_NAMES)


def load_overview(session: Session, caller: Caller, day: SubdistrictDay) -> Overview:
    """Return the overview of a subdistrict on a day."""
    grids = in_force.list_grids(session, caller, day)
    communities = list_communities(session, caller, day.subdistrict_id)
    residents = _sum_residents(grids), _sum_residents_60(grids), merge_bases(each.population_basis for each in grids)
    if caller.role == Role.WORKER:
        households, buildings = _sum_households(grids), sum(grid.buildings for grid in grids)
        return Overview(day, communities, grids, households, *residents, buildings, ())
    counts = _link_counts(session, caller, day)
    totals = in_force.households_by_kind(link_counts.sum_households(session, caller, day))
    return Overview(day, communities, grids, totals, *residents, counts[0].total, counts)


def _sum_households(grids: Sequence[GridInForce]) -> Mapping[HouseholdKind, Households]:
    if not grids:
        return {}
    households = [grid.households for grid in grids]
    total = Households(
        number=sum(each.number for each in households),
        low=sum(each.low for each in households),
        high=sum(each.high for each in households),
        estimated=any(each.estimated for each in households),
    )
    return {HouseholdKind.RESIDENT: total}


def _sum_residents(grids: Sequence[GridInForce]) -> int:
    """Return the residents of grids; a suppressed number adds none, so that no difference discloses it."""
    return sum(grid.residents.number or 0 for grid in grids)


def _sum_residents_60(grids: Sequence[GridInForce]) -> int | None:
    known = [grid.residents_60 for grid in grids if grid.residents_60 is not None]
    return sum(known) if known else None


def _link_counts(session: Session, caller: Caller, day: SubdistrictDay) -> Sequence[LinkCount]:
    """Return the numbers of things in a grid and in none; buildings first, incidents of the year before last."""
    counts = [_link_count("buildings", link_counts.count_buildings(session, caller, day))]
    if not scope_filter.covers_subdistrict(session, caller, day.subdistrict_id):
        return counts
    services = {kind: link_counts.count_services(session, caller, day, kind) for kind in link_counts.SERVICE_TABLES}
    counts += [_link_count(kind, totals) for kind, totals in services.items() if totals.total]
    incidents = _incident_link_count(session, caller, day)
    return [*counts, incidents] if incidents.total else counts


def _link_count(kind: str, totals: LinkTotals) -> LinkCount:
    return LinkCount(kind, totals.total, totals.total - totals.linked)


def _incident_link_count(session: Session, caller: Caller, day: SubdistrictDay) -> LinkCount:
    """Return the incidents of a year that the caller may see."""
    period = DateRange(in_force.date_before(day.date, INCIDENT_PERIOD), day.date)
    counts = incident_counts.count_by_grid(session, caller, day, IncidentFilter(period))
    total = sum(pair.current for pair in counts.values())
    return LinkCount("incidents", total, counts.get(None, NO_INCIDENTS).current)
