"""Status of a number of households against a range, and the names of the statuses of a grid."""

from collections.abc import Mapping
from typing import Literal, get_args

from gridmap.core.vocabulary import GridStatus

GridStatusName = Literal["under", "in_range", "over", "dedicated", "no_counts"]
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
        The range.

    Examples
    --------
    >>> [str(household_status(households, 300, 500)) for households in (299, 300, 500, 501)]
    ['under', 'in_range', 'in_range', 'over']
    """
    if households < minimum:
        return GridStatus.UNDER
    return GridStatus.OVER if households > maximum else GridStatus.IN_RANGE
