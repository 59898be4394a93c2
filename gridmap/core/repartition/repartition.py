"""Repartition of a town: each community from its grids of today, with as few households as possible in other grids."""

from dataclasses import dataclass, field

from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.progress import Progress, ignore_progress
from gridmap.core.repartition.figures import RepartitionWeights
from gridmap.core.repartition.present_plan import PresentPlan
from gridmap.core.repartition.search import SearchSettings
from gridmap.core.repartition.town_search import Repartition, TownSearch


@dataclass(frozen=True)
class RepartitionSettings:
    """Settings of a repartition.

    Parameters
    ----------
    partition : PartitionSettings
        Profile, costs of borders, seed, jobs and effort.
    weights : RepartitionWeights
        Weights of what changes.
    max_moved : int or None
        Households that may get another grid, in the whole town; None for as many as the range needs.
    """

    partition: PartitionSettings = field(default_factory=PartitionSettings)
    weights: RepartitionWeights = field(default_factory=RepartitionWeights)
    max_moved: int | None = None

    def search(self) -> SearchSettings:
        """Return the settings of the search in one component."""
        own = self.partition
        return SearchSettings(own.profile, self.weights, own.seed, own.effort)


def repartition_town(
    town: Town,
    land: LandCoverage,
    present: PresentPlan,
    settings: RepartitionSettings,
    progress: Progress = ignore_progress,
) -> Repartition:
    """Bring the grids of today into the range with as few households as possible in another grid.

    The range comes first; then estates, courtyards and resident groups that grids newly cut; then households that get
    another grid, and with it another worker; then borders. Where every grid is in range, nothing changes.

    Parameters
    ----------
    town : Town
        Buildings with households.
    land : LandCoverage
        Its cells.
    present : PresentPlan
        The grids of today, contiguous; `gridmap.core.coverage.repair.repair_grids` makes them of any drawing.
    settings : RepartitionSettings
    progress : Progress
        Called after each component.

    Returns
    -------
    Repartition

    Examples
    --------
    >>> from gridmap.core.land.build import build_land
    >>> from gridmap.core.partition.partition import partition_town
    >>> from gridmap.demo.town import build_town
    >>> town = build_town(1_500)
    >>> land = build_land(town)
    >>> plan = partition_town(town, land, PartitionSettings())
    >>> today = PresentPlan(plan.grid_of_cell, ["A", "B", "C", "D"], plan.kind)
    >>> repartition_town(town, land, today, RepartitionSettings()).figures.moved
    0
    """
    search = TownSearch(town, land, present, settings.partition)
    return search.find(settings.search(), settings.max_moved, progress)
