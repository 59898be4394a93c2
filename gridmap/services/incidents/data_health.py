"""Health of the data behind the figures: days without records, places, and who has reported nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy.orm import Session

from gridmap.core.vocabulary import Role
from gridmap.services.grids.incident_counts import DateRange
from gridmap.services.incidents.daily_figures import DailyFigures
from gridmap.services.incidents.heatmap import Heatmap
from gridmap.store.queries.incidents import daily_counts
from gridmap.store.queries.incidents.daily_counts import ReportingAccounts


@dataclass(frozen=True)
class DataHealth:
    """Health of the data of a range of days.

    Parameters
    ----------
    days : int
    days_without_records : int or None
        Days without an incident of any category that the caller sees; None for more than a year.
    missing : sequence of DateRange
        Runs of them that are too long for chance.
    placed_share : float or None
        Share of the incidents that lie in a grid; None without incidents.
    silent_communities : int
        Communities with grids and without an incident.
    communities : int
        Communities with grids.
    reporting : mapping of Role to ReportingAccounts
        Workers and stations that have entered nothing; empty for callers who have a part of the subdistrict.
    """

    days: int
    days_without_records: int | None
    missing: Sequence[DateRange]
    placed_share: float | None
    silent_communities: int
    communities: int
    reporting: Mapping[Role, ReportingAccounts]


def assess_data(session: Session, subdistrict_id: int, heatmap: Heatmap, daily: DailyFigures | None) -> DataHealth:
    """Return the health of the data of a heatmap.

    Parameters
    ----------
    session : Session
    subdistrict_id : int
    heatmap : Heatmap
    daily : DailyFigures or None
    """
    days = heatmap.filters.date_range
    communities = {each.grid.community_id for each in heatmap.grids}
    reporting = daily_counts.count_reporting_accounts(session, subdistrict_id, days)
    return DataHealth(
        days=days.days,
        days_without_records=daily.count_days_without_records(days) if daily else None,
        missing=[gap for each in heatmap.records.missing if (gap := each.intersection(days))],
        placed_share=1 - heatmap.unlinked / heatmap.total if heatmap.total else None,
        silent_communities=len(communities - {each.grid.community_id for each in heatmap.grids if each.value.count}),
        communities=len(communities),
        reporting={Role(each.role): each for each in reporting},
    )
