"""Estimates of the households of buildings that nobody counted, with their probable range."""

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
"""A smaller footprint is a drawing error."""
MAX_BUILDING_HOUSEHOLDS = 20_000
"""More households in one building are implausible."""
ERROR_CORRELATION = 0.3
"""Correlation between the errors of two buildings of a grid; measured, see ``docs/estimates.md``."""

NO_AREA = N_("the footprint has no area, so its households cannot be estimated")
TOO_MANY_HOUSEHOLDS = N_("implausibly many households for one building")


@dataclass(frozen=True, eq=False)
class Estimate:
    """A town with all its households, and the way in which missing ones were estimated.

    Parameters
    ----------
    town : Town
        Every building with ``households``; the estimated ones are flagged and have a range.
    newly_estimated : ndarray of bool, one per building
        Whether this estimate supplied the households; earlier estimates remain unchanged.
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
    """Estimate missing households: footprint times levels over the gross area of a household.

    Existing counts are never changed. A residential building has at least one household. The sum of a community is
    rounded once and distributed to its buildings by the largest remainder, so that rounding neither adds nor loses
    people.

    Parameters
    ----------
    town : Town
        Its ``households`` are NaN where nobody counted; footprints in square metres.
    assumptions : Assumptions
        Gross area of a household by kind of building, and the values assumed for missing ones.

    Returns
    -------
    Estimate

    Raises
    ------
    InvalidInput
        If there are points and no assumed footprint, a footprint without area, or a building with implausibly many
        households.

    Examples
    --------
    >>> from gridmap.demo.town import build_town
    >>> from gridmap.services.files.estimate import read_assumptions
    >>> town = build_town(500)
    >>> uncounted = replace(town, buildings=town.buildings.assign(households=np.nan))
    >>> estimate = estimate_households(uncounted, read_assumptions())
    >>> bool(estimate.newly_estimated.all()), bool((estimate.town.buildings["households"] >= 0).all())
    (True, True)
    """
    buildings = town.buildings
    is_missing = buildings["households"].isna().to_numpy()
    area, has_footprint = _footprint_areas(town, is_missing, assumptions)
    levels_assumed = ~(buildings["levels"] > 0).to_numpy()  # many files write zero for unknown
    levels = np.where(levels_assumed, assumptions.levels or np.nan, buildings["levels"])
    kind_index = classify_buildings(buildings, area, levels, assumptions)
    parameters = assumptions.parameters_of(kind_index)
    floor_area = area * np.where(np.isnan(levels), parameters.levels, levels)
    expected = _expected_households(floor_area, parameters)
    _raise_faults(town, TOO_MANY_HOUSEHOLDS, is_missing & (expected > MAX_BUILDING_HOUSEHOLDS), expected)
    factor = _range_factor(parameters, levels_assumed, has_footprint, assumptions)
    low, high = expected / factor, expected * factor + floor_area * parameters.upper_households_per_m2
    town = replace(town, buildings=_fill_households(buildings, expected, low, high))
    return Estimate(town, is_missing, kind_index, levels_assumed)


def _fill_households(
    buildings: gpd.GeoDataFrame, expected: FloatArray, low: FloatArray, high: FloatArray
) -> gpd.GeoDataFrame:
    """Return the buildings with whole households and ranges where they were missing, otherwise unchanged."""
    is_missing = buildings["households"].isna().to_numpy()
    whole = _round_to_community_sums(np.where(is_missing, expected, 0.0), buildings["community"].to_numpy())
    return buildings.assign(
        households=np.where(is_missing, whole, buildings["households"]).astype(np.int64),
        households_estimated=buildings["households_estimated"] | is_missing,
        households_low=np.where(is_missing, np.minimum(low, whole), buildings["households_low"]).round(2),
        households_high=np.where(is_missing, np.maximum(high, whole), buildings["households_high"]).round(2),
    )


def _footprint_areas(town: Town, newly_estimated: BoolArray, assumptions: Assumptions) -> tuple[FloatArray, BoolArray]:
    """Return the area of each footprint, m², and whether it was drawn rather than assumed."""
    shapes: GeometryArray = town.buildings.geometry.to_numpy()
    is_drawn = shapely.get_dimensions(shapes) == 2
    area = shapely.area(shapes)
    _raise_faults(town, NO_AREA, newly_estimated & is_drawn & (area < MIN_FOOTPRINT_M2), area)
    points = newly_estimated & ~is_drawn
    if points.any() and assumptions.footprint_m2 is None:
        raise InvalidInput([_missing_footprints_fault(int(points.sum()))])
    return np.where(is_drawn, area, assumptions.footprint_m2 or 0.0), np.asarray(is_drawn)


def _missing_footprints_fault(count: int) -> InputFault:
    return InputFault(
        Message(N_("{count} buildings without households are points and have no area"), {"count": count}),
        layer="buildings",
        column="geometry",
        expected=Message(N_("footprints")),
        advice=Message(N_("draw footprints, or state an assumed footprint area with --footprint-m2")),
    )


def _raise_faults(town: Town, problem: str, invalid: BoolArray, values: FloatArray) -> None:
    """Raise `InvalidInput` with one fault for each invalid building, if there are any."""
    ids = town.buildings["building_id"].to_numpy()
    faults = [
        InputFault(Message(problem), layer="buildings", row=int(row) + 1, id=str(ids[row]), value=f"{values[row]:.3g}")
        for row in np.flatnonzero(invalid)
    ]
    if faults:
        raise InvalidInput(faults)


def _expected_households(floor_area_m2: FloatArray, parameters: KindParameters) -> FloatArray:
    """Return households before rounding: 0 where nobody lives, otherwise at least 1."""
    return np.where(parameters.is_residential, np.maximum(floor_area_m2 / parameters.gross_area_m2, 1.0), 0.0)


def _range_factor(
    parameters: KindParameters, levels_assumed: BoolArray, has_footprint: BoolArray, assumptions: Assumptions
) -> FloatArray:
    """Return the factor by which four estimates in five are wrong at most; squares of independent errors add up."""
    squares = np.log(parameters.range_factor) ** 2
    squares += np.where(levels_assumed, np.log(parameters.levels_range_factor) ** 2, 0.0)
    squares += np.where(has_footprint, 0.0, np.log(assumptions.footprint_range_factor) ** 2)
    return np.asarray(np.exp(np.sqrt(squares)))


def _round_to_community_sums(expected: FloatArray, community: IntArray) -> IntArray:
    """Return whole households whose sum in each community is the rounded sum of the expected ones.

    The largest remainders are rounded up (Hamilton's method); of equal remainders the first ones.
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
    """Return the deviation of the sum of each group from the deviations of its members.

    Errors partly cancel. The errors of any two members of a group are correlated by `ERROR_CORRELATION`, so this share
    of the variance of a sum is the squared sum of the deviations, and the rest is the sum of their squares.

    Parameters
    ----------
    deviation : ndarray of float, households
        Deviation of each member.
    group : ndarray of int
        Group of each member.
    group_count : int
        Number of groups.

    Returns
    -------
    ndarray of float, shape (group_count,)

    Examples
    --------
    >>> combine_deviations(np.full(100, 1.0), np.zeros(100, dtype=int), 1).round(1).tolist()
    [55.4]
    """
    squared_sum = np.bincount(group, deviation, group_count) ** 2
    sum_of_squares = np.bincount(group, deviation**2, group_count)
    return np.asarray(np.sqrt(ERROR_CORRELATION * squared_sum + (1 - ERROR_CORRELATION) * sum_of_squares))


def sum_household_ranges(
    households: Sequence[FloatArray], group: IntArray, group_count: int
) -> tuple[IntArray, IntArray]:
    """Return the minimum and maximum households of each group, in four cases out of five.

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
    low, high : ndarray of int, shape (group_count,)
        Rounded outwards.

    Examples
    --------
    >>> expected, group = np.array([10.0, 30.0]), np.array([0, 0])
    >>> sum_household_ranges((expected, np.array([5.0, 30.0]), np.array([20.0, 30.0])), group, 1)
    (array([35]), array([50]))
    """
    expected, low, high = households
    total = np.bincount(group, expected, group_count)
    minimum = total - combine_deviations(expected - low, group, group_count)
    maximum = total + combine_deviations(high - expected, group, group_count)
    return np.floor(minimum + 1e-6).astype(np.int64), np.ceil(maximum - 1e-6).astype(np.int64)
