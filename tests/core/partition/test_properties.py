"""Properties of land and plans of random towns: all rules hold, and every grid out of range has a reason."""

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gridmap.core.array_types import BoolArray, GeometryArray
from gridmap.core.labels import label_components
from gridmap.core.land.build import LandCoverage, build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.measures import measure_grids
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import find_violations
from tests.fixtures.ascii_towns import random_town, random_towns
from tests.fixtures.partition_oracle import (
    PartitionCase,
    area_above_tolerance,
    find_faults,
    out_of_range_grids,
    without_parted_land,
)

repeatable = settings(derandomize=True, max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
small_towns = st.builds(random_town, st.integers(0, 10_000), st.integers(20, 60))


@repeatable
@given(random_towns())
def test_cells_cover_the_communities_exactly(town: Town) -> None:
    land = build_land(town)
    assert shapely.coverage_is_valid(land.cells)
    assert (shapely.get_type_id(land.cells) == shapely.GeometryType.POLYGON).all()
    for position, community in enumerate(town.communities.geometry):
        covered = shapely.coverage_union_all(land.cells[land.community == position])
        assert area_above_tolerance(covered ^ community) < 1
        assert abs(covered.area - community.area) < 1 + 1e-3 * community.length


@repeatable
@given(small_towns)
def test_a_sliver_is_a_cell_only_where_it_has_no_neighbour_in_its_community(town: Town) -> None:
    land = build_land(town)
    cells_with_buildings = np.r_[land.cell_of_building, land.detached_parts[:, 1]]
    is_sliver = (shapely.area(land.cells) < 100) & ~np.isin(np.arange(len(land.cells)), cells_with_buildings)
    left, right = land.borders.left, land.borders.right
    same_community = land.community[left] == land.community[right]
    assert not same_community[is_sliver[left] != is_sliver[right]].any()


@repeatable
@given(small_towns)
def test_every_building_is_covered_by_its_cells(town: Town) -> None:
    land = build_land(town)
    communities = town.communities.geometry.to_numpy()[town.buildings["community"]]
    inside = _largest_parts(without_parted_land(shapely.intersection(town.buildings.geometry.to_numpy(), communities)))
    covered = shapely.area(shapely.intersection(inside, _dissolved_cells(land)[land.cell_of_building]))
    assert (covered >= 0.995 * shapely.area(inside) - 1).all()


@repeatable
@given(small_towns)
def test_a_plan_keeps_every_rule(town: Town) -> None:
    land = build_land(town)
    plan = partition_town(town, land, PartitionSettings())
    grids = measure_grids(town, land, plan, Profile())
    case = _partition_case(town, land, plan, grids)
    assert find_faults(case) == []
    assert find_violations(town, land, plan, grids.geometry.to_numpy()) == []
    assert out_of_range_grids(case) <= set(grids["grid_code"][grids["reason"].notna()])
    assert sum(grids["households"]) == sum(town.buildings["households"])
    for grid in np.flatnonzero(grids["reason"].isna()):
        assert _is_walkable(town, land, plan.grid_of_cell == grid)


def _largest_parts(shapes: GeometryArray) -> GeometryArray:
    """Return the largest part of each shape: the cell of a building lies in one part of its community."""
    largest = [max(shapely.get_parts(shape), key=shapely.area, default=shapely.Point()) for shape in shapes]
    return np.array(largest, dtype=object)


def _dissolved_cells(land: LandCoverage) -> GeometryArray:
    """Return the shape that each cell is part of; the cells of a building in several parts are one shape."""
    building, cell = land.detached_parts.T
    component = label_components(len(land.cells), land.cell_of_building[building], cell)
    return np.array([shapely.union_all(land.cells[component == number]) for number in component], dtype=object)


def _partition_case(town: Town, land: LandCoverage, plan: GridPlan, grids: gpd.GeoDataFrame) -> PartitionCase:
    """Return the plan as result files hold it; buildings that overlap a divided one are divided with it."""
    grid_codes = grids["grid_code"].to_numpy()[plan.grid_of_cell[land.cell_of_building]]
    assignment = town.buildings[["building_id"]].assign(grid_code=grid_codes)
    noted = {str(value) for note in plan.notes for value in note.values.values()}
    divided = town.buildings[town.buildings["building_id"].isin(noted)].union_all()
    noted |= set(town.buildings["building_id"][town.buildings.intersects(divided)])
    return PartitionCase(
        town.communities, town.buildings.drop(columns="community"), grids, assignment, frozenset(noted)
    )


def _is_walkable(town: Town, land: LandCoverage, selected: BoolArray) -> bool:
    """Return whether every household of some cells can reach every other on foot without leaving the cells."""
    borders = land.borders
    used = borders.walkable & selected[borders.left] & selected[borders.right]
    component = label_components(len(selected), borders.left[used], borders.right[used])
    inhabited = np.bincount(land.cell_of_building, town.buildings["households"], len(selected)) > 0
    return len(np.unique(component[selected & inhabited])) <= 1
