"""What happened in an artificial town within a year: incidents, with one true hotspot and one true burst among them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.arrays import Floats, Ints
from gridmap.core.demo.life import Life
from gridmap.core.town import Town

DAYS = 365
NEAR_M = 25.0
"""Incidents are reported from within so many metres of where the people concerned live."""
HOTSPOT_M, BURST_M = 45.0, 60.0
BURST_DAYS, BURST_AGO = 14, 40


@dataclass(frozen=True, eq=False)
class Happenings:
    """A year of incidents, and what a search for patterns ought to find in it.

    Parameters
    ----------
    incidents : GeoDataFrame
        ``number``, ``category``, ``title``, ``channel``, ``urgent``, ``occurred_at`` and ``closed_at`` (datetime of the
        place, NaT while open); points in metres, in the order in which they happened.
    hotspot, burst : Point
        Where more happened than elsewhere: all year round, and within two weeks.
    burst_from, burst_until : date
        First day of the burst, and the day after its last.
    """

    incidents: gpd.GeoDataFrame
    hotspot: shapely.Point
    burst: shapely.Point
    burst_from: date
    burst_until: date


def a_year_of_incidents(rng: np.random.Generator, town: Town, life: Life, today: date) -> Happenings:
    """Draw a year of incidents, up to the day before today.

    Parameters
    ----------
    rng : Generator
        Of every draw.
    town : Town
        Things happen where people live.
    life : Life
    today : date
    """
    centres = shapely.get_coordinates(shapely.centroid(town.buildings.geometry.to_numpy()))
    weight = town.buildings["households"].to_numpy() / town.buildings["households"].sum()
    hot, burst = _apart(rng, centres, weight)
    first = today - timedelta(days=DAYS)
    spread = _spread(rng, life, (centres, weight), hot)
    days = np.concatenate([_days(rng, len(spread)), _burst_days(rng, life)])
    points = np.concatenate([spread, centres[burst] + rng.normal(0, BURST_M / 2, (life.burst, 2))])
    table = _told(rng, life, days, len(spread)).assign(occurred_at=[_moment(first, day) for day in days])
    table["closed_at"] = _closed(rng, life, table["occurred_at"], today)
    incidents = gpd.GeoDataFrame(table, geometry=shapely.points(points), crs=town.crs)
    ordered = incidents.sort_values("occurred_at", kind="stable", ignore_index=True)
    numbers = [f"{moment:%Y%m%d}{row:05d}" for row, moment in enumerate(ordered["occurred_at"], start=1)]
    began = today - timedelta(days=BURST_AGO)
    places = shapely.Point(centres[hot]), shapely.Point(centres[burst])
    return Happenings(ordered.assign(number=numbers), *places, began, began + timedelta(days=BURST_DAYS))


def _apart(rng: np.random.Generator, centres: Floats, weight: Floats) -> tuple[int, int]:
    """Two buildings where people live, the second in the farther half of the town."""
    hot = int(rng.choice(len(centres), p=weight))
    far = np.hypot(*(centres - centres[hot]).T)
    beyond = weight * (far >= np.median(far[weight > 0]))
    return hot, int(rng.choice(len(centres), p=beyond / beyond.sum()))


def _spread(rng: np.random.Generator, life: Life, homes: tuple[Floats, Floats], hot: int) -> Floats:
    """Places all over the town, more of them around one."""
    centres, weight = homes
    around = rng.random(life.incidents) < life.hotspot
    at = np.where(around, hot, rng.choice(len(centres), size=life.incidents, p=weight))
    return np.asarray(centres[at] + rng.normal(0, np.where(around, HOTSPOT_M, NEAR_M)[:, None] / 2, (len(at), 2)))


def _days(rng: np.random.Generator, count: int) -> Floats:
    """Days of the year with their time of day: most in the morning and the early evening, few at night."""
    hour = np.where(rng.random(count) < 0.6, rng.normal(10, 2, count), rng.normal(18.5, 2, count)) % 24
    return np.asarray(rng.integers(0, DAYS, count) + hour / 24)


def _burst_days(rng: np.random.Generator, life: Life) -> Floats:
    return np.asarray(DAYS - BURST_AGO + rng.uniform(0, BURST_DAYS, life.burst))


def _moment(first: date, days: float) -> datetime:
    """To the minute."""
    moment = datetime.combine(first, time()) + timedelta(days=float(days))
    return moment.replace(second=0, microsecond=0)


def _told(rng: np.random.Generator, life: Life, days: Floats, ordinary: int) -> pd.DataFrame:
    """What they are about; those of the burst are of one line of work."""
    lines, shares = list(life.lines), np.array([topic.share for topic in life.lines.values()])
    of: Ints = rng.choice(len(lines), size=len(days), p=shares / shares.sum())
    of[ordinary:] = min(1, len(lines) - 1)
    titles = [life.lines[lines[line]].titles for line in of]
    pick = rng.random(len(days))
    channel = np.array([*life.channels.values()])
    return pd.DataFrame(
        {
            "category": [lines[line] for line in of],
            "title": [words[int(at * len(words))] for words, at in zip(titles, pick, strict=True)],
            "channel": rng.choice(list(life.channels), size=len(days), p=channel / channel.sum()),
            "urgent": rng.random(len(days)) < 0.02,
        }
    )


def _closed(rng: np.random.Generator, life: Life, occurred: pd.Series, today: date) -> pd.Series:
    """When each was closed: most within days, a few of the old ones never."""
    taken = rng.lognormal(1.3, 0.9, len(occurred))
    closed = (occurred + pd.to_timedelta(taken, unit="D")).dt.floor("min")
    never = rng.random(len(occurred)) > life.closed
    over: pd.Series = closed.where((closed < pd.Timestamp(today)) & ~never)
    return over
