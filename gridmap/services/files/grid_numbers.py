"""Numbers of grids in place of a range: communities share them, and each gets a range of its own."""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd

from gridmap.core.errors import N_, Message
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.feasibility import CommunityLoad, profile_for_grids, share_grids
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile

SHARED = N_("{community}: {grids} of the {total} grids for {households} households, {minimum} to {maximum} each")


def share_number(loads: Sequence[CommunityLoad], grids: int, settings: PartitionSettings) -> PartitionSettings:
    """Return settings that lead to a number of grids.

    Parameters
    ----------
    loads : sequence of CommunityLoad
        From `gridmap.core.plans.feasibility.community_loads`.
    grids : int
    settings : PartitionSettings
        Their range is replaced. With several inhabited communities each has its own; the common range contains them.

    Raises
    ------
    InvalidInput
        If there are fewer grids than inhabited communities, or more than households.

    Examples
    --------
    >>> loads = [CommunityLoad("East", 2400), CommunityLoad("West", 900)]
    >>> shared = share_number(loads, 7, PartitionSettings())
    >>> [(each.minimum, each.maximum) for each in shared.own_profiles], shared.profile.maximum
    ([(401, 576), (360, 540)], 576)
    """
    shares = share_grids([each.households for each in loads], grids)
    made = [
        profile_for_grids(load.households, share) if share else None for load, share in zip(loads, shares, strict=True)
    ]
    own = [each for each in made if each]
    if len(own) == 1:
        return replace(settings, profile=own[0])
    low, high = min(each.minimum for each in own), max(each.maximum for each in own)
    common = Profile(low, high, sum(each.households for each in loads) // grids)
    return replace(settings, profile=common, own_profiles=tuple(each or common for each in made))


def note_shares(loads: Sequence[CommunityLoad], grids: int, settings: PartitionSettings) -> list[Message]:
    """Return a sentence on the grids of each community; none where a single one has households."""
    if not settings.own_profiles:
        return []
    shares = share_grids([each.households for each in loads], grids)
    return [
        Message(
            SHARED,
            {"community": load.name, "grids": share, "total": grids, "households": load.households}
            | {"minimum": profile.minimum, "maximum": profile.maximum},
        )
        for load, share, profile in zip(loads, shares, settings.own_profiles, strict=True)
        if share
    ]


def judge_sizes(grids: gpd.GeoDataFrame, plan: GridPlan, settings: PartitionSettings) -> gpd.GeoDataFrame:
    """Return measured grids with their status against the range of their own community."""
    sizes = grids["load" if "load" in grids else "households"].tolist()
    profiles = map(settings.profile_of, plan.community.tolist())
    return grids.assign(status=[str(own.status(size)) for own, size in zip(profiles, sizes, strict=True)])
