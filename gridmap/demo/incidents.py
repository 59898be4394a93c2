"""What happened in an artificial town within a year: incidents, with one true hotspot and one true burst among them."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.land.town import Town
from gridmap.demo.population import PopulationPreset

DAYS_PER_YEAR = 365
SCATTER_M = 25.0
"""Incidents are reported from within so many metres of where the people concerned live."""
HOTSPOT_RADIUS_M, BURST_RADIUS_M = 45.0, 60.0
BURST_DAYS, BURST_DAYS_AGO = 14, 40


@dataclass(frozen=True, eq=False)
class DemoIncidents:
    """A year of incidents, and what a search for patterns ought to find in it.

    Parameters
    ----------
    incidents : GeoDataFrame
        ``number``, ``category``, ``title``, ``channel``, ``urgent``, ``occurred_at`` and ``closed_at`` (datetime of the
        place, NaT while open); points in metres, in the order in which they happened.
    hotspot, burst : Point
        Where more happened than elsewhere: all year round, and within two weeks.
    burst_start, burst_end : date
        First day of the burst, and the day after its last.
    """

    incidents: gpd.GeoDataFrame
    hotspot: shapely.Point
    burst: shapely.Point
    burst_start: date
    burst_end: date


def generate_incidents(
    rng: np.random.Generator, town: Town, population: PopulationPreset, today: date
) -> DemoIncidents:
    """Draw a year of incidents, up to the day before today.

    Parameters
    ----------
    rng : Generator
        Of every draw.
    town : Town
        Things happen where people live.
    population : PopulationPreset
    today : date
    """
    centres = shapely.get_coordinates(shapely.centroid(town.buildings.geometry.to_numpy()))
    weight = town.buildings["households"].to_numpy() / town.buildings["households"].sum()
    hot, burst = _pick_distant_buildings(rng, centres, weight)
    first = today - timedelta(days=DAYS_PER_YEAR)
    spread = _scatter_points(rng, population, (centres, weight), hot)
    days = np.concatenate([_draw_days(rng, len(spread)), _draw_burst_days(rng, population)])
    points = np.concatenate([spread, centres[burst] + rng.normal(0, BURST_RADIUS_M / 2, (population.burst, 2))])
    table = _incident_texts(rng, population, days, len(spread)).assign(
        occurred_at=[_to_datetime(first, day) for day in days]
    )
    table["closed_at"] = _closing_times(rng, population, table["occurred_at"], today)
    incidents = gpd.GeoDataFrame(table, geometry=shapely.points(points), crs=town.crs)
    ordered = incidents.sort_values("occurred_at", kind="stable", ignore_index=True)
    numbers = [f"{moment:%Y%m%d}{row:05d}" for row, moment in enumerate(ordered["occurred_at"], start=1)]
    began = today - timedelta(days=BURST_DAYS_AGO)
    places = shapely.Point(centres[hot]), shapely.Point(centres[burst])
    return DemoIncidents(ordered.assign(number=numbers), *places, began, began + timedelta(days=BURST_DAYS))


def _pick_distant_buildings(rng: np.random.Generator, centres: FloatArray, weights: FloatArray) -> tuple[int, int]:
    """Two buildings where people live, the second in the farther half of the town."""
    hot = int(rng.choice(len(centres), p=weights))
    far = np.hypot(*(centres - centres[hot]).T)
    beyond = weights * (far >= np.median(far[weights > 0]))
    return hot, int(rng.choice(len(centres), p=beyond / beyond.sum()))


def _scatter_points(
    rng: np.random.Generator,
    population: PopulationPreset,
    weighted_centres: tuple[FloatArray, FloatArray],
    hotspot: int,
) -> FloatArray:
    """Places all over the town, more of them around one."""
    centres, weight = weighted_centres
    around = rng.random(population.incidents) < population.hotspot
    at = np.where(around, hotspot, rng.choice(len(centres), size=population.incidents, p=weight))
    return np.asarray(
        centres[at] + rng.normal(0, np.where(around, HOTSPOT_RADIUS_M, SCATTER_M)[:, None] / 2, (len(at), 2))
    )


def _draw_days(rng: np.random.Generator, count: int) -> FloatArray:
    """Days of the year with their time of day: most in the morning and the early evening, few at night."""
    hour = np.where(rng.random(count) < 0.6, rng.normal(10, 2, count), rng.normal(18.5, 2, count)) % 24
    return np.asarray(rng.integers(0, DAYS_PER_YEAR, count) + hour / 24)


def _draw_burst_days(rng: np.random.Generator, population: PopulationPreset) -> FloatArray:
    return np.asarray(DAYS_PER_YEAR - BURST_DAYS_AGO + rng.uniform(0, BURST_DAYS, population.burst))


def _to_datetime(first_day: date, day_offset: float) -> datetime:
    """To the minute."""
    moment = datetime.combine(first_day, time()) + timedelta(days=float(day_offset))
    return moment.replace(second=0, microsecond=0)


def _incident_texts(
    rng: np.random.Generator, population: PopulationPreset, days: FloatArray, ordinary_count: int
) -> pd.DataFrame:
    """What they are about; those of the burst are of one line of work."""
    lines, shares = list(population.lines), np.array([topic.share for topic in population.lines.values()])
    of: IntArray = rng.choice(len(lines), size=len(days), p=shares / shares.sum())
    of[ordinary_count:] = min(1, len(lines) - 1)
    titles = [population.lines[lines[line]].titles for line in of]
    pick = rng.random(len(days))
    channel = np.array([*population.channels.values()])
    return pd.DataFrame(
        {
            "category": [lines[line] for line in of],
            "title": [words[int(at * len(words))] for words, at in zip(titles, pick, strict=True)],
            "channel": rng.choice(list(population.channels), size=len(days), p=channel / channel.sum()),
            "urgent": rng.random(len(days)) < 0.02,
        }
    )


def _closing_times(
    rng: np.random.Generator, population: PopulationPreset, occurred: pd.Series, today: date
) -> pd.Series:
    """When each was closed: most within days, a few of the old ones never."""
    taken = rng.lognormal(1.3, 0.9, len(occurred))
    closed = (occurred + pd.to_timedelta(taken, unit="D")).dt.floor("min")
    never = rng.random(len(occurred)) > population.closed
    over: pd.Series = closed.where((closed < pd.Timestamp(today)) & ~never)
    return over
