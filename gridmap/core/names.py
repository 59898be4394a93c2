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


class FaultKind(StrEnum):
    """What can be wrong with grids drawn by hand."""

    GAP = "gap"
    OVERLAP = "overlap"
    SPILL = "spill"
    MULTIPART = "multipart"
    DUPLICATE = "duplicate"
    INVALID = "invalid"
    UNASSIGNED_BUILDING = "unassigned_building"
    BUILDING_CUT = "building_cut"
    COURTYARD_SPLIT = "courtyard_split"
    OVERSIZE = "oversize"
    UNDERSIZE = "undersize"
    EMPTY_GRID = "empty_grid"
    MISSING_CODE = "missing_code"
    FOREIGN_COMMUNITY = "foreign_community"


class Severity(StrEnum):
    """``high``: people are left out or counted twice; ``medium``: a rule is broken; ``low``: a blemish."""

    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"
