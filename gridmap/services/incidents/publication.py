"""Published counts of personal and sensitive incidents: tables of closed months and quarters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.privacy.disclosure import SUPPRESSED, DisclosedCount, exact_count
from gridmap.core.vocabulary import AccessClass
from gridmap.services.grids import in_force
from gridmap.store.queries.incidents import published_counts
from gridmap.store.queries.incidents.published_counts import PublishedCountRow

__all__ = ["Period", "Place", "PublishedCountRow", "PublishedTable", "list_counts", "load_tables"]

SHOWN_SPAN = timedelta(days=400)
"""A year and a month: every month of it, and the quarters that begin in it."""

Period = tuple[date, date]
"""First and last day."""
Place = tuple[int | None, str | None]
"""Community and code of the grid; no grid for the sum of its other places, no community for places in none."""


@dataclass(frozen=True)
class PublishedTable:
    """Published counts of a class, by place and period.

    Parameters
    ----------
    access_class : AccessClass
    periods : sequence of Period
        The newest first.
    counts : mapping of Place to mapping of Period to DisclosedCount
        A place that is in the sum of its community in a period has no count in it.
    """

    access_class: AccessClass
    periods: Sequence[Period]
    counts: Mapping[Place, Mapping[Period, DisclosedCount]]


def list_counts(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[PublishedCountRow]:
    """Return all published counts that the caller may see, after the publication of periods that have closed."""
    published_counts.publish_closed_counts(session, subdistrict_id)
    return published_counts.list_counts(session, caller, subdistrict_id, date.min)


def load_tables(session: Session, caller: Caller, subdistrict_id: int) -> Sequence[PublishedTable]:
    """Return the published counts of about a year, after the publication of periods that have closed.

    Returns
    -------
    sequence of PublishedTable
        One for each class that has counts.
    """
    since = in_force.date_before(in_force.get_today(session), SHOWN_SPAN)
    published_counts.publish_closed_counts(session, subdistrict_id)
    rows = published_counts.list_counts(session, caller, subdistrict_id, since)
    classes = dict.fromkeys(row.access_class for row in rows)
    return [_make_table(each, [row for row in rows if row.access_class is each]) for each in classes]


def _make_table(access_class: AccessClass, rows: Sequence[PublishedCountRow]) -> PublishedTable:
    counts: dict[Place, dict[Period, DisclosedCount]] = {}
    for row in rows:
        count = SUPPRESSED if row.incidents is None else exact_count(row.incidents)
        counts.setdefault((row.community_id, row.grid_code), {})[row.first_day, row.last_day] = count
    periods = list(dict.fromkeys((row.first_day, row.last_day) for row in rows))
    return PublishedTable(access_class, periods, {place: counts[place] for place in sorted(counts, key=_place_key)})


def _place_key(place: Place) -> tuple[bool, int, bool, str]:
    """Return the order of places: by community, its grids before the sum of the others, no community last."""
    community_id, grid_code = place
    return community_id is None, community_id or 0, grid_code is None, grid_code or ""
