"""Levels of scopes: how far the scope of each role may reach."""

from collections.abc import Mapping
from enum import StrEnum

from gridmap.core.vocabulary import Role


class ScopeLevel(StrEnum):
    """Level of a scope: a whole ``subdistrict``, one ``community`` or one ``grid``."""

    SUBDISTRICT = "subdistrict"
    COMMUNITY = "community"
    GRID = "grid"


SCOPE_LEVELS: Mapping[Role, tuple[ScopeLevel, ...]] = {
    Role.PLANNER: (ScopeLevel.SUBDISTRICT, ScopeLevel.COMMUNITY),
    Role.LEADER: (ScopeLevel.SUBDISTRICT, ScopeLevel.COMMUNITY),
    Role.STATION: (ScopeLevel.SUBDISTRICT, ScopeLevel.COMMUNITY),
    Role.ADMIN: (ScopeLevel.SUBDISTRICT, ScopeLevel.COMMUNITY),
    Role.WORKER: (ScopeLevel.SUBDISTRICT, ScopeLevel.COMMUNITY, ScopeLevel.GRID),
}
"""Levels that each role can honour. Plans, stations and accounts belong to whole communities, so only workers have
scopes of one grid. A worker's wider scope limits how far the roster counts."""

APPROVAL_GRANT_ROLES = (Role.PLANNER,)
"""Roles that may be given the right to approve plans; leaders always have it, and the others never."""

LINE_ROLES = (Role.LEADER,)
"""Roles that may be given service lines. Workers and stations see every incident of their scopes as it is, planners
need none, and administrators see no incident."""


def scope_level(community: object | None, grid: object | None) -> ScopeLevel:
    """Return the level of a scope by the places it names.

    >>> scope_level("510304001", None).value
    'community'
    """
    if grid is not None:
        return ScopeLevel.GRID
    return ScopeLevel.SUBDISTRICT if community is None else ScopeLevel.COMMUNITY


def is_level_allowed(role: Role, level: ScopeLevel) -> bool:
    """Return whether a role can honour a scope of a level.

    >>> is_level_allowed(Role.STATION, ScopeLevel.GRID)
    False
    """
    return level in SCOPE_LEVELS[role]
