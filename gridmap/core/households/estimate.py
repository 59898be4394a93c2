"""Households of buildings that nobody counted, with the range they probably lie in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import shapely

from gridmap.core.array_types import BoolArray, FloatArray, GeometryArray, IntArray
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.households.building_kinds import Assumptions, KindParameters, classify_buildings
from gridmap.core.land.town import Town

MIN_FOOTPRINT_M2 = 1.0
"""A footprint below is a slip of the pen."""
MAX_BUILDING_HOUSEHOLDS = 20_000
"""Households of one building that are no slip either."""

ERROR_CORRELATION = 0.3
"""How much the errors of two buildings of a grid go together; measured, see ``docs/estimates.md``."""

NO_AREA = N_("the footprint has no area, so its households cannot be estimated")
TOO_MANY_HOUSEHOLDS = N_("implausibly many households for one building")


@dataclass(frozen=True, eq=False)
class Estimate:
    """A town with all its households, and how those nobody counted were found.

    Parameters
    ----------
    town : Town
        Every building with ``households``; the estimated ones are flagged and have a range.
    newly_estimated : ndarray of bool, one per building
        Whether this estimate gave the households; earlier estimates stay what they are.
    kind_index : ndarray of int, one per building
        Position in the kinds of the assumptions.
    levels_assumed : ndarray of bool, one per building
        Whether the levels are unknown.
    """

    town: Town
    newly_estimated: BoolArray
    kind_index: IntArray
    levels_assumed: BoolArray


def estimate_households(town: Town, assumptions: Assumptions) -> Estimate:
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
    InvalidInput
        If there are points and no assumed footprint, a footprint without area, or a building beyond all measure.
    """
    buildings = town.buildings
    fresh = buildings["households"].isna().to_numpy()
    area, drawn = _footprint_areas(town, fresh, assumptions)
    assumed = ~(buildings["levels"] > 0).to_numpy()  # zero is how many files say unknown
    levels = np.where(assumed, assumptions.levels or np.nan, buildings["levels"])
    kind = classify_buildings(buildings, area, levels, assumptions)
    numbers = assumptions.parameters_of(kind)
    floor = area * np.where(np.isnan(levels), numbers.levels, levels)
    expected = _expected_households(floor, numbers)
    _raise_faults(town, TOO_MANY_HOUSEHOLDS, fresh & (expected > MAX_BUILDING_HOUSEHOLDS), expected)
    width = _range_factor(numbers, assumed, drawn, assumptions)
    low, high = expected / width, expected * width + floor * numbers.upper_households_per_m2
    town = replace(town, buildings=_fill_households(buildings, expected, low, high))
    return Estimate(town, fresh, kind, assumed)


def _fill_households(
    buildings: gpd.GeoDataFrame, expected: FloatArray, low: FloatArray, high: FloatArray
) -> gpd.GeoDataFrame:
    """The buildings with whole households where there were none, and their ranges; all else as it was."""
    fresh = buildings["households"].isna().to_numpy()
    whole = _round_to_community_sums(np.where(fresh, expected, 0.0), buildings["community"].to_numpy())
    return buildings.assign(
        households=np.where(fresh, whole, buildings["households"]).astype(np.int64),
        households_estimated=buildings["households_estimated"] | fresh,
        households_low=np.where(fresh, np.minimum(low, whole), buildings["households_low"]).round(2),
        households_high=np.where(fresh, np.maximum(high, whole), buildings["households_high"]).round(2),
    )


def _footprint_areas(town: Town, newly_estimated: BoolArray, assumptions: Assumptions) -> tuple[FloatArray, BoolArray]:
    """Square metres of each building, and whether they were drawn rather than assumed."""
    shapes: GeometryArray = town.buildings.geometry.to_numpy()
    drawn = shapely.get_dimensions(shapes) == 2
    area = shapely.area(shapes)
    _raise_faults(town, NO_AREA, newly_estimated & drawn & (area < MIN_FOOTPRINT_M2), area)
    if not (drawn | ~newly_estimated).all() and assumptions.footprint_m2 is None:
        raise InvalidInput([_missing_footprints_fault(int((newly_estimated & ~drawn).sum()))])
    return np.where(drawn, area, assumptions.footprint_m2 or 0.0), np.asarray(drawn)


def _missing_footprints_fault(count: int) -> InputFault:
    return InputFault(
        Message(N_("{count} buildings without households are points and have no area"), {"count": count}),
        layer="buildings",
        column="geometry",
        expected=Message(N_("footprints")),
        advice=Message(N_("draw footprints, or state an assumed footprint area with --footprint-m2")),
    )


def _raise_faults(town: Town, problem: str, invalid: BoolArray, values: FloatArray) -> None:
    """Stop with one fault for each building that is wrong."""
    ids = town.buildings["building_id"].to_numpy()
    faults = [
        InputFault(Message(problem), layer="buildings", row=int(row) + 1, id=str(ids[row]), value=f"{values[row]:.3g}")
        for row in np.flatnonzero(invalid)
    ]
    if faults:
        raise InvalidInput(faults)


def _expected_households(floor_area_m2: FloatArray, parameters: KindParameters) -> FloatArray:
    """Households before rounding: none where nobody lives, otherwise one at least."""
    return np.where(parameters.is_residential, np.maximum(floor_area_m2 / parameters.gross_area_m2, 1.0), 0.0)


def _range_factor(
    parameters: KindParameters, levels_assumed: BoolArray, has_footprint: BoolArray, assumptions: Assumptions
) -> FloatArray:
    """Factor by which four buildings in five are off at most: independent errors add by their squares."""
    squares = np.log(parameters.range_factor) ** 2
    squares += np.where(levels_assumed, np.log(parameters.levels_range_factor) ** 2, 0.0)
    squares += np.where(has_footprint, 0.0, np.log(assumptions.footprint_range_factor) ** 2)
    return np.asarray(np.exp(np.sqrt(squares)))


def _round_to_community_sums(expected: FloatArray, community: IntArray) -> IntArray:
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


def combine_deviations(deviation: FloatArray, group: IntArray, group_count: int) -> FloatArray:
    """How far the sum of each group is off when its members are off by so much.

    Errors partly cancel: any two members of a group err alike to the degree of `ERROR_CORRELATION`, so that the variance of
    a sum is that share of the squared sum, and the rest of the sum of squares.

    Parameters
    ----------
    deviation : ndarray of float, households
        Of each member.
    group : ndarray of int
        Group of each member.
    group_count : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (count,)

    Examples
    --------
    >>> combine_deviations(np.full(100, 1.0), np.zeros(100, dtype=int), 1).round(1).tolist()
    [55.4]
    """
    together = np.bincount(group, deviation, group_count) ** 2
    apart = np.bincount(group, deviation**2, group_count)
    return np.asarray(np.sqrt(ERROR_CORRELATION * together + (1 - ERROR_CORRELATION) * apart))


def sum_household_ranges(
    households: Sequence[FloatArray], group: IntArray, group_count: int
) -> tuple[IntArray, IntArray]:
    """Fewest and most households that each group probably has, in four cases out of five.

    Parameters
    ----------
    households : three arrays, one value per building
        ``households``, ``households_low`` and ``households_high``; the same three times where they were counted.
    group : ndarray of int
        Group of each building.
    group_count : int
        Number of groups.

    Returns
    -------
    low, high : ndarray of int, shape (count,)
        Rounded outwards.

    Examples
    --------
    >>> ten, sure = np.array([10.0, 30.0]), np.array([0, 0])
    >>> sum_household_ranges((ten, np.array([5.0, 30.0]), np.array([20.0, 30.0])), sure, 1)
    (array([35]), array([50]))
    """
    told, low, high = households
    total = np.bincount(group, told, group_count)
    least = total - combine_deviations(told - low, group, group_count)
    most = total + combine_deviations(high - told, group, group_count)
    return np.floor(least + 1e-6).astype(np.int64), np.ceil(most - 1e-6).astype(np.int64)
