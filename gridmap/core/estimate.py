"""Households of buildings that nobody counted, with the range they probably lie in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.arrays import Flags, Floats, Ints, Shapes
from gridmap.core.errors import N_, BadInput, Fault, Message
from gridmap.core.kinds import Assumptions, Numbers, kinds_of
from gridmap.core.town import Town

LEAST_M2 = 1.0
"""A footprint below is a slip of the pen."""
MOST = 20_000
"""Households of one building that are no slip either."""

CORRELATION = 0.3
"""How much the errors of two buildings of a grid go together; measured, see ``docs/estimates.md``."""

NO_AREA = N_("the footprint has no area, so its households cannot be estimated")
TOO_MANY = N_("more households than a building has")


@dataclass(frozen=True, eq=False)
class Estimate:
    """A town with all its households, and how those nobody counted were found.

    Parameters
    ----------
    town : Town
        Every building with ``households``; the estimated ones are flagged and have a range.
    fresh : ndarray of bool, one per building
        Whether this estimate gave the households; earlier estimates stay what they are.
    kind : ndarray of int, one per building
        Position in the kinds of the assumptions.
    levels_assumed : ndarray of bool, one per building
        Whether the levels are unknown.
    """

    town: Town
    fresh: Flags
    kind: Ints
    levels_assumed: Flags


def estimate(town: Town, assumptions: Assumptions) -> Estimate:
    """Fill in households that are missing: footprint times levels over the gross area of a household.

    A count that is there is never touched. Where people live there is one household at least. The sum of a community is
    rounded once and handed to its buildings by the largest remainder, so that rounding neither adds nor loses people.

    Parameters
    ----------
    town : Town
        Its ``households`` are NaN where nobody counted; footprints in square metres.
    assumptions : Assumptions
        Gross area of a household by kind of building, and what is taken for what a building does not say.

    Returns
    -------
    Estimate

    Raises
    ------
    BadInput
        If there are points and no assumed footprint, a footprint without area, or a building beyond all measure.
    """
    buildings = town.buildings
    fresh = buildings["households"].isna().to_numpy()
    area, drawn = _footprints(town, fresh, assumptions)
    assumed = ~(buildings["levels"] > 0).to_numpy()  # zero is how many files say unknown
    levels = np.where(assumed, assumptions.levels or np.nan, buildings["levels"])
    kind = kinds_of(buildings, area, levels, assumptions)
    numbers = assumptions.numbers(kind)
    floor = area * np.where(np.isnan(levels), numbers.levels, levels)
    expected = _expected(floor, numbers)
    _refuse(town, TOO_MANY, fresh & (expected > MOST), expected)
    width = _width(numbers, assumed, drawn, assumptions)
    low, high = expected / width, expected * width + floor * numbers.high
    town = replace(town, buildings=_filled(buildings, expected, low, high))
    return Estimate(town, fresh, kind, assumed)


def _filled(buildings: gpd.GeoDataFrame, expected: Floats, low: Floats, high: Floats) -> gpd.GeoDataFrame:
    """The buildings with whole households where there were none, and their ranges; all else as it was."""
    fresh = buildings["households"].isna().to_numpy()
    whole = _rounded(np.where(fresh, expected, 0.0), buildings["community"].to_numpy())
    return buildings.assign(
        households=np.where(fresh, whole, buildings["households"]).astype(np.int64),
        households_estimated=buildings["households_estimated"] | fresh,
        households_low=np.where(fresh, np.minimum(low, whole), buildings["households_low"]).round(2),
        households_high=np.where(fresh, np.maximum(high, whole), buildings["households_high"]).round(2),
    )


def _footprints(town: Town, fresh: Flags, assumptions: Assumptions) -> tuple[Floats, Flags]:
    """Square metres of each building, and whether they were drawn rather than assumed."""
    shapes: Shapes = town.buildings.geometry.to_numpy()
    drawn = shapely.get_dimensions(shapes) == 2
    area = shapely.area(shapes)
    _refuse(town, NO_AREA, fresh & drawn & (area < LEAST_M2), area)
    if not (drawn | ~fresh).all() and assumptions.footprint_m2 is None:
        raise BadInput([_pointless(int((fresh & ~drawn).sum()))])
    return np.where(drawn, area, assumptions.footprint_m2 or 0.0), np.asarray(drawn)


def _pointless(count: int) -> Fault:
    return Fault(
        Message(N_("{count} buildings without households are points and have no area"), {"count": count}),
        layer="buildings",
        column="geometry",
        expected=Message(N_("footprints")),
        advice=Message(N_("draw footprints, or state with --footprint-m2 what is to be taken for one")),
    )


def _refuse(town: Town, problem: str, wrong: Flags, values: Floats) -> None:
    """Stop with one fault for each building that is wrong."""
    ids = town.buildings["building_id"].to_numpy()
    faults = [
        Fault(Message(problem), layer="buildings", row=int(row) + 1, id=str(ids[row]), value=f"{values[row]:.3g}")
        for row in np.flatnonzero(wrong)
    ]
    if faults:
        raise BadInput(faults)


def _expected(floor: Floats, numbers: Numbers) -> Floats:
    """Households before rounding: none where nobody lives, otherwise one at least."""
    return np.where(numbers.homes, np.maximum(floor / numbers.gross, 1.0), 0.0)


def _width(numbers: Numbers, assumed: Flags, drawn: Flags, assumptions: Assumptions) -> Floats:
    """Factor by which four buildings in five are off at most: independent errors add by their squares."""
    squares = np.log(numbers.factor) ** 2
    squares += np.where(assumed, np.log(numbers.levels_factor) ** 2, 0.0)
    squares += np.where(drawn, 0.0, np.log(assumptions.footprint_factor) ** 2)
    return np.asarray(np.exp(np.sqrt(squares)))


def _rounded(expected: Floats, community: Ints) -> Ints:
    """Whole households whose sum in each community is that of the expected ones, rounded.

    The largest remainders are rounded up (Hamilton's method); of equal ones those that come first.
    """
    whole = np.floor(expected).astype(np.int64)
    remainder = expected - whole
    missing = np.round(np.bincount(community, remainder)).astype(np.int64)
    order = np.lexsort((-remainder, community))
    first = np.searchsorted(community[order], np.arange(len(missing)))
    rank = np.arange(len(order)) - first[community[order]]
    whole[order] += rank < missing[community[order]]
    return whole


def combined(deviation: Floats, group: Ints, count: int) -> Floats:
    """How far the sum of each group is off when its members are off by so much.

    Errors partly cancel: any two members of a group err alike to the degree of `CORRELATION`, so that the variance of
    a sum is that share of the squared sum, and the rest of the sum of squares.

    Parameters
    ----------
    deviation : ndarray of float, households
        Of each member.
    group : ndarray of int
        Group of each member.
    count : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (count,)

    Examples
    --------
    >>> combined(np.full(100, 1.0), np.zeros(100, dtype=int), 1).round(1).tolist()
    [55.4]
    """
    together = np.bincount(group, deviation, count) ** 2
    apart = np.bincount(group, deviation**2, count)
    return np.asarray(np.sqrt(CORRELATION * together + (1 - CORRELATION) * apart))


def sum_range(households: Sequence[Floats], group: Ints, count: int) -> tuple[Ints, Ints]:
    """Fewest and most households that each group probably has, in four cases out of five.

    Parameters
    ----------
    households : three arrays, one value per building
        ``households``, ``households_low`` and ``households_high``; the same three times where they were counted.
    group : ndarray of int
        Group of each building.
    count : int
        Number of groups.

    Returns
    -------
    low, high : ndarray of int, shape (count,)
        Rounded outwards.

    Examples
    --------
    >>> ten, sure = np.array([10.0, 30.0]), np.array([0, 0])
    >>> sum_range((ten, np.array([5.0, 30.0]), np.array([20.0, 30.0])), sure, 1)
    (array([35]), array([50]))
    """
    told, low, high = households
    total = np.bincount(group, told, count)
    least = total - combined(told - low, group, count)
    most = total + combined(high - told, group, count)
    return np.floor(least + 1e-6).astype(np.int64), np.ceil(most - 1e-6).astype(np.int64)
