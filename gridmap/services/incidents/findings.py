"""Findings on top of the leader's page: what got worse, what stands out, where nobody is in charge."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from gridmap.core.errors import N_, Message
from gridmap.core.incidents.deviations import Deviation, binomial_p_values
from gridmap.core.incidents.rises import DaySpan, find_rises, slide_spans
from gridmap.services.grids.in_force import GridInForce
from gridmap.services.grids.incident_counts import DateRange
from gridmap.services.incidents.daily_figures import LONG_DAYS, DailyFigures
from gridmap.services.incidents.heatmap import MIN_HOUSEHOLDS_FOR_RATE, Heatmap
from gridmap.services.incidents.ranking import RankedGrid, Ranking

MONTH_DAYS = 30
SIGNIFICANT = 0.05
HIGH_RATE = 1.5
"""Times the average from which on the rate of a small grid is explained: on the map it looks conspicuous."""
COMMUNITY_CODE_LENGTH = 12
"""Digits of a community code; what follows names its grids (requirement R13)."""
GRID_OF_COMMUNITY = N_("{community} grid {code}")
NAMED_GRID_OF_COMMUNITY = N_("{name} of {community}")
GRID_GOT_WORSE = N_(
    "{grid} got worse: from {previous} to {current} incidents"
    " ({previous_first} to {previous_last} against {first} to {last})."
)
ALL_GOT_WORSE = N_(
    "All grids together got worse, no single one clearly: from {previous} to {current} incidents"
    " ({previous_first} to {previous_last} against {first} to {last})."
)
NONE_GOT_WORSE = N_(
    "No grid got worse: from {previous} to {current} incidents in all, within chance in every grid"
    " ({previous_first} to {previous_last} against {first} to {last})."
)
GRID_STANDS_OUT = N_(
    "{grid} stands out: {rate} incidents per 100 households, {times} times as many as all grids together ({average})."
)
NONE_STANDS_OUT = N_("No grid stands out: all are within chance of {average} incidents per 100 households.")
HIGHEST_WITHIN_CHANCE = N_(
    "No grid stands out: {grid} has the highest rate, {rate} incidents per 100 households, but only {households}"
    " households, so chance explains it (all grids together: {average})."
)
NO_RATES = N_("No grid has the {minimum} households that a rate per 100 households needs.")
NOBODY_IN_CHARGE = N_("Nobody is in charge of {count} grids, with {incidents} incidents together.")
NOBODY_IN_CHARGE_OF_ONE = N_("Nobody is in charge of {grid}, with {incidents} incidents.")
EVERY_GRID_IN_CHARGE = N_("Every grid has somebody in charge.")
NO_GRIDS = N_("No grid is in force on {date}.")

FindingKind = Literal["change", "rate", "charge"]
FindingLevel = Literal["bad", "good", "note"]


@dataclass(frozen=True)
class PageFinding:
    """A sentence with the places that it is about.

    Parameters
    ----------
    kind : {"change", "rate", "charge"}
    level : {"bad", "good", "note"}
        ``note`` where the data do not allow an answer.
    message : Message
    places : sequence of GridInForce
        The one that the sentence names comes first.
    date_range : DateRange
        Days of the sentence.
    """

    kind: FindingKind
    level: FindingLevel
    message: Message
    places: Sequence[GridInForce]
    date_range: DateRange


@dataclass(frozen=True)
class GridRise:
    """A grid that got worse, with its incidents of a range of days and of as many days before it."""

    grid: GridInForce
    date_range: DateRange
    current: int
    previous: int


def name_grid(grid: GridInForce, community_names: Mapping[int, str]) -> Message | str:
    """Return the name of a grid for a sentence, with its community where it could be a grid of another one, too.

    A grid without a name has the end of its code.
    """
    community = community_names.get(grid.community_id, "")
    if not grid.name:
        return Message(GRID_OF_COMMUNITY, {"community": community, "code": shorten_grid_name(grid, {})})
    if len(community_names) < 2 or grid.name.startswith(community):
        return grid.name
    return Message(NAMED_GRID_OF_COMMUNITY, {"community": community, "name": grid.name})


def shorten_grid_name(grid: GridInForce, community_names: Mapping[int, str]) -> str:
    """Return the shortest name of a grid within its community, for labels of a map."""
    name = grid.name or grid.code[COMMUNITY_CODE_LENGTH:].removeprefix("-") or grid.code
    return name.removeprefix(community_names.get(grid.community_id, "")).strip() or name


def make_findings(
    heatmap: Heatmap, ranking: Ranking, daily: DailyFigures | None, community_names: Mapping[int, str]
) -> Sequence[PageFinding]:
    """Return the three sentences of a heatmap."""

    def name(grid: GridInForce) -> Message | str:
        return name_grid(grid, community_names)

    if not heatmap.grids:
        day = heatmap.filters.date_range
        return [PageFinding("charge", "note", Message(NO_GRIDS, {"date": day.last.isoformat()}), (), day)]
    return [_tell_change(heatmap, daily, name), _tell_rates(heatmap, ranking, name), _tell_vacancies(heatmap, name)]


NameOfGrid = Callable[[GridInForce], Message | str]


def _tell_change(heatmap: Heatmap, daily: DailyFigures | None, name: NameOfGrid) -> PageFinding:
    rises = list_rises(heatmap, daily)
    if rises:
        worst = rises[0]
        values = {"grid": name(worst.grid), **_comparison(worst.date_range, worst.current, worst.previous)}
        places = [rise.grid for rise in rises]
        return PageFinding("change", "bad", Message(GRID_GOT_WORSE, values), places, worst.date_range)
    days = heatmap.filters.date_range
    if obstacle := heatmap.records.obstacle:
        return PageFinding("change", "note", obstacle, (), days)
    current, previous = (sum(counts) for counts in zip(*_compared_counts(heatmap), strict=True))
    p_value = binomial_p_values(np.array([current]), np.array([previous]))[0]
    is_worse = current > previous and p_value <= SIGNIFICANT
    message = Message(ALL_GOT_WORSE if is_worse else NONE_GOT_WORSE, _comparison(days, current, previous))
    return PageFinding("change", "bad" if is_worse else "good", message, (), days)


def list_rises(heatmap: Heatmap, daily: DailyFigures | None) -> Sequence[GridRise]:
    """Return the grids that got worse, the clearest first: in the range, in 30 days of it, or in the 90 days up to it.

    Incidents that were open, or closed, at the end of the range are compared with the days before it only.
    """
    grids = [each.grid for each in heatmap.grids]
    days = heatmap.filters.date_range
    if daily is None or heatmap.filters.status is not None:
        if not heatmap.records.comparable:
            return []
        counts = np.array(_compared_counts(heatmap), dtype=np.int64)[:, ::-1]
        rises = find_rises(counts, np.full(2, True), [[(1, 2)]])
        return [GridRise(grids[rise.place], days, rise.current, rise.previous) for rise in rises]
    rises = find_rises(daily.counts, daily.is_observed, _span_families(daily, days))
    return [GridRise(grids[rise.place], daily.days_of(rise.span), rise.current, rise.previous) for rise in rises]


def _span_families(daily: DailyFigures, days: DateRange) -> Sequence[Sequence[DaySpan]]:
    first, end = daily.span_of(days)
    families = [[(first, end)]]
    if days.days > MONTH_DAYS:
        families.append(list(slide_spans(first, end, MONTH_DAYS)))
    if days.days < LONG_DAYS:
        families.append([(end - LONG_DAYS, end)])
    return families


def _compared_counts(heatmap: Heatmap) -> Sequence[tuple[int, int]]:
    return [(each.value.count, each.value.previous or 0) for each in heatmap.grids]


def _comparison(days: DateRange, current: int, previous: int) -> dict[str, object]:
    before = days.previous or days
    return {
        "current": f"{current:,}",
        "previous": f"{previous:,}",
        "first": days.first.isoformat(),
        "last": days.last.isoformat(),
        "previous_first": before.first.isoformat(),
        "previous_last": before.last.isoformat(),
    }


def _tell_rates(heatmap: Heatmap, ranking: Ranking, name: NameOfGrid) -> PageFinding:
    days = heatmap.filters.date_range
    if ranking.average_rate is None:
        return PageFinding("rate", "note", Message(NO_RATES, {"minimum": MIN_HOUSEHOLDS_FOR_RATE}), (), days)
    average = f"{ranking.average_rate:.1f}"
    above = sorted((row for row in ranking.rows if _is_above(row)), key=_rate_order)
    if not above:
        return _explain_highest_rate(ranking, days, average, name)
    rate = above[0].rated.value.rate or 0.0
    values = {"rate": f"{rate:.1f}", "times": f"{rate / ranking.average_rate:.1f}", "average": average}
    message = Message(GRID_STANDS_OUT, {"grid": name(above[0].grid), **values})
    return PageFinding("rate", "bad", message, [row.grid for row in above], days)


def _explain_highest_rate(ranking: Ranking, days: DateRange, average: str, name: NameOfGrid) -> PageFinding:
    """Return the sentence of rates that are all within chance, with the highest of them if it looks conspicuous."""
    highest = max(ranking.rows, key=lambda row: row.rated.value.rate or 0.0)
    rate, households = highest.rated.value.rate or 0.0, highest.grid.households.number
    is_small = households < np.mean([row.grid.households.number for row in ranking.rows])
    if not is_small or rate < HIGH_RATE * (ranking.average_rate or 0.0):
        return PageFinding("rate", "good", Message(NONE_STANDS_OUT, {"average": average}), (), days)
    values = {"grid": name(highest.grid), "rate": f"{rate:.1f}", "households": f"{households:,}", "average": average}
    return PageFinding("rate", "good", Message(HIGHEST_WITHIN_CHANCE, values), [highest.grid], days)


def _is_above(row: RankedGrid) -> bool:
    return row.rated.rate_deviation is not None and row.rated.rate_deviation.is_above


def _rate_order(row: RankedGrid) -> tuple[bool, float]:
    """Return the order of grids that stand out: the surest ones first, then by rate."""
    return row.rated.rate_deviation is not Deviation.FAR_ABOVE, -(row.rated.value.rate or 0.0)


def _tell_vacancies(heatmap: Heatmap, name: NameOfGrid) -> PageFinding:
    days = heatmap.filters.date_range
    vacant = [each for each in heatmap.grids if not each.grid.workers]
    if not vacant:
        return PageFinding("charge", "good", Message(EVERY_GRID_IN_CHARGE), (), days)
    incidents = f"{sum(each.value.count for each in vacant):,}"
    values: dict[str, object] = {"grid": name(vacant[0].grid), "count": len(vacant), "incidents": incidents}
    template = NOBODY_IN_CHARGE_OF_ONE if len(vacant) == 1 else NOBODY_IN_CHARGE
    return PageFinding("charge", "bad", Message(template, values), [each.grid for each in vacant], days)
