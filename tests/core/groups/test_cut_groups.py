"""Estates, courtyards and resident groups: borders within them cost more, and those that are cut are listed."""

import geopandas as gpd
import numpy as np
import pytest

from gridmap.core.groups.cut_groups import CutGroup, list_cut_groups
from gridmap.core.land.build import build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.profile import CostWeights
from gridmap.core.vocabulary import GroupKind
from tests.fixtures.ascii_towns import CORNER, town

PICTURE = "AB|CD\nEF|GH"
NORTH_AND_SOUTH = {"A": "东湖花园", "B": "东湖花园", "C": "东湖花园", "D": "东湖花园"} | dict.fromkeys("EFGH", "西苑")


def town_with_estates() -> Town:
    drawn = town(PICTURE)
    estates = drawn.buildings["building_id"].map(NORTH_AND_SOUTH)
    drawn.buildings["estate"] = estates.astype(object)
    return drawn


def grids_of(drawn: Town, weight: float, resident_groups: gpd.GeoDataFrame | None = None) -> list[str]:
    land, settings = build_land(drawn), PartitionSettings(weights=CostWeights(group=weight))
    plan = partition_town(drawn, land, settings, resident_groups=resident_groups)
    names = drawn.buildings["building_id"].groupby(plan.grid_of_cell[land.cell_of_building])
    return sorted("".join(sorted(group)) for _, group in names)


# 40 m of street at 0.2 and the weight, against 104.7 m between buildings at 1.05
@pytest.mark.parametrize(
    ("weight", "grids"), [(0.0, ["ABEF", "CDGH"]), (2.5, ["ABEF", "CDGH"]), (2.6, ["ABCD", "EFGH"])]
)
def test_an_estate_stays_whole_where_its_border_within_would_cost_more(weight: float, grids: list[str]) -> None:
    assert grids_of(town_with_estates(), weight) == grids


def resident_groups() -> gpd.GeoDataFrame:
    """Return two resident groups, north and south."""
    drawn = town(PICTURE)
    west, south, east, north = drawn.communities.total_bounds
    middle = CORNER[1] + (north - south) / 2
    halves = gpd.GeoSeries.from_wkt(
        [
            f"POLYGON(({west} {low}, {east} {low}, {east} {high}, {west} {high}, {west} {low}))"
            for low, high in [(middle, north), (south, middle)]
        ]
    )
    return gpd.GeoDataFrame({"name": ["一组", "二组"], "community": 0}, geometry=halves, crs=drawn.crs)


@pytest.mark.parametrize(("weight", "grids"), [(2.5, ["ABEF", "CDGH"]), (2.6, ["ABCD", "EFGH"])])
def test_a_resident_group_stays_whole_as_an_estate_does(weight: float, grids: list[str]) -> None:
    assert grids_of(town(PICTURE), weight, resident_groups()) == grids


def cut_by(grids: dict[str, int], maximum: int) -> list[CutGroup]:
    drawn = town_with_estates()
    return list_cut_groups(drawn, drawn.buildings["building_id"].map(grids).to_numpy(), maximum, resident_groups())


def test_groups_in_several_grids_are_listed_with_their_parts() -> None:
    cut = cut_by(dict.fromkeys("ABC", 0) | dict.fromkeys("DEFGH", 1), 500)
    assert [(each.kind, each.name, each.households, each.parts) for each in cut] == [
        (GroupKind.ESTATE, "东湖花园", 400, {0: 300, 1: 100}),
        (GroupKind.RESIDENT_GROUP, "一组", 400, {0: 300, 1: 100}),
    ]
    assert cut_by(dict.fromkeys("ABCD", 0) | dict.fromkeys("EFGH", 1), 500) == []


@pytest.mark.parametrize(("maximum", "is_avoidable"), [(400, True), (399, False)])
def test_a_cut_is_avoidable_where_fewer_grids_would_hold_all(maximum: int, is_avoidable: bool) -> None:
    cut = cut_by(dict.fromkeys("AB", 0) | dict.fromkeys("CDEFGH", 1), maximum)
    assert {each.is_avoidable for each in cut} == {is_avoidable}
    assert np.unique([each.least_grids for each in cut]).tolist() == [1 if is_avoidable else 2]
