"""Units, dwellings, households and residents of an artificial town."""

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
"""Dwellings per level of a unit; a tower has twice as many."""
MAX_SLAB_LEVELS = 10
DEFAULT_LEVELS = 6
ADULT_AGE, ELDERLY_AGE, MAX_AGE = 20, 60, 95


@dataclass(frozen=True, eq=False)
class DemoResidents:
    """Tables that refer to the rows of each other by position.

    Parameters
    ----------
    units : DataFrame
        ``building``, ``name``.
    dwellings : DataFrame
        ``building``, ``unit``, ``number``, ``floor``.
    households : DataFrame
        ``building``, ``dwelling``; each building has as many as in the town.
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
    """Generate a dwelling and residents for every household of a town.

    Parameters
    ----------
    rng : Generator
        Source of every draw.
    town : Town
        Town with the households of its buildings.
    population : PopulationPreset
    today : date
        Latest possible date of birth.
    """
    buildings = town.buildings
    rows = [
        row
        for building, (households, levels) in enumerate(zip(buildings["households"], buildings["levels"], strict=True))
        for row in _dwelling_rows(building, int(households), levels, population)
    ]
    table = pd.DataFrame(rows, columns=["building", "unit_number", "number", "floor", "is_occupied"])
    keys = table.drop_duplicates(["building", "unit_number"])[["building", "unit_number"]].reset_index(drop=True)
    unit = table.merge(keys.reset_index(names="unit"), on=["building", "unit_number"])["unit"]
    names = [population.unit.format(number=number) for number in keys["unit_number"]]
    units = pd.DataFrame({"building": keys["building"], "name": names})
    dwellings = table.assign(unit=unit)[["building", "unit", "number", "floor"]]
    occupied = np.flatnonzero(table["is_occupied"])
    households = pd.DataFrame({"building": table["building"].to_numpy()[occupied], "dwelling": occupied})
    return DemoResidents(units, dwellings, households, _resident_table(rng, population, len(households), today))


def _dwelling_rows(
    building: int, households: int, levels: float, population: PopulationPreset
) -> Iterator[tuple[int, int, str, int, bool]]:
    """Yield the dwellings of a building by unit and level; the last ones are vacant."""
    level_count = int(levels) if levels > 0 else DEFAULT_LEVELS
    per_level = DWELLINGS_PER_LANDING * (2 if level_count > MAX_SLAB_LEVELS else 1)
    for dwelling in range(households + round(households * population.vacancy_rate)):
        unit, remainder = divmod(dwelling, level_count * per_level)
        level, position = divmod(remainder, per_level)
        yield building, unit + 1, f"{level + 1}{position + 1:02d}", level + 1, dwelling < households


def _resident_table(
    rng: np.random.Generator, population: PopulationPreset, household_count: int, today: date
) -> pd.DataFrame:
    sizes = _household_sizes(rng, population, household_count)
    household = np.repeat(np.arange(household_count), sizes)
    is_first = np.append(True, household[1:] != household[:-1])
    birth_dates = _birth_dates(rng, population, is_first, today)
    surname = rng.integers(len(population.surnames), size=household_count)[household]
    numbered = zip(surname, range(1, len(household) + 1), strict=True)
    phones = [population.phone.format(number=number * 7919 % 10**8) for number in range(1, len(household) + 1)]
    is_adult = np.array([day.year <= today.year - ADULT_AGE for day in birth_dates])
    return pd.DataFrame(
        {
            "household": household,
            "name": [
                population.resident.format(surname=population.surnames[position], number=number)
                for position, number in numbered
            ],
            "birth_year": [day.year for day in birth_dates],
            "id_number": _id_numbers(rng, population, birth_dates),
            "phone": pd.Series(phones, dtype=object).where(is_adult, None),
        }
    )


def _household_sizes(rng: np.random.Generator, population: PopulationPreset, household_count: int) -> IntArray:
    """Draw the size of each household; the sum is the number of residents, if sizes from one on allow it."""
    max_size = len(population.household_size_shares)
    shares = np.array(population.household_size_shares) / sum(population.household_size_shares)
    sizes = 1 + rng.choice(max_size, size=household_count, p=shares)
    target = round(population.residents * household_count / max(household_count, 1))
    order = rng.permutation(household_count)
    while household_count and (missing := target - int(sizes.sum())):
        can_change = sizes[order] < max_size if missing > 0 else sizes[order] > 1
        changed = order[can_change][: abs(missing)]
        if not len(changed):
            break
        sizes[changed] += np.sign(missing)
    return sizes.astype(np.int64)


def _birth_dates(
    rng: np.random.Generator, population: PopulationPreset, is_first: np.ndarray, today: date
) -> list[date]:
    """Draw dates of birth; the first person of a household is an adult."""
    is_elderly = rng.random(len(is_first)) < population.elderly_share
    youngest = np.where(is_first, ADULT_AGE + 1, 0)
    age = np.where(
        is_elderly, rng.triangular(ELDERLY_AGE + 1, 66, MAX_AGE, len(is_first)), rng.uniform(youngest, ELDERLY_AGE)
    )
    return [today - timedelta(days=float(years) * 365.25) for years in age]


def _id_numbers(rng: np.random.Generator, population: PopulationPreset, birth_dates: list[date]) -> list[str]:
    """Return a unique identity number for each date of birth."""
    days = pd.Series([day.strftime("%Y%m%d") for day in birth_dates], dtype=object)
    order = days.groupby(days).cumcount() + int(rng.integers(1, 200))
    stems = [f"{population.county}{day}{number:03d}" for day, number in zip(days, order, strict=True)]
    return [stem + check_digit(stem) for stem in stems]
