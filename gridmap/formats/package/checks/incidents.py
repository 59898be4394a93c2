"""Checks of the incidents of a town package: their order in time, unusual times, and places outside the town."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

import numpy as np
import pandas as pd
import shapely

from gridmap import config
from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.errors import N_, InputFault
from gridmap.core.incidents.repeats import IncidentKeys, find_repeats
from gridmap.core.incidents.times import is_long_ago, is_to_come
from gridmap.core.land.town import Town
from gridmap.core.land.zones import MAX_OUTSIDE_M
from gridmap.core.text_comparison import fold_text
from gridmap.formats.package.layer_reader import ParsedLayer
from gridmap.formats.row_faults import FaultTemplate, format_value, make_row_faults

LONG_AGO = FaultTemplate(
    N_("{column} is before 1990"), N_("a time from 1990 on"), N_("check the date"), is_implausible=True
)
TO_COME = FaultTemplate(
    N_("{column} is still to come"),
    N_("a time up to now"),
    N_("check the date: until that day, the incident counts for nothing"),
    is_implausible=True,
)
CLOSED_BEFORE_OCCURRED = FaultTemplate(N_("it was closed before it happened"), N_("closed_at later than occurred_at"))
SAME_PLACE = FaultTemplate(
    N_("the same as row {other} ({id}): time, category and place"),
    N_("each incident once"),
    N_("delete one of the two if it is the same incident"),
    is_implausible=True,
)
SAME_TEXT = replace(SAME_PLACE, problem=N_("the same as row {other} ({id}): time, category and title"))
JUST_OUTSIDE = FaultTemplate(N_("outside by {distance} m; counted in the nearest grid"))
FAR_OUTSIDE = FaultTemplate(N_("outside by {distance} m; counted in no grid"), N_("at most 8 m outside"))


def check_incidents(parsed: ParsedLayer, town: Town) -> None:
    """Add the faults and warnings of incidents to their layer.

    Parameters
    ----------
    parsed : ParsedLayer
        Incidents in the town's metric CRS.
    town : Town
    """
    zone = ZoneInfo(config.office_time_zone())
    occurred, closed = (_office_times(parsed.frame[name], zone) for name in ("occurred_at", "closed_at"))
    too_early = [
        start is not None and end is not None and start > end for start, end in zip(occurred, closed, strict=True)
    ]
    parsed.faults += _time_faults(parsed, CLOSED_BEFORE_OCCURRED, "closed_at", too_early)
    now = datetime.now(zone).replace(tzinfo=None)
    for column, times in (("occurred_at", occurred), ("closed_at", closed)):
        long_ago = [time is not None and is_long_ago(time) for time in times]
        to_come = [time is not None and is_to_come(time, now) for time in times]
        parsed.warnings += _time_faults(parsed, LONG_AGO, column, long_ago)
        parsed.warnings += _time_faults(parsed, TO_COME, column, to_come)
    parsed.warnings += _find_repeated(parsed, occurred)
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


def _find_repeated(parsed: ParsedLayer, occurred: Sequence[datetime | None]) -> list[InputFault]:
    """Return warnings of incidents that the file has twice, each at the later row."""
    times = [time if is_valid else None for time, is_valid in zip(occurred, parsed.is_valid, strict=True)]
    minutes = [None if time is None else time.replace(second=0, microsecond=0, tzinfo=None) for time in times]
    shapes = parsed.shapes.copy()
    shapes[~parsed.is_valid] = shapely.Point(0, 0)
    repeats = find_repeats(
        IncidentKeys(
            pd.factorize(np.array(minutes, dtype=object))[0],
            _number_texts(parsed.frame["category"]),
            _number_texts(parsed.frame["title"]),
            np.array([minute is not None and (minute.hour, minute.minute) != (0, 0) for minute in minutes]),
            shapely.get_coordinates(shapes),
        )
    )
    by_text = np.where(repeats.by_place >= 0, -1, repeats.by_text)
    return [
        *_repeat_faults(parsed, SAME_PLACE, repeats.by_place),
        *_repeat_faults(parsed, SAME_TEXT, by_text),
    ]


def _number_texts(texts: pd.Series) -> IntArray:
    """Return a number for each text, -1 where it is missing."""
    folded = [fold_text(text) if isinstance(text, str) and text else None for text in texts]
    return np.asarray(pd.factorize(np.array(folded, dtype=object))[0], dtype=np.int64)


def _repeat_faults(parsed: ParsedLayer, template: FaultTemplate, earlier: IntArray) -> list[InputFault]:
    ids = parsed.location.row_ids

    def placeholders(row: int) -> dict[str, object]:
        other = int(earlier[row])
        return {"other": parsed.location.row_number(other), "id": (format_value(ids[other]) if len(ids) else "") or "–"}

    return make_row_faults(parsed.location, template, earlier >= 0, column="geometry", placeholders=placeholders)


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
