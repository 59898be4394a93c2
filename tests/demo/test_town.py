"""Artificial towns hold to the contract of a town and are as large as asked."""

from functools import cache

import numpy as np
import pytest
import shapely

from gridmap.core.land.town import Town
from gridmap.demo import TownPreset, build_town
from tests.fixtures.ascii_towns import town as drawn

SIZES = (1, 2, 17, 700, 4_800, 30_000)
LAYERS = ("communities", "buildings", "streets", "barriers", "dedicated")


@cache
def cached_town(households: int) -> Town:
    return build_town(households)


@pytest.mark.parametrize("households", SIZES)
def test_a_town_has_exactly_so_many_households(households: int) -> None:
    assert cached_town(households).buildings.households.sum() == households


@pytest.mark.parametrize("households", SIZES)
def test_communities_match_vertex_for_vertex(households: int) -> None:
    areas = cached_town(households).communities.geometry.values
    assert areas.is_valid.all()
    assert shapely.coverage_is_valid(areas)


@pytest.mark.parametrize("households", SIZES)
def test_every_building_stands_in_its_community(households: int) -> None:
    town = cached_town(households)
    homes = town.communities.geometry.values[town.buildings.community]
    assert town.buildings.geometry.values.within(homes).all()


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_have_the_columns_of_any_town(layer: str) -> None:
    assert getattr(cached_town(4_800), layer).dtypes.to_dict() == getattr(drawn("A"), layer).dtypes.to_dict()


@pytest.mark.parametrize("layer", LAYERS)
def test_the_same_seed_builds_the_same_town(layer: str) -> None:
    assert getattr(build_town(4_800), layer).equals(getattr(cached_town(4_800), layer))


def test_another_seed_builds_another_town() -> None:
    assert not build_town(4_800, seed=1).buildings.equals(cached_town(4_800).buildings)


def test_identifiers_and_codes_are_unique() -> None:
    town = cached_town(30_000)
    assert town.buildings.building_id.is_unique
    assert town.communities.code.is_unique
    assert town.communities.code.str.fullmatch(r"440199\d{6}").all()


def test_communities_have_the_usual_size() -> None:
    sizes = cached_town(30_000).buildings.groupby("community").households.sum()
    assert len(sizes) == len(cached_town(30_000).communities)
    assert 3_000 <= sizes.median() <= 6_000


def test_a_large_town_has_one_exclave() -> None:
    areas = cached_town(30_000).communities.geometry.values
    assert np.sort(shapely.get_num_geometries(areas)).tolist()[-2:] == [1, 2]
    assert (shapely.get_num_interior_rings(shapely.get_parts(areas)) == 1).sum() == 1


def test_a_large_town_has_everything() -> None:
    town = cached_town(30_000)
    assert set(town.streets.kind) == {"arterial", "local", "lane"}
    assert set(town.barriers.kind) == {"water", "rail", "wall"}
    assert set(town.buildings.use) == {"residential", "shop", "park", "school", "market", "hospital"}


def test_towers_slabs_and_lane_houses_differ_in_size() -> None:
    sizes = cached_town(30_000).buildings.query("households > 0").households
    assert sizes.min() == 1
    assert 100 < sizes.max() <= 33 * 4 * 4


def test_buildings_never_overlap() -> None:
    shapes = cached_town(30_000).buildings.geometry.values
    left, right = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    assert shared.max(initial=0) < 0.1


def test_some_houses_touch() -> None:
    shapes = cached_town(4_800).buildings.geometry.values
    assert len(shapely.STRtree(shapes).query(shapes, predicate="touches")[0])


def test_courtyards_hold_fewer_than_a_grid_may() -> None:
    yards = cached_town(30_000).buildings.dropna(subset="courtyard")
    assert yards.estate.notna().all()
    assert yards.groupby("courtyard").households.sum().quantile(0.9) < 500


def test_no_building_stands_in_the_river_or_across_a_wall() -> None:
    town = cached_town(30_000)
    assert not town.barriers.union_all().intersects(town.buildings.geometry).any()


def test_streets_leave_the_town_and_cross_the_river() -> None:
    town = cached_town(30_000)
    river = town.barriers.geometry[town.barriers.kind == "water"].union_all()
    assert town.streets.crosses(town.communities.union_all().boundary).any()
    assert set(town.streets.kind[town.streets.intersects(river)]) == {"arterial", "local"}


def test_dedicated_land_lies_apart() -> None:
    shapes = cached_town(30_000).dedicated.geometry.values
    assert shapely.union_all(shapes).area == pytest.approx(shapes.area.sum())


def test_a_recipe_changes_the_town() -> None:
    towers = build_town(3_000, preset=TownPreset(slabs=0, yards=0, lanes=0, mixed=0, public=0, hamlets=0))
    assert towers.buildings.households[towers.buildings.use == "residential"].median() > 100


def test_a_town_without_households_is_refused() -> None:
    with pytest.raises(ValueError, match="needs a household"):
        build_town(0)


def test_no_more_households_than_dwellings() -> None:
    homes = cached_town(30_000).buildings.query("households > 0 and estate.notna()", engine="python")
    width = homes.geometry.minimum_rotated_rectangle().length / 2
    stairs = np.round((width - 12) / 14).clip(lower=2)
    assert (homes.households <= homes.levels * 4 * stairs).all()
    assert homes.levels.between(4, 33).all()


def test_slabs_face_south_and_leave_each_other_the_winter_sun() -> None:
    slabs = cached_town(30_000).buildings.query("levels == 6 and courtyard.isna() and estate.notna()", engine="python")
    box = slabs.bounds
    assert ((box.maxx - box.minx) > (box.maxy - box.miny)).mean() > 0.97
    shapes = slabs.geometry.values
    near = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=40)
    north = (box.miny.to_numpy()[near[1]] - box.maxy.to_numpy()[near[0]]) > 4
    apart = shapely.distance(shapes[near[0][north]], shapes[near[1][north]])
    assert np.median(apart) > 6 * 2.9


def test_every_building_has_an_address_of_its_own() -> None:
    addresses = cached_town(30_000).buildings.address
    assert addresses.notna().all()
    assert addresses.is_unique


def test_a_lane_house_is_found_by_its_lane() -> None:
    town = cached_town(4_800)
    lanes = set(town.streets.name[town.streets.kind == "lane"].dropna())
    streets = town.buildings.address[town.buildings.estate.isna()].str.replace(r"^\d+ ", "", regex=True)
    assert streets.isin(set(town.streets.name)).all()
    assert len(lanes & set(streets)) > 3


def test_the_river_is_nowhere_as_wide_as_elsewhere() -> None:
    river = cached_town(30_000).barriers.query("kind == 'water'").geometry.iloc[0]
    mean = 2 * river.area / river.length
    assert 2 * shapely.maximum_inscribed_circle(river).length > 1.15 * mean


def test_a_walled_estate_has_one_gate() -> None:
    only = build_town(700, preset=TownPreset(slabs=1, yards=0, towers=0, lanes=0, mixed=0, public=0))
    walls = shapely.line_merge(shapely.union_all(only.barriers.geometry.values))
    assert shapely.get_num_geometries(walls) == 1
    start, end = shapely.get_point(walls, 0), shapely.get_point(walls, -1)
    assert 5 < start.distance(end) < 9
