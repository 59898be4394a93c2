"""Arithmetic of a range: whether any number of grids can meet it, and the numbers that would do."""

import math
from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import numpy as np

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.plans.profile import MAX_GRID_HOUSEHOLDS, Profile

FITS_NO_NUMBER = N_(
    "{total} households fit no number of grids of {minimum} to {maximum}. These ranges would do: {first_minimum}"
    " to {first_maximum} ({first_grids} grids), or {second_minimum} to {second_maximum} ({second_grids} grids)."
)
FITS_ONE_OTHER = N_(
    "{total} households fit no number of grids of {minimum} to {maximum}. This range would do: {first_minimum} to"
    " {first_maximum} ({first_grids} grids)."
)
FEWER_THAN_MINIMUM = N_(
    "{total} households are fewer than the minimum of {minimum}, so one grid is all there can be. This range would do:"
    " {total} to {maximum}."
)

CONTRADICTION = N_(
    "{households} households in {grids} grids are {mean} each, which is not within {minimum} to {maximum}: the number"
    " of grids decides, and the range follows it"
)
NOT_THAT_MANY = N_("{households} households cannot be in {grids} grids")
COUNT_TOLERANCE = 0.2
NO_NUMBER = N_("this is no number of grids")
EXPECTED_NUMBER = N_("a number such as 12, once, or the code of a community with its number, such as 420106001001=12")
NO_COMMUNITY = N_("there is no community {code}")
NOTHING_LEFT = N_("{total} grids are not the {fixed} that the communities have by their numbers")
IN_COMMUNITY = N_("{community}: {refusal}")
TOO_FEW_TO_SHARE = N_(
    "{grids} grids are fewer than the {communities} communities with households: no grid lies in two communities."
    " {communities} to {households} grids would do"
)


class CommunityLoad(NamedTuple):
    """A community and the households that go into its household grids."""

    name: str
    households: int


class GridNumbers(NamedTuple):
    """Numbers of grids in place of a range.

    Parameters
    ----------
    total : int, optional
        Number of all grids.
    by_code : mapping of str to int
        Numbers of single communities by their codes.
    """

    total: int | None
    by_code: Mapping[str, int]


class FeasibleRange(NamedTuple):
    """A range that a number of households can be partitioned into, and the number of grids."""

    minimum: int
    maximum: int
    grids: int


class GridCount(NamedTuple):
    """Smallest and largest number of grids of a range; `low` is above `high` where none fits."""

    low: int
    high: int

    @property
    def is_possible(self) -> bool:
        """Return whether there is such a number."""
        return self.low <= self.high


def count_grids(households: int, profile: Profile) -> GridCount:
    """Return how many grids a number of households can be partitioned into.

    Whether buildings and courtyards, which stay whole, can be put together so is another question: no range that fails
    here can be met, and one that passes may still fail on them.

    Parameters
    ----------
    households : int
        All that are to be in grids of the range; none are in no grid.
    profile : Profile

    Examples
    --------
    >>> count_grids(4711, Profile(300, 500))
    GridCount(low=10, high=15)
    >>> count_grids(4711, Profile(300, 300)).is_possible, count_grids(1000, Profile(400, 450)).is_possible
    (False, False)
    """
    return GridCount(-(-households // profile.maximum), households // profile.minimum)


def nearest_ranges(households: int, profile: Profile) -> list[FeasibleRange]:
    """Return the nearest ranges that can be met: the same minimum with a higher maximum, and the other way round.

    Parameters
    ----------
    households : int
        At least 1.
    profile : Profile
        A range that no number of grids meets.

    Returns
    -------
    list of FeasibleRange
        The smallest maximum for the minimum, where there is one that is accepted; then the largest minimum for the
        maximum.

    Examples
    --------
    >>> nearest_ranges(4711, Profile(300, 300))
    [FeasibleRange(minimum=300, maximum=315, grids=15), FeasibleRange(minimum=294, maximum=300, grids=16)]
    >>> nearest_ranges(261, Profile(300, 500))
    [FeasibleRange(minimum=261, maximum=500, grids=1)]
    """
    low, high = count_grids(households, profile)
    lower_minimum = FeasibleRange(households // low, profile.maximum, low)
    higher_maximum = FeasibleRange(profile.minimum, -(-households // max(high, 1)), high)
    is_possible = high > 0 and higher_maximum.maximum <= MAX_GRID_HOUSEHOLDS
    return [higher_maximum, lower_minimum] if is_possible else [lower_minimum]


def refusal(households: int, profile: Profile) -> Message | None:
    """Return why no number of grids meets a range, with the numbers that would do; None where one does.

    Examples
    --------
    >>> print(str(refusal(1000, Profile(400, 450)))[:53])
    1000 households fit no number of grids of 400 to 450.
    >>> refusal(0, Profile()) is refusal(800, Profile()) is None
    True
    """
    if not households or count_grids(households, profile).is_possible:
        return None
    values: dict[str, object] = {"total": households, "minimum": profile.minimum, "maximum": profile.maximum}
    if households < profile.minimum:
        return Message(FEWER_THAN_MINIMUM, values)
    ranges = nearest_ranges(households, profile)
    for side, each in zip(("first", "second"), ranges, strict=False):
        values |= {f"{side}_{name}": value for name, value in each._asdict().items()}
    return Message(FITS_NO_NUMBER if len(ranges) > 1 else FITS_ONE_OTHER, values)


def list_refusals(loads: Sequence[CommunityLoad], profile: Profile) -> list[Message]:
    """Return why a range is refused for several communities at once; nothing where it is accepted.

    It is refused where no number of grids meets it for most of the households. A community with fewer households than
    the minimum does not count: one grid is all that it can have, whatever the range. A single community that the range
    does not fit among many others gets the nearest grids, which say so.

    Parameters
    ----------
    loads : sequence of CommunityLoad
    profile : Profile

    Returns
    -------
    list of Message
        A sentence on each community that the range does not fit, with the ranges that would do.

    Examples
    --------
    >>> loads = [CommunityLoad("East", 1000), CommunityLoad("West", 900), CommunityLoad("Pier", 40)]
    >>> print(*list_refusals(loads, Profile(400, 450)))
    East: 1000 households fit no number of grids of 400 to 450. These ranges would do: 400 to 500 (2 grids), or 333 to\
 450 (3 grids).
    >>> list_refusals(loads, Profile(300, 500))
    []
    """
    counted = [each for each in loads if each.households >= profile.minimum]
    refused = [each for each in counted if not count_grids(each.households, profile).is_possible]
    if 2 * sum(each.households for each in refused) <= sum(each.households for each in counted):
        return []
    reasons = ((each.name, refusal(each.households, profile)) for each in refused)
    return [Message(IN_COMMUNITY, {"community": name, "refusal": reason}) for name, reason in reasons]


def find_contradiction(households: int, grids: int, profile: Profile) -> Message | None:
    """Return a sentence where a number of grids and a range exclude each other; None where both can hold.

    Parameters
    ----------
    households : int
    grids : int
        At least 1.
    profile : Profile
        The range that grids would have without a number.

    Examples
    --------
    >>> print(find_contradiction(60_000, 13, Profile(2_400, 3_600)))
    60000 households in 13 grids are 4615 each, which is not within 2400 to 3600: the number of grids decides, and the \
range follows it
    >>> find_contradiction(60_000, 20, Profile(2_400, 3_600)) is None
    True
    """
    if profile.minimum * grids <= households <= profile.maximum * grids:
        return None
    values = {"households": households, "grids": grids, "mean": round(households / grids)}
    return Message(CONTRADICTION, values | {"minimum": profile.minimum, "maximum": profile.maximum})


def profile_for_grids(households: int, grids: int) -> Profile:
    """Return the range that leads to a number of grids: at most 20 % more or less than the mean.

    Parameters
    ----------
    households : int
        All that are to be in these grids.
    grids : int

    Raises
    ------
    InvalidInput
        If there are more grids than households, or none.

    Examples
    --------
    >>> profile_for_grids(4711, 12), count_grids(4711, profile_for_grids(4711, 12))
    (Profile(minimum=363, maximum=428, target=392, max_radius_m=0.0), GridCount(low=12, high=12))
    >>> profile_for_grids(4711, 2)
    Profile(minimum=1885, maximum=2826, target=2355, max_radius_m=0.0)
    """
    if not 1 <= grids <= households:
        values = {"grids": grids, "households": households}
        raise InvalidInput([InputFault(Message(NOT_THAT_MANY, values), value=str(grids))])
    mean = households / grids
    lowest = households // (grids + 1) + 1
    highest = -(-households // (grids - 1)) - 1 if grids > 1 else households
    minimum = min(max(lowest, math.ceil(mean * (1 - COUNT_TOLERANCE))), int(mean))
    maximum = max(min(highest, int(mean * (1 + COUNT_TOLERANCE))), math.ceil(mean))
    return Profile(minimum, maximum, int(mean))


def share_grids(households: Sequence[int], grids: int) -> list[int]:
    """Return the number of grids of each of several communities.

    Each grid goes to the community whose grids are largest so far (the method of D'Hondt, by which no other sharing
    has a larger smallest mean), after every inhabited community has one.

    Parameters
    ----------
    households : sequence of int
        Households of each community; those without any get no grid.
    grids : int
        Number for all of them together.

    Raises
    ------
    InvalidInput
        If there are fewer grids than inhabited communities, or more than households.

    Examples
    --------
    >>> share_grids([2400, 0, 900, 100], 8)
    [5, 0, 2, 1]
    """
    inhabited = sum(count > 0 for count in households)
    if grids > sum(households):
        profile_for_grids(sum(households), grids)
    if grids < inhabited:
        values = {"grids": grids, "communities": inhabited, "households": sum(households)}
        raise InvalidInput([InputFault(Message(TOO_FEW_TO_SHARE, values), value=str(grids))])
    shares = [min(count, 1) for count in households]
    for _ in range(grids - inhabited):
        means = [count / (share + 1) if share < count else 0.0 for count, share in zip(households, shares, strict=True)]
        shares[int(np.argmax(means))] += 1
    return shares


def parse_grid_numbers(texts: Sequence[str]) -> GridNumbers | None:
    """Return the numbers of grids that texts name; None without any text.

    Parameters
    ----------
    texts : sequence of str
        At most one number, and ``CODE=NUMBER`` for single communities, each once.

    Raises
    ------
    InvalidInput
        For each other text.

    Examples
    --------
    >>> parse_grid_numbers(["40", "420106001001=12"])
    GridNumbers(total=40, by_code={'420106001001': 12})
    """
    numbers: dict[str, int] = {}
    faults = []
    for text in texts:
        code, _, number = text.rpartition("=")
        if number.isascii() and number.isdigit() and int(number) > 0 and code not in numbers and text[:1] != "=":
            numbers[code] = int(number)
        else:
            faults.append(InputFault(Message(NO_NUMBER), value=text, expected=Message(EXPECTED_NUMBER)))
    if faults:
        raise InvalidInput(faults)
    return GridNumbers(numbers.pop("", None), numbers) if texts else None


def number_grids(loads: Sequence[CommunityLoad], codes: Sequence[str], numbers: GridNumbers) -> list[int | None]:
    """Return the number of grids of each community; None for those that keep their range.

    Parameters
    ----------
    loads : sequence of CommunityLoad
        From `community_loads`.
    codes : sequence of str
        Code of each of these communities.
    numbers : GridNumbers
        Communities without a number of their own share what is left of the total.

    Raises
    ------
    InvalidInput
        If a code is unknown, or the total cannot be shared.

    Examples
    --------
    >>> loads = [CommunityLoad("East", 2400), CommunityLoad("West", 900), CommunityLoad("North", 400)]
    >>> number_grids(loads, ["E", "W", "N"], GridNumbers(8, {"W": 3}))
    [4, 3, 1]
    >>> number_grids(loads, ["E", "W", "N"], GridNumbers(None, {"W": 3}))
    [None, 3, None]
    """
    _refuse_unknown(numbers.by_code, codes)
    grids = [numbers.by_code.get(code) for code in codes]
    if numbers.total is None:
        return grids
    others = [number for number, each in enumerate(grids) if each is None and loads[number].households]
    rest = numbers.total - sum(each or 0 for each in grids)
    if not others and rest:
        values = {"total": numbers.total, "fixed": numbers.total - rest}
        raise InvalidInput([InputFault(Message(NOTHING_LEFT, values), value=str(numbers.total))])
    for number, share in zip(others, share_grids([loads[each].households for each in others], rest), strict=True):
        grids[number] = share
    return grids


def _refuse_unknown(wanted: Collection[str], codes: Collection[str]) -> None:
    expected = Message(N_("one of {known}"), {"known": ", ".join(codes)})
    faults = [
        InputFault(Message(NO_COMMUNITY, {"code": code}), value=code, expected=expected)
        for code in wanted
        if code not in codes
    ]
    if faults:
        raise InvalidInput(faults)


def community_loads(town: Town, land: LandCoverage) -> list[CommunityLoad]:
    """Return the communities with the households that go into household grids: not those on dedicated land."""
    cells, households = land.cell_of_building, town.loads
    in_grids = np.where(land.dedicated[cells] < 0, households, 0)
    totals = np.bincount(land.community[cells], in_grids, minlength=len(town.communities)).astype(np.int64)
    return [CommunityLoad(*load) for load in zip(town.communities["name"], totals.tolist(), strict=True)]


def require_possible_range(town: Town, land: LandCoverage, profile: Profile) -> None:
    """Refuse a range that no number of grids meets in most of a town, before the long work.

    Raises
    ------
    InvalidInput
        With the ranges that would do.
    """
    if refusals := list_refusals(community_loads(town, land), profile):
        raise InvalidInput(InputFault(reason) for reason in refusals)
