"""Behind the doors of an artificial town: stairs, dwellings, households and the people in them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np
import pandas as pd

from gridmap.core.arrays import Ints
from gridmap.core.demo.life import Life
from gridmap.core.personal import check_letter
from gridmap.core.town import Town

DOORS = 2
"""Dwellings of a stair on each level; a tower has twice as many."""
TOWER_LEVELS = 10
LEVELS = 6
GROWN_UP, OLD, OLDEST = 20, 60, 95


@dataclass(frozen=True, eq=False)
class Homes:
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


def settle_homes(rng: np.random.Generator, town: Town, life: Life, today: date) -> Homes:
    """Give every household of a town a door of its own, and people.

    Parameters
    ----------
    rng : Generator
        Of every draw.
    town : Town
        Its buildings with their households.
    life : Life
    today : date
        Nobody is born later.
    """
    buildings = town.buildings
    rows = [
        row
        for building, (households, levels) in enumerate(zip(buildings["households"], buildings["levels"], strict=True))
        for row in _doors(building, int(households), levels, life)
    ]
    doors = pd.DataFrame(rows, columns=["building", "stair", "number", "floor", "home"])
    stairs = doors.drop_duplicates(["building", "stair"])[["building", "stair"]].reset_index(drop=True)
    unit = doors.merge(stairs.reset_index(names="unit"), on=["building", "stair"])["unit"]
    units = pd.DataFrame(
        {"building": stairs["building"], "name": [life.unit.format(number=n) for n in stairs["stair"]]}
    )
    dwellings = doors.assign(unit=unit)[["building", "unit", "number", "floor"]]
    at = np.flatnonzero(doors["home"])
    households = pd.DataFrame({"building": doors["building"].to_numpy()[at], "dwelling": at})
    return Homes(units, dwellings, households, _residents(rng, life, len(households), today))


def _doors(building: int, households: int, levels: float, life: Life) -> Iterator[tuple[int, int, str, int, bool]]:
    """Doors of a building, stair by stair and level by level; the last ones are vacant."""
    height = int(levels) if levels > 0 else LEVELS
    wide = DOORS * (2 if height > TOWER_LEVELS else 1)
    for door in range(households + round(households * life.vacant)):
        level, place = divmod(door % (height * wide), wide)
        yield building, door // (height * wide) + 1, f"{level + 1}{place + 1:02d}", level + 1, door < households


def _residents(rng: np.random.Generator, life: Life, households: int, today: date) -> pd.DataFrame:
    sizes = _sizes(rng, life, households)
    household = np.repeat(np.arange(households), sizes)
    first = np.append(True, household[1:] != household[:-1])
    born = _birthdays(rng, life, first, today)
    surname = rng.integers(len(life.surnames), size=households)[household]
    named = zip(surname, range(1, len(household) + 1), strict=True)
    phones = [life.phone.format(number=number * 7919 % 10**8) for number in range(1, len(household) + 1)]
    grown_up = np.array([day.year <= today.year - GROWN_UP for day in born])
    return pd.DataFrame(
        {
            "household": household,
            "name": [life.resident.format(surname=life.surnames[of], number=number) for of, number in named],
            "birth_year": [day.year for day in born],
            "id_number": _id_numbers(rng, life, born),
            "phone": pd.Series(phones, dtype=object).where(grown_up, None),
        }
    )


def _sizes(rng: np.random.Generator, life: Life, households: int) -> Ints:
    """Persons of each household, together as many as the town has, if every household may have one at least."""
    sizes = 1 + rng.choice(len(life.sizes), size=households, p=np.array(life.sizes) / sum(life.sizes))
    wanted = round(life.residents * households / max(households, 1))
    order = rng.permutation(households)
    while households and (missing := wanted - int(sizes.sum())):
        fit = order[(sizes[order] < len(life.sizes)) if missing > 0 else (sizes[order] > 1)][: abs(missing)]
        if not len(fit):
            break
        sizes[fit] += np.sign(missing)
    return sizes.astype(np.int64)


def _birthdays(rng: np.random.Generator, life: Life, first: np.ndarray, today: date) -> list[date]:
    """The first of a household is grown up; the share of the old is the town's."""
    old = rng.random(len(first)) < life.elderly
    youngest = np.where(first, GROWN_UP + 1, 0)
    age = np.where(old, rng.triangular(OLD + 1, 66, OLDEST, len(first)), rng.uniform(youngest, OLD))
    return [today - timedelta(days=float(years) * 365.25) for years in age]


def _id_numbers(rng: np.random.Generator, life: Life, born: list[date]) -> list[str]:
    """Numbers that no other person of the town has."""
    days = pd.Series([day.strftime("%Y%m%d") for day in born], dtype=object)
    order = days.groupby(days).cumcount() + int(rng.integers(1, 200))
    stems = [f"{life.county}{day}{number:03d}" for day, number in zip(days, order, strict=True)]
    return [stem + check_letter(stem) for stem in stems]
