"""Random towns of the property tests: valid, and with all the unusual features they should have."""

from functools import cache

import numpy as np
import pytest
import shapely

from gridmap.core.land.town import Town
from tests.fixtures.ascii_towns import random_town


@cache
def fifty_towns() -> tuple[Town, ...]:
    return tuple(random_town(seed, 20 + 5 * seed) for seed in range(50))


@pytest.mark.parametrize("layer", ["communities", "buildings", "streets", "barriers", "dedicated"])
def test_geometries_are_valid(layer: str) -> None:
    assert all(getattr(town, layer).geometry.is_valid.all() for town in fifty_towns())


def test_communities_match_vertex_for_vertex() -> None:
    assert all(shapely.coverage_is_valid(town.communities.geometry.values) for town in fifty_towns())


def test_buildings_lie_in_or_near_their_community() -> None:
    for town in fifty_towns():
        communities = town.communities.geometry.values[town.buildings.community]
        assert (shapely.distance(town.buildings.geometry.values, communities) <= 5).all()


def test_the_same_seed_gives_the_same_town() -> None:
    assert random_town(7).buildings.equals(random_town(7).buildings)


def test_some_communities_have_holes_several_parts_or_no_buildings() -> None:
    areas = np.concatenate([town.communities.geometry.values for town in fifty_towns()])
    assert (shapely.get_num_geometries(areas) > 1).any()
    assert (shapely.get_num_interior_rings(shapely.get_parts(areas)) > 0).any()
    assert any(town.buildings.community.nunique() < len(town.communities) for town in fifty_towns())


def test_some_buildings_coincide_and_some_cross_borders() -> None:
    assert any(town.buildings.geometry.duplicated().any() for town in fifty_towns())
    assert any(town.buildings.geometry.crosses(town.communities.boundary.union_all()).any() for town in fifty_towns())


def test_every_kind_of_street_and_barrier_occurs() -> None:
    assert {kind for town in fifty_towns() for kind in town.streets.kind} == {"motorway", "arterial", "local", "lane"}
    assert {kind for town in fifty_towns() for kind in town.barriers.kind} == {"water", "rail", "wall"}
