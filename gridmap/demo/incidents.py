"""Incidents of an artificial town within a year, with one real hotspot and one real burst."""

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
"""Maximum distance of most incidents from the building of the people concerned."""
HOTSPOT_RADIUS_M, BURST_RADIUS_M = 45.0, 60.0
BURST_DAYS, BURST_DAYS_AGO = 14, 40


@dataclass(frozen=True, eq=False)
class DemoIncidents:
    """Incidents of a year, and the patterns that an analysis should find in them.

    Parameters
    ----------
    incidents : GeoDataFrame
        ``number``, ``category``, ``title``, ``channel``, ``urgent``, ``occurred_at`` and ``closed_at`` (local datetime,
        NaT while open); points in metres, ordered by time.
    hotspot, burst : Point
        Places with more incidents than elsewhere: throughout the year, and within two weeks.
    burst_start, burst_end : date
        First day of the burst, and the day after its last day.
    """

    incidents: gpd.GeoDataFrame
    hotspot: shapely.Point
    burst: shapely.Point
    burst_start: date
    burst_end: date


def generate_incidents(
    rng: np.random.Generator, town: Town, population: PopulationPreset, today: date
) -> DemoIncidents:
    """Generate incidents of a year, up to the day before today.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    town : Town
        Incidents occur near its households.
    population : PopulationPreset
    today : date
    """
    centres = shapely.get_coordinates(shapely.centroid(town.buildings.geometry.to_numpy()))
    weights = town.buildings["households"].to_numpy() / town.buildings["households"].sum()
    hotspot, burst = _pick_distant_buildings(rng, centres, weights)
    first_day = today - timedelta(days=DAYS_PER_YEAR)
    scattered = _scatter_points(rng, population, (centres, weights), hotspot)
    days = np.concatenate([_draw_days(rng, len(scattered)), _draw_burst_days(rng, population)])
    burst_offsets = rng.normal(0, BURST_RADIUS_M / 2, (population.burst_incidents, 2))
    points = np.concatenate([scattered, centres[burst] + burst_offsets])
    table = _incident_details(rng, population, days, len(scattered)).assign(
        occurred_at=[_to_datetime(first_day, day) for day in days]
    )
    table["closed_at"] = _closing_times(rng, population, table["occurred_at"], today)
    incidents = gpd.GeoDataFrame(table, geometry=shapely.points(points), crs=town.crs)
    ordered = incidents.sort_values("occurred_at", kind="stable", ignore_index=True)
    numbers = [f"{moment:%Y%m%d}{row:05d}" for row, moment in enumerate(ordered["occurred_at"], start=1)]
    burst_start = today - timedelta(days=BURST_DAYS_AGO)
    places = shapely.Point(centres[hotspot]), shapely.Point(centres[burst])
    return DemoIncidents(ordered.assign(number=numbers), *places, burst_start, burst_start + timedelta(days=BURST_DAYS))


def _pick_distant_buildings(rng: np.random.Generator, centres: FloatArray, weights: FloatArray) -> tuple[int, int]:
    """Pick two inhabited buildings, the second one in the farther half of the town."""
    first = int(rng.choice(len(centres), p=weights))
    distance = np.hypot(*(centres - centres[first]).T)
    far_weights = weights * (distance >= np.median(distance[weights > 0]))
    return first, int(rng.choice(len(centres), p=far_weights / far_weights.sum()))


def _scatter_points(
    rng: np.random.Generator,
    population: PopulationPreset,
    weighted_centres: tuple[FloatArray, FloatArray],
    hotspot: int,
) -> FloatArray:
    """Scatter points over the town, with more of them around the hotspot."""
    centres, weights = weighted_centres
    is_hot = rng.random(population.incidents) < population.hotspot_share
    building = np.where(is_hot, hotspot, rng.choice(len(centres), size=population.incidents, p=weights))
    radius_m = np.where(is_hot, HOTSPOT_RADIUS_M, SCATTER_M)[:, None]
    return np.asarray(centres[building] + rng.normal(0, radius_m / 2, (len(building), 2)))


def _draw_days(rng: np.random.Generator, count: int) -> FloatArray:
    """Draw days of the year with a time of day: most in the morning and the early evening, few at night."""
    hour = np.where(rng.random(count) < 0.6, rng.normal(10, 2, count), rng.normal(18.5, 2, count)) % 24
    return np.asarray(rng.integers(0, DAYS_PER_YEAR, count) + hour / 24)


def _draw_burst_days(rng: np.random.Generator, population: PopulationPreset) -> FloatArray:
    return np.asarray(DAYS_PER_YEAR - BURST_DAYS_AGO + rng.uniform(0, BURST_DAYS, population.burst_incidents))


def _to_datetime(first_day: date, day_offset: float) -> datetime:
    """Return a datetime, rounded down to the minute."""
    moment = datetime.combine(first_day, time()) + timedelta(days=float(day_offset))
    return moment.replace(second=0, microsecond=0)


def _incident_details(
    rng: np.random.Generator, population: PopulationPreset, days: FloatArray, ordinary_count: int
) -> pd.DataFrame:
    """Draw category, title, channel and urgency; the incidents of the burst have one category."""
    categories, shares = list(population.topics), np.array([topic.share for topic in population.topics.values()])
    category: IntArray = rng.choice(len(categories), size=len(days), p=shares / shares.sum())
    category[ordinary_count:] = min(1, len(categories) - 1)
    titles = [population.topics[categories[position]].titles for position in category]
    draws = rng.random(len(days))
    channel_shares = np.array([*population.channels.values()])
    channels = rng.choice(list(population.channels), size=len(days), p=channel_shares / channel_shares.sum())
    return pd.DataFrame(
        {
            "category": [categories[position] for position in category],
            "title": [choices[int(draw * len(choices))] for choices, draw in zip(titles, draws, strict=True)],
            "channel": channels,
            "urgent": rng.random(len(days)) < 0.02,
        }
    )


def _closing_times(
    rng: np.random.Generator, population: PopulationPreset, occurred: pd.Series, today: date
) -> pd.Series:
    """Draw the time at which each incident was closed: most within days, a few never."""
    duration_days = rng.lognormal(1.3, 0.9, len(occurred))
    closed = (occurred + pd.to_timedelta(duration_days, unit="D")).dt.floor("min")
    never = rng.random(len(occurred)) > population.closed_share
    closed_before_today: pd.Series = closed.where((closed < pd.Timestamp(today)) & ~never)
    return closed_before_today
