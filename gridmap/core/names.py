"""The vocabulary: kinds and states under the one name that code, tables, files and pages share."""

from enum import StrEnum


class StreetKind(StrEnum):
    """Class of a street; files that do not say are taken as ``local``."""

    MOTORWAY = "motorway"
    ARTERIAL = "arterial"
    LOCAL = "local"
    LANE = "lane"


class BarrierKind(StrEnum):
    """What people on foot do not cross (all but a wall) or what grids should not cross (a wall)."""

    RAIL = "rail"
    WATER = "water"
    MOTORWAY = "motorway"
    WALL = "wall"


class GridKind(StrEnum):
    """``household`` (基础网格) or ``dedicated`` (专属网格: park, school, market)."""

    HOUSEHOLD = "household"
    DEDICATED = "dedicated"


class Status(StrEnum):
    """State of a grid against its profile."""

    UNDER = "under"
    IN_RANGE = "in_range"
    OVER = "over"
