"""Sizes of communities: their households against the guideline of the law on residents' committees."""

from collections.abc import Sequence

from gridmap.core.errors import N_, Message
from gridmap.core.plans.feasibility import CommunityLoad
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridStatus

MAX_NAMES = 5
"""Communities that the sentence on several of them names."""
SMALL_COMMUNITY = N_(
    "{community} has {households} households, fewer than {minimum}: by article 3 of the law on residents' committees in"
    " cities 城市居民委员会组织法, a community has {minimum} to {maximum} as a rule."
)
LARGE_COMMUNITY = N_(
    "{community} has {households} households, more than {maximum}: by article 3 of the law on residents' committees in"
    " cities 城市居民委员会组织法, a community has {minimum} to {maximum} as a rule."
)
COMMUNITIES_OUTSIDE = N_(
    "Of {count} communities, {small} have fewer than {minimum} households and {large} more than {maximum} ({names}): by"
    " article 3 of the law on residents' committees in cities 城市居民委员会组织法, a community has {minimum} to"
    " {maximum} as a rule."
)


def community_status(households: int, guideline: Profile) -> GridStatus | None:
    """Return the size of a community against the guideline; None where no households are counted.

    Examples
    --------
    >>> sizes = (0, 999, 1_000, 3_000, 3_001)
    >>> [str(community_status(households, Profile(1_000, 3_000))) for households in sizes]
    ['None', 'under', 'in_range', 'in_range', 'over']
    """
    return guideline.status(households) if households > 0 else None


def describe_community(load: CommunityLoad, guideline: Profile) -> Message | None:
    """Return a sentence on a community outside the guideline; None for others.

    The law says *as a rule* (一般): such a community is no fault, and its grids are judged by the norm all the same.

    Parameters
    ----------
    load : CommunityLoad
    guideline : Profile

    References
    ----------
    城市居民委员会组织法, article 3: 一般在一千户至三千户的范围内设立 (in force since 2026-01-01; 100 to 700 before).
    """
    status = community_status(load.households, guideline)
    if status is None or status is GridStatus.IN_RANGE:
        return None
    values = {"community": load.name, "households": load.households}
    values |= {"minimum": guideline.minimum, "maximum": guideline.maximum}
    return Message(SMALL_COMMUNITY if status is GridStatus.UNDER else LARGE_COMMUNITY, values)


def describe_communities(loads: Sequence[CommunityLoad], guideline: Profile) -> Message | None:
    """Return one sentence on the communities outside the guideline, the largest first; None where there is none.

    Examples
    --------
    >>> loads = [CommunityLoad("东湖社区", 4_615), CommunityLoad("水果湖社区", 999), CommunityLoad("放鹰台社区", 2_000)]
    >>> describe_communities(loads, Profile(1_000, 3_000)).values["names"]
    '东湖社区 4615, 水果湖社区 999'
    """
    statuses = [community_status(load.households, guideline) for load in loads]
    small, large = (statuses.count(status) for status in (GridStatus.UNDER, GridStatus.OVER))
    if not small and not large:
        return None
    if len(loads) == 1:
        return describe_community(loads[0], guideline)
    is_outside = [status in (GridStatus.UNDER, GridStatus.OVER) for status in statuses]
    outside = [load for load, is_named in zip(loads, is_outside, strict=True) if is_named]
    named = sorted(outside, key=lambda load: -load.households)[:MAX_NAMES]
    names = ", ".join(f"{load.name} {load.households}" for load in named)
    counts = {"count": len(loads), "small": small, "large": large}
    names += ", …" if len(outside) > MAX_NAMES else ""
    limits = {"minimum": guideline.minimum, "maximum": guideline.maximum}
    return Message(COMMUNITIES_OUTSIDE, {**counts, **limits, "names": names})
