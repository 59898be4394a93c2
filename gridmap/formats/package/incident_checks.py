"""Checks of the incidents of a town package: their order in time, unusual times, and places outside the town."""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely

from gridmap import config
from gridmap.core.array_types import FloatArray
from gridmap.core.errors import N_, InputFault
from gridmap.core.incidents.times import is_long_ago, is_to_come
from gridmap.core.land.town import Town
from gridmap.core.land.zones import MAX_OUTSIDE_M
from gridmap.formats.package.layer_reader import ParsedLayer
from gridmap.formats.row_faults import FaultTemplate, make_row_faults

ACCEPT_DATES = N_("correct it; if all such times are correct, load the file with --accept-dates")
LONG_AGO = FaultTemplate(N_("{column} is before 1990"), N_("a time from 1990 on"), ACCEPT_DATES)
TO_COME = FaultTemplate(N_("{column} is still to come"), N_("a time up to now"), ACCEPT_DATES)
CLOSED_BEFORE_OCCURRED = FaultTemplate(N_("it was closed before it happened"), N_("closed_at later than occurred_at"))
JUST_OUTSIDE = FaultTemplate(N_("outside by {distance} m; counted in the nearest grid"))
FAR_OUTSIDE = FaultTemplate(N_("outside by {distance} m; counted in no grid"), N_("at most 8 m outside"))


def check_incidents(parsed: ParsedLayer, town: Town, *, accept_dates: bool) -> None:
    """Add the faults and warnings of incidents to their layer.

    Parameters
    ----------
    parsed : ParsedLayer
        Incidents in the town's metric CRS.
    town : Town
    accept_dates : bool
        True where times before 1990 and to come are correct: they become warnings.
    """
    zone = ZoneInfo(config.office_time_zone())
    occurred, closed = (_office_times(parsed.frame[name], zone) for name in ("occurred_at", "closed_at"))
    too_early = [
        start is not None and end is not None and start > end for start, end in zip(occurred, closed, strict=True)
    ]
    parsed.faults += _time_faults(parsed, CLOSED_BEFORE_OCCURRED, "closed_at", too_early)
    now = datetime.now(zone).replace(tzinfo=None)
    for column, times in (("occurred_at", occurred), ("closed_at", closed)):
        unusual = _time_faults(parsed, LONG_AGO, column, [time is not None and is_long_ago(time) for time in times])
        unusual += _time_faults(parsed, TO_COME, column, [time is not None and is_to_come(time, now) for time in times])
        (parsed.warnings if accept_dates else parsed.faults).extend(unusual)
    _report_places_outside(parsed, town)


def _office_times(times: pd.Series, zone: ZoneInfo) -> list[datetime | None]:
    """Return times in the time zone of the office, which is also that of times without one."""
    return [
        None if pd.isna(time) else time.astimezone(zone).replace(tzinfo=None) if time.tzinfo else time for time in times
    ]


def _time_faults(parsed: ParsedLayer, template: FaultTemplate, column: str, mask: Sequence[bool]) -> list[InputFault]:
    return make_row_faults(
        parsed.location,
        template,
        np.array(mask, dtype=bool),
        column=column,
        values=list(parsed.frame[column]),
        placeholders={"column": column},
    )


def _report_places_outside(parsed: ParsedLayer, town: Town) -> None:
    """Warn of incidents outside every community: up to 8 m outside they count in the nearest grid, others in none."""
    distance = _distances(parsed, town)
    just_outside = (distance > 0) & (distance <= MAX_OUTSIDE_M)
    for template, mask in ((JUST_OUTSIDE, just_outside), (FAR_OUTSIDE, distance > MAX_OUTSIDE_M)):
        parsed.warnings += make_row_faults(
            parsed.location,
            template,
            mask,
            column="geometry",
            placeholders=lambda row: {"distance": f"{distance[row]:.1f}"},
        )


def _distances(parsed: ParsedLayer, town: Town) -> FloatArray:
    """Return the distance of each valid point to the nearest community, in metres; 0 inside."""
    points = parsed.shapes.copy()
    points[~parsed.is_valid] = None
    tree = shapely.STRtree(town.communities.geometry.to_numpy())
    (rows, _), distances = tree.query_nearest(points, return_distance=True, all_matches=False)
    distance = np.zeros(len(points))
    distance[rows] = distances
    return distance
