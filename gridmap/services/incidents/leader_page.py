"""The leader's page: the heatmap with its findings, the ranking of grids and the health of the data."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.services.grids import overview
from gridmap.services.grids.incident_counts import IncidentFilter
from gridmap.services.incidents.daily_figures import DailyFigures, load_daily_figures
from gridmap.services.incidents.data_health import DataHealth, assess_data
from gridmap.services.incidents.findings import PageFinding, make_findings
from gridmap.services.incidents.heatmap import Heatmap, load_grid_heat
from gridmap.services.incidents.ranking import Ranking, rank_grids


@dataclass(frozen=True)
class LeaderPage:
    """Everything on the leader's page.

    Parameters
    ----------
    heatmap : Heatmap
    ranking : Ranking
    findings : sequence of PageFinding
    health : DataHealth
    community_names : mapping of int to str
    """

    heatmap: Heatmap
    ranking: Ranking
    findings: Sequence[PageFinding]
    health: DataHealth
    community_names: Mapping[int, str]


def load_leader_page(session: Session, caller: Caller, subdistrict_id: int, filters: IncidentFilter) -> LeaderPage:
    """Return the leader's page of a subdistrict.

    Parameters
    ----------
    session : Session
    caller : Caller
    subdistrict_id : int
    filters : IncidentFilter

    Returns
    -------
    LeaderPage
    """
    heatmap = load_grid_heat(session, caller, subdistrict_id, filters)
    daily = _load_daily(session, caller, subdistrict_id, heatmap)
    if daily is not None:
        heatmap = _compare_observed_days(heatmap, daily)
    ranking = rank_grids(heatmap)
    communities = overview.list_communities(session, caller, subdistrict_id)
    community_names = {each.id: each.name for each in communities}
    return LeaderPage(
        heatmap=heatmap,
        ranking=ranking,
        findings=make_findings(heatmap, ranking, daily, community_names),
        health=assess_data(session, subdistrict_id, heatmap, daily),
        community_names=community_names,
    )


def _load_daily(session: Session, caller: Caller, subdistrict_id: int, heatmap: Heatmap) -> DailyFigures | None:
    if heatmap.records.recorded is None:
        return None
    grid_ids = [each.grid.id for each in heatmap.grids]
    return load_daily_figures(session, caller, subdistrict_id, heatmap.filters, grid_ids, heatmap.records.recorded)


def _compare_observed_days(heatmap: Heatmap, daily: DailyFigures) -> Heatmap:
    """Return the heatmap with the gaps in its records, and without a comparison where they are too long."""
    records = replace(heatmap.records, missing=daily.missing)
    if records.comparable or not heatmap.records.comparable:
        return replace(heatmap, records=records)
    grids = [replace(each, value=replace(each.value, previous=None)) for each in heatmap.grids]
    return replace(heatmap, records=records, grids=grids)
