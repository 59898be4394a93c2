"""Links from residents to grids: how many miss the next one, which these are, and what mends them."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import NotFound
from gridmap.core.vocabulary import Role
from gridmap.services.grids import in_force, overview, unlinked_items
from gridmap.services.grids.overview import Overview
from gridmap.services.grids.unlinked_items import NOTHING_UNLINKED, UnlinkedLists
from gridmap.services.homes.sources import Origin, get_household, name_source, require_station
from gridmap.services.people import residents
from gridmap.services.people.residents import MaskedResident
from gridmap.services.workers import roster as rosters
from gridmap.services.workers.roster import Roster
from gridmap.store.queries.homes import households as household_queries
from gridmap.store.queries.homes import links
from gridmap.store.queries.homes.links import OrphanRow
from gridmap.store.writes import reveals as reveal_writes
from gridmap.store.writes.homes import homes as home_writes

__all__ = [
    "LinkRate",
    "LinkReport",
    "OrphanRow",
    "end_with_building",
    "end_with_household",
    "list_link_rates",
    "list_unlinked",
    "load_report",
]

MAX_LISTED = 50
MAX_EXPORTED = 10_000
"""Things of a list in a file at most."""
HOUSEHOLD_ENDED, BUILDING_GONE = "住户已迁出", "楼栋已不存在"
"""Sources of changes that follow from another one."""


class LinkRate(NamedTuple):
    """Number of things of a kind, and of those that miss their link."""

    kind: str
    total: int
    missing: int

    @property
    def percent(self) -> float | None:
        """Percentage of those that are linked, never rounded up to 100; None where there are none."""
        if not self.total:
            return None
        return 100.0 if not self.missing else min(99.9, 100 * (self.total - self.missing) / self.total)


@dataclass(frozen=True)
class VacantGrid:
    """A grid without anybody in charge."""

    id: int
    name: str
    community: str


@dataclass(frozen=True)
class UnlinkedWorker:
    """A person on the roster without an account."""

    id: int
    name: str
    community: str


@dataclass(frozen=True)
class LinkReport:
    """Counts for every reader of the page, and lists of what misses a link.

    Lists of homes and residents are empty for all but stations. Each list has at most `MAX_LISTED` entries.
    """

    counts: Sequence[LinkRate]
    grids: Sequence[VacantGrid]
    workers: Sequence[UnlinkedWorker]
    unlinked: UnlinkedLists = NOTHING_UNLINKED
    former_residents: Sequence[OrphanRow] = ()
    doorless: Sequence[OrphanRow] = ()
    homeless: Sequence[OrphanRow] = ()
    dwellings: Sequence[OrphanRow] = ()
    duplicates: Sequence[Sequence[MaskedResident]] = ()


def load_report(session: Session, caller: Caller, address: str | None = None) -> LinkReport:
    """Return the links of the caller's communities today; a list of residents is recorded in the audit.

    Parameters
    ----------
    session : Session
    caller : Caller
        Planners and administrators see no counts of persons, and no homes.
    address : str, optional
        Network address of the request, for the audit.
    """
    loaded, overviews = _load_rosters(session, caller), _load_overviews(session, caller)
    grids = [
        VacantGrid(each.grid.id, each.grid.name or each.grid.code, roster.community.name)
        for roster in loaded
        for each in roster.vacant
    ]
    workers = [
        UnlinkedWorker(each.id, each.name, roster.community.name)
        for roster in loaded
        for each in roster.workers
        if not each.has_account
    ]
    report = LinkReport(
        _list_rates(session, caller, overviews, loaded),
        grids[:MAX_LISTED],
        workers[:MAX_LISTED],
        unlinked_items.list_unlinked(session, caller, overviews, MAX_LISTED),
    )
    return _add_homes(session, caller, report, address) if caller.role is Role.STATION else report


def list_link_rates(session: Session, caller: Caller) -> Sequence[LinkRate]:
    """Return the counts of `load_report` alone, without any list."""
    return _list_rates(session, caller, _load_overviews(session, caller), _load_rosters(session, caller))


def list_unlinked(session: Session, caller: Caller) -> UnlinkedLists:
    """Return the buildings, places and ordinary incidents in no grid today, at most `MAX_EXPORTED` of each list."""
    return unlinked_items.list_unlinked(session, caller, _load_overviews(session, caller), MAX_EXPORTED)


def end_with_household(session: Session, caller: Caller, resident_id: int) -> None:
    """End a resident with the last day of a household that has ended.

    Raises
    ------
    NotFound
        If the caller does not keep the home, or the household has not ended.
    """
    require_station(caller, resident_id)
    member = household_queries.find_member(session, caller, resident_id)
    household = get_household(session, caller, member.household_id) if member else None
    if member is None or household is None or household.last is None:
        raise NotFound(resident_id)
    name_source(session, Origin(HOUSEHOLD_ENDED), member.subdistrict_id)
    home_writes.end_resident(session, caller, resident_id, member.first, max(member.first, household.last))


def end_with_building(session: Session, caller: Caller, household_id: int) -> None:
    """End a household and its members with the last day of a building that does not stand any more.

    Raises
    ------
    NotFound
        If the caller does not keep the home, or the building stands.
    """
    require_station(caller, household_id)
    homeless = {each.id: each for each in links.list_homeless_households(session, caller, 100_000)}
    if household_id not in homeless or (last := homeless[household_id].last) is None:
        raise NotFound(household_id)
    household = get_household(session, caller, household_id)
    name_source(session, Origin(BUILDING_GONE), household.subdistrict_id)
    home_writes.end_household(session, caller, household, max(household.first, last))


def _add_homes(session: Session, caller: Caller, report: LinkReport, address: str | None) -> LinkReport:
    """Return a report with the lists of homes and residents, which only stations see."""
    return replace(
        report,
        former_residents=links.list_former_residents(session, caller, MAX_LISTED),
        doorless=links.list_doorless_households(session, caller, MAX_LISTED),
        homeless=links.list_homeless_households(session, caller, MAX_LISTED),
        dwellings=links.list_unrecorded_dwellings(session, caller, MAX_LISTED),
        duplicates=_list_duplicates(session, caller, address),
    )


def _list_rates(
    session: Session, caller: Caller, overviews: Sequence[Overview], loaded: Sequence[Roster]
) -> Sequence[LinkRate]:
    homes = _home_counts(session, caller) if caller.role is Role.STATION else ()
    return [*homes, *_place_counts(overviews), *_roster_counts(loaded)]


def _home_counts(session: Session, caller: Caller) -> Sequence[LinkRate]:
    return [
        LinkRate("residents", *links.tally_residents(session, caller)),
        LinkRate("households", *links.tally_households(session, caller)),
        LinkRate("doors", *links.tally_doors(session, caller)),
        LinkRate("dwellings", *links.tally_dwellings(session, caller)),
    ]


def _load_overviews(session: Session, caller: Caller) -> Sequence[Overview]:
    """Return the overviews of today of the caller's subdistricts."""
    days = [in_force.resolve_day(session, each.id) for each in overview.list_subdistricts(session, caller)]
    return [overview.load_overview(session, caller, day) for day in days]


def _place_counts(overviews: Sequence[Overview]) -> Sequence[LinkRate]:
    """Return buildings, places and incidents with those in no grid."""
    sums: dict[str, tuple[int, int]] = {}
    for each in (count for shown in overviews for count in shown.link_counts):
        total, missing = sums.get(each.kind, (0, 0))
        sums[each.kind] = total + each.total, missing + each.unlinked
    return [LinkRate(kind, *numbers) for kind, numbers in sums.items()]


def _load_rosters(session: Session, caller: Caller) -> Sequence[Roster]:
    communities = [row for rows in rosters.list_communities(session, caller).values() for row, _ in rows]
    return [rosters.load_roster(session, caller, each.id) for each in communities]


def _roster_counts(loaded: Sequence[Roster]) -> Sequence[LinkRate]:
    grids, people = sum(len(each.grids) for each in loaded), sum(len(each.workers) for each in loaded)
    vacant = sum(len(each.vacant) for each in loaded)
    unlinked_people = sum(not worker.has_account for each in loaded for worker in each.workers)
    return [LinkRate("grids", grids, vacant), LinkRate("workers", people, unlinked_people)]


def _list_duplicates(session: Session, caller: Caller, address: str | None) -> Sequence[Sequence[MaskedResident]]:
    groups = links.list_duplicates(session, caller, MAX_LISTED)
    ids = [key for group in groups for key in group.resident_ids]
    masked = {each.id: each for each in residents.mask_residents(session, caller, ids)}
    if masked:
        details = {"found": len(masked), "duplicates": True}
        reveal_writes.record_residents_shown(session, "list", ("resident", None), list(masked), details, address)
    shown = [[masked[key] for key in group.resident_ids if key in masked] for group in groups]
    return [group for group in shown if len(group) > 1]
