"""Search for plans of a town from the grids of today."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial

import geopandas as gpd
import numpy as np

from gridmap.core.array_types import FloatArray, IntArray
from gridmap.core.errors import N_, Message
from gridmap.core.groups.building_groups import list_groups
from gridmap.core.land.build import LandCoverage
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.partition.radius import count_far_homes
from gridmap.core.partition.search import GraphPlan, plan_oversize
from gridmap.core.plans.inherited_codes import fill_missing_codes, inherit_codes
from gridmap.core.plans.plan import GridPlan
from gridmap.core.progress import Progress, ignore_progress
from gridmap.core.repartition.combined_plan import ComponentPlan, combine_plans
from gridmap.core.repartition.figures import PlanFigures
from gridmap.core.repartition.limited_moves import UnlimitedPlan, limit_moves
from gridmap.core.repartition.narrow import narrow_plan
from gridmap.core.repartition.present_graph import count_new_cuts, count_out_of_range
from gridmap.core.repartition.present_plan import (
    PresentComponent,
    PresentPlan,
    build_present_atoms,
    build_present_community,
    group_atoms,
)
from gridmap.core.repartition.search import SearchSettings, repartition_graph
from gridmap.core.repartition.tradeoffs import find_tradeoffs
from gridmap.core.vocabulary import GridKind

MIN_CELL_WEIGHT = 1e-3
"""Weight of a cell without households when codes are inherited, so that land alone decides for empty grids."""
STEP = Message(N_("Looking for grids near those of today"))


@dataclass(frozen=True, eq=False)
class Repartition:
    """A plan made from the grids of today.

    Parameters
    ----------
    plan : GridPlan
    codes : sequence of str, one per grid
        Codes of today where most of a grid stays; new ones for the others.
    figures : PlanFigures
        Of the town.
    far_homes : int
        Inhabited buildings beyond the radius of the profile, in household grids that are not locked.
    """

    plan: GridPlan
    codes: Sequence[str]
    figures: PlanFigures
    far_homes: int = 0


class TownSearch:
    """Search for plans of a town; atoms and components are built once for several searches.

    Parameters
    ----------
    town, land, present : Town, LandCoverage, PresentPlan
    settings : PartitionSettings
    resident_groups : GeoDataFrame, optional
        Polygons of resident groups, in metres, that should stay whole.
    """

    def __init__(
        self,
        town: Town,
        land: LandCoverage,
        present: PresentPlan,
        settings: PartitionSettings,
        resident_groups: gpd.GeoDataFrame | None = None,
    ) -> None:
        self.town, self.land, self.present, self.settings = town, land, present, settings
        self.atoms = build_present_atoms(town, land, present, settings.profile, settings.weights)
        self.groups = list_groups(town, resident_groups)
        groups = [group_atoms(town, land, self.atoms, group) for group in self.groups]
        self.communities = [
            build_present_community(self.atoms, land, present, groups, members, settings.profile)
            for members in (np.flatnonzero(self.atoms.community == number) for number in range(len(town.communities)))
        ]

    def find(
        self, settings: SearchSettings, max_moved: int | None = None, progress: Progress = ignore_progress
    ) -> Repartition:
        """Return a plan.

        Parameters
        ----------
        settings : SearchSettings
        max_moved : int, optional
            Households that may get another grid, in the whole town.
        progress : Progress
            Called after each component.
        """
        return self.find_all(settings, (), max_moved, progress)[0]

    def find_all(
        self,
        settings: SearchSettings,
        prices: Sequence[float],
        max_moved: int | None = None,
        progress: Progress = ignore_progress,
    ) -> list[Repartition]:
        """Return the plan of `find`, and one for each price of border; all of them share one search.

        Parameters
        ----------
        settings : SearchSettings
        prices : sequence of float
            Households that a metre of border is worth in the further plans.
        max_moved : int, optional
            Households that may get another grid, in the whole town, in each plan.
        progress : Progress
            Called after each component.
        """
        components = [each for community in self.communities for each in community.components]
        found = self._search(components, settings, prices, progress)
        every = [settings, *(settings.at_price(price) for price in prices)]
        return [
            self._combine(components, [plans[number] for plans in found], own, max_moved)
            for number, own in enumerate(every)
        ]

    def _combine(
        self,
        components: Sequence[PresentComponent],
        found: Sequence[GraphPlan],
        settings: SearchSettings,
        max_moved: int | None,
    ) -> Repartition:
        """Return the plan of the town from those of its components."""
        plans = [ComponentPlan(*each) for each in zip(components, found, strict=True)]
        if max_moved is not None:
            plans = _limit_plans(plans, settings, max_moved)
        rest = iter(plans)
        by_community = [(each, [next(rest) for _ in each.components]) for each in self.communities]
        plan = combine_plans(self.atoms, self.present, by_community, self.settings.profile)
        codes = self.inherit_codes(plan)
        figures = self.measure(plan.grid_of_cell, codes, plan.kind)
        return Repartition(plan, codes, figures, sum(map(_count_far_homes, plans)))

    def _search(
        self,
        components: Sequence[PresentComponent],
        settings: SearchSettings,
        prices: Sequence[float],
        progress: Progress,
    ) -> list[list[GraphPlan]]:
        """Search the components in threads: the kernels release the GIL. Return the plans of each."""
        threads, plans = ThreadPoolExecutor(max(self.settings.jobs, 1)), []
        progress(STEP, 0, len(components))
        try:
            for found in threads.map(partial(_search_component, settings, prices), components):
                plans.append(found)
                progress(STEP, len(plans), len(components))
        finally:
            threads.shutdown(wait=False, cancel_futures=True)
        return plans

    def inherit_codes(self, plan: GridPlan) -> Sequence[str]:
        """Return the codes of grids: of the grid of today that each shares most with, else codes of their own."""
        present, loads = self.present, self.town.loads
        weight: FloatArray = np.full(len(self.land.cells), MIN_CELL_WEIGHT)
        np.add.at(weight, self.land.cell_of_building, loads)
        inherited = inherit_codes(present.grid_of_cell, plan.grid_of_cell, weight, present.codes)
        codes = np.empty(len(plan), dtype=object)
        for number, community_code in enumerate(self.town.communities["code"]):
            own = np.flatnonzero(plan.community == number)
            codes[own] = fill_missing_codes(community_code, [inherited[grid] for grid in own], present.codes)
        return list(codes)

    def measure(self, grid_of_cell: IntArray, codes: Sequence[str], kinds: Sequence[GridKind]) -> PlanFigures:
        """Return the figures of grids, compared with those of today; the range is for household grids.

        Where the town has another load than households, the figures count it.
        """
        present, cell, households = self.present, self.land.cell_of_building, self.town.loads
        before, after = present.grid_of_cell[cell], grid_of_cell[cell]
        is_moved = np.array(present.codes, dtype=object)[before] != np.array(codes, dtype=object)[after]
        totals = np.bincount(after, households, len(codes)).astype(np.int64)
        is_counted = np.array([kind is GridKind.HOUSEHOLD for kind in kinds], dtype=np.bool_)
        return PlanFigures(
            int(count_out_of_range(totals[is_counted], self.settings.profile).sum()),
            sum(count_new_cuts(group, households, before, after) for group in self.groups),
            int(households[is_moved].sum()),
            self._border_cost(grid_of_cell),
        )

    def _border_cost(self, grid_of_cell: IntArray) -> float:
        """Return the cost of the borders within communities, in metres between buildings."""
        borders, community = self.land.borders, self.land.community
        cut = grid_of_cell[borders.left] != grid_of_cell[borders.right]
        cut &= community[borders.left] == community[borders.right]
        return float(self.settings.weights.border_cost(borders.length[cut]).sum())


def _search_component(
    settings: SearchSettings, prices: Sequence[float], component: PresentComponent
) -> list[GraphPlan]:
    """Return the plan of a component that moves the fewest households, and one for each price of border."""
    if component.is_oversize:
        return [plan_oversize(component.present.graph)] * (1 + len(prices))
    present = component.present
    found = repartition_graph(present, settings)
    plans = [found, *find_tradeoffs(present, found, settings, prices)]
    every = [settings, *(settings.at_price(price) for price in prices)]
    return [narrow_plan(present, component.limit, *each) for each in zip(plans, every, strict=True)]


def _count_far_homes(plan: ComponentPlan) -> int:
    limit = plan.component.limit
    return 0 if limit is None else int(count_far_homes(limit, plan.plan.grid).sum())


def _limit_plans(plans: Sequence[ComponentPlan], settings: SearchSettings, max_moved: int) -> list[ComponentPlan]:
    """Return plans that together move at most a number of households; today's grids where no more may change."""
    chosen = [number for number, each in enumerate(plans) if not each.component.is_oversize]
    unlimited = [
        UnlimitedPlan(each.component.present, each.plan.grid, each.component.limit)
        for each in (plans[number] for number in chosen)
    ]
    found = limit_moves(unlimited, settings, max_moved)
    limited = list(plans)
    for number, grid in zip(chosen, found, strict=True):
        if not np.array_equal(grid, plans[number].plan.grid):
            limited[number] = ComponentPlan(plans[number].component, GraphPlan(grid, {}), max_moved)
    return limited
