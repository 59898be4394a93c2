"""Arithmetic of a partition before its work: whether any number of grids meets a range, and what alone exceeds it."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy.orm import Session

from gridmap.core.caller import Caller
from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.plans.feasibility import CommunityLoad, GridCount, count_grids, list_refusals, refusal
from gridmap.core.plans.profile import Profile
from gridmap.services.grids import norms
from gridmap.services.plans.revisions import norm_place
from gridmap.store.queries.plans.partition_loads import BuildingLoad, list_building_loads
from gridmap.store.queries.territory import CommunityRow

BUILDING_EXCEEDS = N_("Building {name} alone has {households} households, more than the maximum of {maximum}.")
COURTYARD_EXCEEDS = N_(
    "Courtyard {name} has {households} households, more than the maximum of {maximum}: it will be divided."
)


@dataclass(frozen=True)
class RangeCheck:
    """Arithmetic of a range in a community.

    Parameters
    ----------
    households : int
        Of the norm's kind, outside dedicated land.
    grids : GridCount
        Numbers of grids that meet the range.
    refusal : Message or None
        Why no number of grids meets it, with the numbers that would do.
    warnings : sequence of Message
        Buildings and courtyards that alone have more than the maximum; the partition is possible all the same.
    """

    households: int
    grids: GridCount
    refusal: Message | None
    warnings: Sequence[Message]


def check_range(session: Session, caller: Caller, community: CommunityRow, profile: Profile, on: date) -> RangeCheck:
    """Return the arithmetic of a range in a community, with the counts of a day of the norm's kind."""
    basis = norms.load_norm(session, caller, norm_place(community), on).basis(on)
    loads = list_building_loads(session, caller, community.id, basis)
    total = sum(load.households for load in loads)
    return RangeCheck(total, count_grids(total, profile), refusal(total, profile), list_oversize(loads, profile))


def require_possible(session: Session, caller: Caller, community: CommunityRow, profile: Profile, on: date) -> None:
    """Refuse a range that no number of grids meets.

    Raises
    ------
    InvalidInput
        With the numbers that would do.
    """
    check = check_range(session, caller, community, profile, on)
    if check.refusal is not None:
        raise InvalidInput([InputFault(check.refusal, column="maximum")])


def require_possible_in_most(
    session: Session, caller: Caller, communities: Sequence[CommunityRow], profile: Profile, on: date
) -> None:
    """Refuse a range for several communities that no number of grids meets for most of their households.

    Raises
    ------
    InvalidInput
        With the ranges that would do, for each community that the range does not fit.
    """
    checks = [check_range(session, caller, each, profile, on) for each in communities]
    loads = [CommunityLoad(each.name, check.households) for each, check in zip(communities, checks, strict=True)]
    if refusals := list_refusals(loads, profile):
        raise InvalidInput(InputFault(reason, column="maximum") for reason in refusals)


def list_oversize(loads: Iterable[BuildingLoad], profile: Profile) -> Sequence[Message]:
    """Return a warning for each building and courtyard that alone has more households than the maximum.

    Examples
    --------
    >>> tower = BuildingLoad("B7", "7号楼", None, None, 612)
    >>> [str(warning) for warning in list_oversize([tower], Profile())]
    ['Building 7号楼 alone has 612 households, more than the maximum of 500.']
    """
    buildings: list[tuple[str, str, int]] = []
    courtyards: dict[int, tuple[str, int]] = {}
    for load in loads:
        buildings.append((BUILDING_EXCEEDS, load.name or load.code, load.households))
        if load.courtyard_id is not None:
            before = courtyards.get(load.courtyard_id, ("", 0))[1]
            courtyards[load.courtyard_id] = load.courtyard or load.code, before + load.households
    whole = [(COURTYARD_EXCEEDS, name, households) for name, households in courtyards.values()]
    return [
        Message(template, {"name": name, "households": households, "maximum": profile.maximum})
        for template, name, households in (*buildings, *whole)
        if households > profile.maximum
    ]
