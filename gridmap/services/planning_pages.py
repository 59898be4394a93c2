"""What a planner sees first: every community with the plan in force, what comes after it, and what waits."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import shapely
from sqlalchemy.orm import Session

from gridmap.maps.overview import Shell, shell
from gridmap.services import grids, overview, versions
from gridmap.services.grids import STATES, State
from gridmap.services.versions import Version
from gridmap.store.in_force import Day


@dataclass(frozen=True)
class Planned:
    """A community with its versions: the one in force with its grids by state today, the next ones, and drafts.

    `drafts` are versions that were saved after the one in force and are not approved, the newest first.
    """

    community: Any
    held: Version | None
    states: Mapping[State, int]
    next: Sequence[Version]
    drafts: Sequence[Version]


@dataclass(frozen=True)
class OfSubdistrict:
    """A subdistrict with its communities."""

    name: str
    communities: Sequence[Planned]


def of_all(session: Session) -> Sequence[OfSubdistrict]:
    """All communities that the account works in, by subdistrict."""
    return [OfSubdistrict(each.name, _communities(session, each.id)) for each in overview.subdistricts(session)]


def shell_of(community: Any, module: str) -> Shell:
    """The map of a community, empty.

    Parameters
    ----------
    community : Row
        From `gridmap.services.versions.community`.
    module : str
        Address of the script that draws.
    """
    west, south, east, north = shapely.from_geojson(community.shape).bounds
    return shell((west, south, east, north), module)


def _communities(session: Session, home: int) -> list[Planned]:
    known = versions.of_subdistrict(session, home)
    states: dict[int, Counter[State]] = {}
    for grid in grids.all_of(session, Day(home, grids.today(session))):
        states.setdefault(grid.community, Counter())[grid.state] += 1
    return [
        _planned(each, known.get(each.id, []), states.get(each.id, Counter()))
        for each in overview.communities(session, home)
    ]


def _planned(community: Any, known: Sequence[Version], states: Mapping[State, int]) -> Planned:
    held = next((each for each in known if each.standing == "in_force"), None)
    later = [each for each in known if each.standing == "planned"]
    drafts = [each for each in known if each.standing == "draft" and each.id > (held.id if held else 0)]
    return Planned(community, held, {state: states.get(state, 0) for state in STATES}, later, drafts)
