"""Status of a grid against the norm, by one rule for partitions, checks and pages."""

from collections.abc import Mapping
from typing import Literal, get_args

from gridmap.core.vocabulary import GridKind, GridStatus

GridStatusName = Literal["under", "in_range", "over", "dedicated"]
GRID_STATUS_NAMES: tuple[GridStatusName, ...] = get_args(GridStatusName)
NAME_OF_STATUS: Mapping[GridStatus, GridStatusName] = {
    GridStatus.UNDER: "under",
    GridStatus.IN_RANGE: "in_range",
    GridStatus.OVER: "over",
}


def household_status(households: int, minimum: int, maximum: int) -> GridStatus:
    """Return the status of a number of households; both limits are in range.

    Parameters
    ----------
    households : int
        Households of a grid.
    minimum, maximum : int
        The norm.

    Examples
    --------
    >>> [str(household_status(households, 300, 500)) for households in (299, 300, 500, 501)]
    ['under', 'in_range', 'in_range', 'over']
    """
    if households < minimum:
        return GridStatus.UNDER
    return GridStatus.OVER if households > maximum else GridStatus.IN_RANGE


def grid_status(kind: GridKind, households: int, minimum: int, maximum: int) -> GridStatusName:
    """Return the status of a grid; the norm does not apply to dedicated grids.

    Parameters
    ----------
    kind : GridKind
    households : int
        Households of the grid.
    minimum, maximum : int
        The norm.

    Examples
    --------
    >>> grid_status(GridKind.HOUSEHOLD, 299, 300, 500), grid_status(GridKind.DEDICATED, 0, 300, 500)
    ('under', 'dedicated')
    """
    if kind == GridKind.DEDICATED:
        return "dedicated"
    return NAME_OF_STATUS[household_status(households, minimum, maximum)]
