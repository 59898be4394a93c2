"""The norm 户数标准: range, target and kind of households of a grid; and the status of a grid against it."""

from dataclasses import dataclass
from typing import NamedTuple

from gridmap.core.errors import N_, InputFault, InvalidInput, Message
from gridmap.core.plans.grid_status import NAME_OF_STATUS, GridStatusName, household_status
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridKind, GridStatus, HouseholdKind

RADIUS_TOO_LARGE = N_("the radius is wider than any community")
MAX_RADIUS_M = 100_000
"""Largest accepted radius, metres: wider than any community."""
MAX_GRID_PERSONS = 100_000
"""Largest accepted maximum of persons: five for each household of the largest grid."""
MIN_DEDICATED_SHARE = 0.9
"""Minimum share of the intersection in the union of a grid and dedicated land, for a dedicated grid."""


class PersonRange(NamedTuple):
    """Range of the persons of a grid: 1000–1500人."""

    minimum: int
    maximum: int


class GridLoad(NamedTuple):
    """Households and persons of a grid, as the norm counts them.

    Parameters
    ----------
    households : int or None
        Of the kind that the norm counts; None where nobody counted this kind.
    persons : int or None, default None
        None where they are not counted or not disclosed.
    """

    households: int | None
    persons: int | None = None


@dataclass(frozen=True)
class Norm:
    """Norm for the grids of a subdistrict or community.

    Parameters
    ----------
    minimum, maximum : int
        Limits of the households of a grid, both in range. Cities prescribe 300 and 500 (原则上以300至500户为标准).
    target : int
        Households to aim at; 0 for the middle of the range.
    household_kind : HouseholdKind
        Kind of household that is counted: those who live there, unless the norm says another one.
    persons : PersonRange or None
        Second range (300–500户或1000–1500人); a grid within either of them is in range.
    max_radius_m : int
        Largest distance from the centre of a grid to its farthest inhabited building, metres (不超过1公里的服务半径);
        0 for none. The status of a grid does not depend on it: a grid that is too wide has that as its reason.

    Raises
    ------
    InvalidInput
        If the numbers are not positive and in order, or the radius is no length.

    Examples
    --------
    >>> Norm().target, Norm(200, 320, persons=PersonRange(600, 900)).persons
    (400, PersonRange(minimum=600, maximum=900))
    """

    minimum: int = 300
    maximum: int = 500
    target: int = 0
    household_kind: HouseholdKind = HouseholdKind.RESIDENT
    persons: PersonRange | None = None
    max_radius_m: int = 0

    def __post_init__(self) -> None:
        object.__setattr__(self, "target", self.profile.target)
        if self.persons and not 1 <= self.persons.minimum <= self.persons.maximum <= MAX_GRID_PERSONS:
            raise InvalidInput([_persons_fault(self.persons)])
        if self.max_radius_m > MAX_RADIUS_M:
            expected = Message(N_("at most {largest} m"), {"largest": MAX_RADIUS_M})
            raise InvalidInput([InputFault(Message(RADIUS_TOO_LARGE), value=str(self.max_radius_m), expected=expected)])

    @property
    def profile(self) -> Profile:
        """Profile of a partition into grids of the norm."""
        return Profile(self.minimum, self.maximum, self.target, self.max_radius_m)


DEFAULT_NORM = Norm()
"""Norm of a place without an entered one: 300 to 500 households living there (凉高山街 and many others)."""


def judge_grid(kind: GridKind, load: GridLoad, norm: Norm) -> GridStatusName:
    """Return the status of a grid against the norm: the one rule for all pages, exports and answers.

    A grid within the range of households or of persons is in range. Otherwise households decide, because the norm names
    them first; persons decide where households of the norm's kind are not counted.

    Parameters
    ----------
    kind : GridKind
        The norm does not apply to dedicated grids.
    load : GridLoad
    norm : Norm
        Of the day.

    Returns
    -------
    {"under", "in_range", "over", "dedicated", "no_counts"}
        ``no_counts`` where nothing that the norm counts is known: another kind never takes its place.

    Examples
    --------
    >>> [judge_grid(GridKind.HOUSEHOLD, GridLoad(households), Norm()) for households in (299, 300, 500, 501, None)]
    ['under', 'in_range', 'in_range', 'over', 'no_counts']
    >>> judge_grid(GridKind.HOUSEHOLD, GridLoad(520, 1400), Norm(persons=PersonRange(1000, 1500)))
    'in_range'
    """
    if kind == GridKind.DEDICATED:
        return "dedicated"
    by_households = _range_status(load.households, norm.minimum, norm.maximum)
    by_persons = _range_status(load.persons, *norm.persons) if norm.persons else None
    if GridStatus.IN_RANGE in (by_households, by_persons):
        return "in_range"
    decisive = by_households or by_persons
    return NAME_OF_STATUS[decisive] if decisive else "no_counts"


def _range_status(number: int | None, minimum: int, maximum: int) -> GridStatus | None:
    return None if number is None else household_status(number, minimum, maximum)


def _persons_fault(persons: PersonRange) -> InputFault:
    return InputFault(
        Message(N_("minimum and maximum of persons are not in ascending order")),
        value=f"{persons.minimum}, {persons.maximum}",
        expected=Message(N_("1 <= minimum <= maximum <= {largest}"), {"largest": MAX_GRID_PERSONS}),
    )
