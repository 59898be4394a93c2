"""Buildings, places and incidents in no grid: which they are, for those who mend it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.catalogues import load_place_kinds
from gridmap.core.caller import Caller
from gridmap.core.facilities.place_kinds import PlaceKind, PlaceTable
from gridmap.services.grids import in_force
from gridmap.services.grids.overview import INCIDENT_PERIOD, Overview
from gridmap.store.queries.grids import unlinked_items as item_queries
from gridmap.store.queries.grids.date_range import DateRange
from gridmap.store.queries.grids.unlinked_items import UnlinkedIncidentRow, UnlinkedRow

__all__ = ["NOTHING_UNLINKED", "UnlinkedIncidentRow", "UnlinkedLists", "UnlinkedRow", "find_kind", "list_unlinked"]


@dataclass(frozen=True)
class UnlinkedLists:
    """Things in no grid today; incidents are the ordinary ones of a year, the newest first."""

    buildings: Sequence[UnlinkedRow] = ()
    places: Sequence[UnlinkedRow] = ()
    incidents: Sequence[UnlinkedIncidentRow] = ()


NOTHING_UNLINKED = UnlinkedLists()


def list_unlinked(session: Session, caller: Caller, overviews: Sequence[Overview], limit: int) -> UnlinkedLists:
    """Return the things in no grid on the days of overviews, at most `limit` of each list.

    Only kinds whose count misses something are searched.

    Parameters
    ----------
    session : Session
    caller : Caller
    overviews : sequence of Overview
    limit : int
    """
    buildings: list[UnlinkedRow] = []
    places: list[UnlinkedRow] = []
    incidents: list[UnlinkedIncidentRow] = []
    for each in overviews:
        missing = _count_missing(each)
        if missing.get("buildings"):
            buildings += item_queries.list_unlinked_buildings(session, caller, each.day, limit)
        for layer in (table.value for table in PlaceTable if missing.get(table.value)):
            places += item_queries.list_unlinked_places(session, caller, each.day, layer, limit)
        if missing.get("incidents"):
            year = DateRange(in_force.date_before(each.day.date, INCIDENT_PERIOD), each.day.date)
            incidents += item_queries.list_unlinked_incidents(session, caller, each.day, year, limit)
    return UnlinkedLists(buildings[:limit], places[:limit], incidents[:limit])


def find_kind(place: UnlinkedRow) -> PlaceKind:
    """Return the kind of a place; one named as its text where the catalogue does not have it."""
    return load_place_kinds().find(place.kind, PlaceTable(place.layer))


def _count_missing(overview: Overview) -> Mapping[str, int]:
    return {each.kind: each.unlinked for each in overview.link_counts}
