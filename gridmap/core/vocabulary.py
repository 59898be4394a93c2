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


class GridStatus(StrEnum):
    """State of a grid against its profile."""

    UNDER = "under"
    IN_RANGE = "in_range"
    OVER = "over"


class HouseholdKind(StrEnum):
    """What 户 means: ``resident`` 常住户 lives here, ``registered`` 户籍户 on paper, ``dwelling`` 房屋套数."""

    RESIDENT = "resident"
    REGISTERED = "registered"
    DWELLING = "dwelling"


class Role(StrEnum):
    """What a person does here; ``station`` 社区网格工作站 takes in and dispatches."""

    PLANNER = "planner"
    WORKER = "worker"
    LEADER = "leader"
    STATION = "station"
    ADMIN = "admin"


class DutyKind(StrEnum):
    """``own_grid`` (B岗): answers for a grid; ``field`` (A岗): a line of work throughout the community."""

    OWN_GRID = "own_grid"
    FIELD = "field"


class Tenure(StrEnum):
    """How rooms are held; offices are rarely owned (R40)."""

    OWNED = "owned"
    RENTED = "rented"
    LENT = "lent"
    UNKNOWN = "unknown"


class IncidentStatus(StrEnum):
    """``open`` until its case is ``closed``."""

    OPEN = "open"
    CLOSED = "closed"


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


BLOCKING_BORDER_KINDS = (BorderKind.MOTORWAY, BorderKind.RAIL, BorderKind.WATER)
"""Borders that people on foot cross only where a street does."""


class FindingKind(StrEnum):
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
