"""Behind the doors of an artificial town: stairs, dwellings, households and the people in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from gridmap.core.array_types import IntArray
from gridmap.core.land.town import Town
from gridmap.core.privacy.id_numbers import check_digit
from gridmap.demo.population import PopulationPreset

DWELLINGS_PER_LANDING = 2
"""Dwellings of a stair on each level; a tower has twice as many."""
MAX_SLAB_LEVELS = 10
DEFAULT_LEVELS = 6
ADULT_AGE, ELDERLY_AGE, MAX_AGE = 20, 60, 95


@dataclass(frozen=True, eq=False)
class DemoResidents:
    """Homes as tables whose columns count rows of each other from 0.

    Parameters
    ----------
    units : DataFrame
        ``building``, ``name``.
    dwellings : DataFrame
        ``building``, ``unit``, ``number``, ``floor``.
    households : DataFrame
        ``building``, ``dwelling``: as many in each building as the town counts there.
    residents : DataFrame
        ``household``, ``name``, ``birth_year``, ``id_number``, ``phone`` (str or None).
    """

    units: pd.DataFrame
    dwellings: pd.DataFrame
    households: pd.DataFrame
    residents: pd.DataFrame


def generate_residents(
    rng: np.random.Generator, town: Town, population: PopulationPreset, today: date
) -> DemoResidents:
    """Give every household of a town a door of its own, and people.

    Parameters
    ----------
    rng : Generator
        Of every draw.
    town : Town
        Its buildings with their households.
    population : PopulationPreset
    today : date
        Nobody is born later.
    """
    buildings = town.buildings
    rows = [
        row
        for building, (households, levels) in enumerate(zip(buildings["households"], buildings["levels"], strict=True))
        for row in _dwelling_rows(building, int(households), levels, population)
    ]
    doors = pd.DataFrame(rows, columns=["building", "stair", "number", "floor", "home"])
    stairs = doors.drop_duplicates(["building", "stair"])[["building", "stair"]].reset_index(drop=True)
    unit = doors.merge(stairs.reset_index(names="unit"), on=["building", "stair"])["unit"]
    units = pd.DataFrame(
        {"building": stairs["building"], "name": [population.unit.format(number=n) for n in stairs["stair"]]}
    )
    dwellings = doors.assign(unit=unit)[["building", "unit", "number", "floor"]]
    at = np.flatnonzero(doors["home"])
    households = pd.DataFrame({"building": doors["building"].to_numpy()[at], "dwelling": at})
    return DemoResidents(units, dwellings, households, _resident_table(rng, population, len(households), today))


def _dwelling_rows(
    building: int, households: int, levels: float, population: PopulationPreset
) -> Iterator[tuple[int, int, str, int, bool]]:
    """Doors of a building, stair by stair and level by level; the last ones are vacant."""
    height = int(levels) if levels > 0 else DEFAULT_LEVELS
    wide = DWELLINGS_PER_LANDING * (2 if height > MAX_SLAB_LEVELS else 1)
    for door in range(households + round(households * population.vacant)):
        level, place = divmod(door % (height * wide), wide)
        yield building, door // (height * wide) + 1, f"{level + 1}{place + 1:02d}", level + 1, door < households


def _resident_table(
    rng: np.random.Generator, population: PopulationPreset, household_count: int, today: date
) -> pd.DataFrame:
    sizes = _household_sizes(rng, population, household_count)
    household = np.repeat(np.arange(household_count), sizes)
    first = np.append(True, household[1:] != household[:-1])
    born = _birth_dates(rng, population, first, today)
    surname = rng.integers(len(population.surnames), size=household_count)[household]
    named = zip(surname, range(1, len(household) + 1), strict=True)
    phones = [population.phone.format(number=number * 7919 % 10**8) for number in range(1, len(household) + 1)]
    grown_up = np.array([day.year <= today.year - ADULT_AGE for day in born])
    return pd.DataFrame(
        {
            "household": household,
            "name": [
                population.resident.format(surname=population.surnames[of], number=number) for of, number in named
            ],
            "birth_year": [day.year for day in born],
            "id_number": _id_numbers(rng, population, born),
            "phone": pd.Series(phones, dtype=object).where(grown_up, None),
        }
    )


def _household_sizes(rng: np.random.Generator, population: PopulationPreset, household_count: int) -> IntArray:
    """Persons of each household, together as many as the town has, if every household may have one at least."""
    sizes = 1 + rng.choice(
        len(population.sizes), size=household_count, p=np.array(population.sizes) / sum(population.sizes)
    )
    wanted = round(population.residents * household_count / max(household_count, 1))
    order = rng.permutation(household_count)
    while household_count and (missing := wanted - int(sizes.sum())):
        fit = order[(sizes[order] < len(population.sizes)) if missing > 0 else (sizes[order] > 1)][: abs(missing)]
        if not len(fit):
            break
        sizes[fit] += np.sign(missing)
    return sizes.astype(np.int64)


def _birth_dates(
    rng: np.random.Generator, population: PopulationPreset, is_first: np.ndarray, today: date
) -> list[date]:
    """The first of a household is grown up; the share of the old is the town's."""
    old = rng.random(len(is_first)) < population.elderly
    youngest = np.where(is_first, ADULT_AGE + 1, 0)
    age = np.where(old, rng.triangular(ELDERLY_AGE + 1, 66, MAX_AGE, len(is_first)), rng.uniform(youngest, ELDERLY_AGE))
    return [today - timedelta(days=float(years) * 365.25) for years in age]


def _id_numbers(rng: np.random.Generator, population: PopulationPreset, birth_dates: list[date]) -> list[str]:
    """Numbers that no other person of the town has."""
    days = pd.Series([day.strftime("%Y%m%d") for day in birth_dates], dtype=object)
    order = days.groupby(days).cumcount() + int(rng.integers(1, 200))
    stems = [f"{population.county}{day}{number:03d}" for day, number in zip(days, order, strict=True)]
    return [stem + check_digit(stem) for stem in stems]
