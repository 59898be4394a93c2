"""Artificial towns: number of households, layers, and properties of their parts."""

from functools import cache

import numpy as np
import pytest
import shapely

from gridmap.core.land.town import Town
from gridmap.demo import TownPreset, build_town
from tests.fixtures.ascii_towns import town as ascii_town

SIZES = (1, 2, 17, 700, 4_800, 30_000)
LAYERS = ("communities", "buildings", "streets", "barriers", "dedicated")


@cache
def cached_town(households: int) -> Town:
    return build_town(households)


@pytest.mark.parametrize("households", SIZES)
def test_a_town_has_exactly_the_requested_households(households: int) -> None:
    assert cached_town(households).buildings.households.sum() == households


@pytest.mark.parametrize("households", SIZES)
def test_communities_match_vertex_for_vertex(households: int) -> None:
    areas = cached_town(households).communities.geometry.values
    assert areas.is_valid.all()
    assert shapely.coverage_is_valid(areas)


@pytest.mark.parametrize("households", SIZES)
def test_every_building_lies_in_its_community(households: int) -> None:
    town = cached_town(households)
    communities = town.communities.geometry.values[town.buildings.community]
    assert town.buildings.geometry.values.within(communities).all()


@pytest.mark.parametrize("layer", LAYERS)
def test_layers_have_the_columns_of_any_town(layer: str) -> None:
    assert getattr(cached_town(4_800), layer).dtypes.to_dict() == getattr(ascii_town("A"), layer).dtypes.to_dict()


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


def test_a_large_town_has_all_kinds_of_streets_barriers_and_buildings() -> None:
    town = cached_town(30_000)
    assert set(town.streets.kind) == {"arterial", "local", "lane"}
    assert set(town.barriers.kind) == {"water", "rail", "wall"}
    assert set(town.buildings.use) == {"residential", "shop", "park", "school", "market", "hospital"}


def test_towers_slabs_and_lane_houses_differ_in_size() -> None:
    sizes = cached_town(30_000).buildings.query("households > 0").households
    assert sizes.min() == 1
    assert 100 < sizes.max() <= 33 * 4 * 4


def test_buildings_do_not_overlap() -> None:
    shapes = cached_town(30_000).buildings.geometry.values
    left, right = shapely.STRtree(shapes).query(shapes, predicate="overlaps")
    shared = shapely.area(shapely.intersection(shapes[left], shapes[right]))
    assert shared.max(initial=0) < 0.1


def test_some_houses_are_adjacent() -> None:
    shapes = cached_town(4_800).buildings.geometry.values
    assert len(shapely.STRtree(shapes).query(shapes, predicate="touches")[0])


def test_most_courtyards_are_smaller_than_a_grid() -> None:
    buildings = cached_town(30_000).buildings.dropna(subset="courtyard")
    assert buildings.estate.notna().all()
    assert buildings.groupby("courtyard").households.sum().quantile(0.9) < 500


def test_no_building_intersects_the_river_or_a_wall() -> None:
    town = cached_town(30_000)
    assert not town.barriers.union_all().intersects(town.buildings.geometry).any()


def test_streets_extend_beyond_the_town_and_cross_the_river() -> None:
    town = cached_town(30_000)
    river = town.barriers.geometry[town.barriers.kind == "water"].union_all()
    assert town.streets.crosses(town.communities.union_all().boundary).any()
    assert set(town.streets.kind[town.streets.intersects(river)]) == {"arterial", "local"}


def test_dedicated_lands_do_not_overlap() -> None:
    shapes = cached_town(30_000).dedicated.geometry.values
    assert shapely.union_all(shapes).area == pytest.approx(shapes.area.sum())


def test_a_preset_changes_the_town() -> None:
    towers = build_town(3_000, preset=TownPreset(slabs=0, courtyards=0, lanes=0, mixed=0, public=0, hamlets=0))
    assert towers.buildings.households[towers.buildings.use == "residential"].median() > 100


def test_a_town_without_households_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one household, not 0"):
        build_town(0)


def test_buildings_have_no_more_households_than_dwellings() -> None:
    buildings = cached_town(30_000).buildings.query("households > 0 and estate.notna()", engine="python")
    width = buildings.geometry.minimum_rotated_rectangle().length / 2
    units = np.round((width - 12) / 14).clip(lower=2)
    assert (buildings.households <= buildings.levels * 4 * units).all()
    assert buildings.levels.between(4, 33).all()


def test_slabs_face_south_and_are_spaced_for_the_winter_sun() -> None:
    slabs = cached_town(30_000).buildings.query("levels == 6 and courtyard.isna() and estate.notna()", engine="python")
    bounds = slabs.bounds
    assert ((bounds.maxx - bounds.minx) > (bounds.maxy - bounds.miny)).mean() > 0.97
    shapes = slabs.geometry.values
    south, north = shapely.STRtree(shapes).query(shapes, predicate="dwithin", distance=40)
    is_northern = (bounds.miny.to_numpy()[north] - bounds.maxy.to_numpy()[south]) > 4
    distances = shapely.distance(shapes[south[is_northern]], shapes[north[is_northern]])
    assert np.median(distances) > 6 * 2.9


def test_every_building_has_its_own_address() -> None:
    addresses = cached_town(30_000).buildings.address
    assert addresses.notna().all()
    assert addresses.is_unique


def test_the_address_of_a_lane_house_has_the_name_of_its_lane() -> None:
    town = cached_town(4_800)
    lanes = set(town.streets.name[town.streets.kind == "lane"].dropna())
    streets = town.buildings.address[town.buildings.estate.isna()].str.replace(r"^\d+ ", "", regex=True)
    assert streets.isin(set(town.streets.name)).all()
    assert len(lanes & set(streets)) > 3


def test_the_width_of_the_river_varies() -> None:
    river = cached_town(30_000).barriers.query("kind == 'water'").geometry.iloc[0]
    mean_width = 2 * river.area / river.length
    assert 2 * shapely.maximum_inscribed_circle(river).length > 1.15 * mean_width


def test_a_walled_estate_has_one_gate() -> None:
    estate = build_town(700, preset=TownPreset(slabs=1, courtyards=0, towers=0, lanes=0, mixed=0, public=0))
    walls = shapely.line_merge(shapely.union_all(estate.barriers.geometry.values))
    assert shapely.get_num_geometries(walls) == 1
    start, end = shapely.get_point(walls, 0), shapely.get_point(walls, -1)
    assert 5 < start.distance(end) < 9
