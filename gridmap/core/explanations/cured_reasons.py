"""Reasons of exceptions together with their cures, as one message that pages take apart again.

A plan keeps one reason for each grid. A cure is put around it as a further message, so that plans, files and revisions
need no place of their own for cures, and every list of exceptions names them.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from gridmap.core.errors import N_, Message
from gridmap.core.explanations.cure_ground import CureGround
from gridmap.core.explanations.cures import CureSearch
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.plan import GridPlan
from gridmap.core.progress import Progress, ignore_progress
from gridmap.core.vocabulary import SearchEffort

CURED = N_("{reason}; would help: {cure}")
SEARCHING = Message(N_("Looking for what would bring grids into the range"))


@dataclass(frozen=True)
class GridException:
    """Exception of a grid, taken apart.

    Parameters
    ----------
    code : str
        Code of the grid.
    reason : Message
        Proof or reason in words.
    cures : sequence of Message
        What would bring the grid into the range, the smallest change first.
    """

    code: str
    reason: Message
    cures: Sequence[Message] = ()


class PlanCures:
    """Cures of several plans of one town: an exception that plans share is looked at once.

    Parameters
    ----------
    town, land : Town, LandCoverage
    settings : PartitionSettings
        Those that the plans were made with.
    """

    def __init__(self, town: Town, land: LandCoverage, settings: PartitionSettings) -> None:
        self.town, self.land, self.settings = town, land, settings

    @cached_property
    def ground(self) -> CureGround:
        """Atoms and borders of the town, built for the first plan with an exception."""
        return CureGround(self.town, self.land, self.settings)

    def add(self, plan: GridPlan, progress: Progress = ignore_progress) -> GridPlan:
        """Return a plan whose certified exceptions name their cures in the reason."""
        if not plan.certificates or self.settings.effort is SearchEffort.FAST:
            return plan
        progress(SEARCHING, 0, 1)
        reasons = list(plan.reason)
        for grid, cures in CureSearch(self.ground, plan).find_all().items():
            for cure in cures:
                reasons[grid] = _with_cure(reasons[grid], cure.text)
        progress(SEARCHING, 1, 1)
        return replace(plan, reason=tuple(reasons))


def add_cures(
    town: Town,
    land: LandCoverage,
    plan: GridPlan,
    settings: PartitionSettings,
    progress: Progress = ignore_progress,
) -> GridPlan:
    """Return a plan whose certified exceptions name their cures in the reason.

    Parameters
    ----------
    town, land, plan : Town, LandCoverage, GridPlan
    settings : PartitionSettings
        Those that the plan was made with.
    progress : Progress
        Called before and after, where there is anything to look for.

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.core.partition.partition import partition_town
    >>> from gridmap.demo.town import build_town
    >>> town, settings = build_town(1_500), PartitionSettings()
    >>> land = build_land(town)
    >>> plan = partition_town(town, land, settings)
    >>> add_cures(town, land, plan, settings) is plan
    True
    """
    return PlanCures(town, land, settings).add(plan, progress)


def _with_cure(reason: Message | None, cure: Message) -> Message | None:
    return None if reason is None else Message(CURED, {"reason": reason, "cure": cure})


def split_reason(code: str, reason: Message) -> GridException:
    """Return the reason of a grid apart from its cures.

    Examples
    --------
    >>> cured = _with_cure(_with_cure(Message("too few"), Message("divide a tower")), Message("cross the river"))
    >>> found = split_reason("A-001", cured)
    >>> str(found.reason), [str(cure) for cure in found.cures]
    ('too few', ['divide a tower', 'cross the river'])
    """
    cures: list[Message] = []
    while reason.template == CURED:
        inner, cure = reason.values["reason"], reason.values["cure"]
        if not isinstance(inner, Message) or not isinstance(cure, Message):
            break
        reason, cures = inner, [cure, *cures]
    return GridException(code, reason, cures)
