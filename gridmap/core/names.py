"""The vocabulary: kinds and states under the one name that code, tables, files and pages share."""

from enum import IntEnum, StrEnum


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


class BorderKind(IntEnum):
    """What lies on the border of two cells, the strongest line first; a border on several lines is of the strongest."""

    MOTORWAY = 0
    RAIL = 1
    WATER = 2
    ARTERIAL = 3
    LOCAL = 4
    WALL = 5
    LANE = 6
    OPEN = 7
    """No line: the border runs between buildings."""


BLOCKED = (BorderKind.MOTORWAY, BorderKind.RAIL, BorderKind.WATER)
"""Borders that people on foot cross only where a street does."""
