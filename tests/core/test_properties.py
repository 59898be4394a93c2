"""Whatever the town, the rules of the land hold and every grid out of range says why."""

import geopandas as gpd
import numpy as np
import shapely
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gridmap.core.arrays import Flags, Ints, Shapes
from gridmap.core.land import Land, build_land
from gridmap.core.measures import measure
from gridmap.core.partition.divide import Settings, divide
from gridmap.core.partition.profile import Profile
from gridmap.core.plan import Plan
from gridmap.core.rules import breaches
from gridmap.core.town import Town
from tests.judge import Case, faults, out_of_range, thick
from tests.towns import random_town, random_towns

fifty = settings(derandomize=True, max_examples=50, deadline=None, suppress_health_check=[HealthCheck.too_slow])
small_towns = st.builds(random_town, st.integers(0, 10_000), st.integers(20, 60))


@fifty
@given(random_towns())
def test_cells_cover_the_communities_exactly(town: Town) -> None:
    land = build_land(town)
    assert shapely.coverage_is_valid(land.cells)
    assert (shapely.get_type_id(land.cells) == shapely.GeometryType.POLYGON).all()
    for position, community in enumerate(town.communities.geometry):
        covered = shapely.coverage_union_all(land.cells[land.community == position])
        assert thick(covered ^ community) < 1
        assert abs(covered.area - community.area) < 1 + 1e-3 * community.length


@fifty
@given(small_towns)
def test_a_sliver_is_left_only_where_its_community_has_nothing_beside_it(town: Town) -> None:
    land = build_land(town)
    built = np.r_[land.building_cell, land.pieces[:, 1]]
    sliver = (shapely.area(land.cells) < 100) & ~np.isin(np.arange(len(land.cells)), built)
    left, right = land.borders.left, land.borders.right
    assert not (land.community[left] == land.community[right])[sliver[left] != sliver[right]].any()


@fifty
@given(small_towns)
def test_every_building_is_covered_by_its_cells(town: Town) -> None:
    land = build_land(town)
    homes = town.communities.geometry.to_numpy()[town.buildings["community"]]
    inside = _largest(shapely.intersection(town.buildings.geometry.to_numpy(), homes))
    on = shapely.area(shapely.intersection(inside, _grounds(land)[land.building_cell]))
    assert (on >= 0.995 * shapely.area(inside) - 1).all()


@fifty
@given(small_towns)
def test_a_plan_keeps_every_rule(town: Town) -> None:
    land = build_land(town)
    plan = divide(town, land, Settings())
    grids = measure(town, land, plan, Profile())
    case = _case(town, land, plan, grids)
    assert faults(case) == []
    assert breaches(town, land, plan, grids.geometry.to_numpy()) == []
    assert out_of_range(case) <= set(grids["grid_code"][grids["reason"].notna()])
    assert sum(grids["households"]) == sum(town.buildings["households"])
    for grid in np.flatnonzero(grids["reason"].isna()):
        assert _reached_on_foot(town, land, plan.of_cell == grid)


def _largest(shapes: Shapes) -> Shapes:
    """The largest part of each shape: the cell of a building lies in one part of its community."""
    largest = [max(shapely.get_parts(shape), key=shapely.area, default=shapely.Point()) for shape in shapes]
    return np.array(largest, dtype=object)


def _grounds(land: Land) -> Shapes:
    """What each cell is part of: the cells of buildings in pieces lie together."""
    ground = _connected(len(land.cells), land.building_cell[land.pieces[:, 0]], land.pieces[:, 1])
    return np.array([shapely.union_all(land.cells[ground == number]) for number in ground], dtype=object)


def _connected(size: int, one: Ints, two: Ints) -> Ints:
    links = coo_array((np.ones(len(one)), (one, two)), shape=(size, size))
    return np.asarray(connected_components(links, directed=False)[1])


def _case(town: Town, land: Land, plan: Plan, grids: gpd.GeoDataFrame) -> Case:
    """What the files would say; buildings upon a divided one are divided with it."""
    of_building = grids["grid_code"].to_numpy()[plan.of_cell[land.building_cell]]
    assignment = town.buildings[["building_id"]].assign(grid_code=of_building)
    noted = {str(value) for note in plan.notes for value in note.values.values()}
    ground = town.buildings[town.buildings["building_id"].isin(noted)].union_all()
    noted |= set(town.buildings["building_id"][town.buildings.intersects(ground)])
    return Case(town.communities, town.buildings.drop(columns="community"), grids, assignment, frozenset(noted))


def _reached_on_foot(town: Town, land: Land, within: Flags) -> bool:
    """Whether people get from every household of some cells to every other without leaving them."""
    borders = land.borders
    used = borders.walkable & within[borders.left] & within[borders.right]
    piece = _connected(len(within), borders.left[used], borders.right[used])
    peopled = np.bincount(land.building_cell, town.buildings["households"], len(within)) > 0
    return len(np.unique(piece[within & peopled])) <= 1
