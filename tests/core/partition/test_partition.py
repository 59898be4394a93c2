"""Partition of towns: atoms stay together, communities stay apart, and grids out of range have a reason."""

from dataclasses import dataclass, replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from gridmap.core.land.build import build_land
from gridmap.core.land.town import Town
from gridmap.core.partition.partition import PartitionSettings, partition_town
from gridmap.core.plans.plan import GridPlan
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import GridKind
from tests.fixtures.ascii_towns import CORNER, random_town, town

ISLAND_PICTURE = "\n".join([".XXX."] * 3)


@dataclass(frozen=True)
class GridSummary:
    """Summary of a grid."""

    buildings: str
    households: int
    kind: GridKind
    reason: str


def partition_ascii_town(drawn_town: Town, profile: Profile | None = None) -> tuple[list[GridSummary], list[str]]:
    """Return the grids of a town, sorted by their buildings, and the notes."""
    land = build_land(drawn_town)
    plan = partition_town(drawn_town, land, PartitionSettings(profile or Profile()))
    grid_of_building = plan.grid_of_cell[land.cell_of_building]
    grids = []
    for number in range(len(plan)):
        buildings = drawn_town.buildings[grid_of_building == number]
        names, households = "".join(sorted(buildings["building_id"])), int(buildings["households"].sum())
        grids.append(GridSummary(names, households, plan.kind[number], str(plan.reason[number] or "")))
    return sorted(grids, key=lambda grid: grid.buildings), [str(note) for note in plan.notes]


def grid_names(drawn_town: Town) -> list[str]:
    return [grid.buildings for grid in partition_ascii_town(drawn_town)[0]]


def only_grid(drawn_town: Town) -> GridSummary:
    (grid,), _ = partition_ascii_town(drawn_town)
    return grid


def partition_plan(drawn_town: Town, seed: int = 0, jobs: int = 1) -> GridPlan:
    return partition_town(drawn_town, build_land(drawn_town), PartitionSettings(seed=seed, jobs=jobs))


def test_grids_are_in_range_and_follow_the_street() -> None:
    assert grid_names(town("AB|CD\nEF|GH")) == ["ABEF", "CDGH"]


def test_a_community_below_the_minimum_is_one_grid_with_a_reason() -> None:
    grid = only_grid(town("A.B", households={"A": 100, "B": 99}))
    assert grid.reason == "the whole community has 199 households, fewer than 300"


def test_a_community_without_households_is_one_grid() -> None:
    assert only_grid(town("0..0")).households == 0


def test_550_households_fit_no_number_of_grids() -> None:
    grid = only_grid(town("A.B", households={"A": 275, "B": 275}))
    assert grid.reason == "550 households do not fit any number of grids of 300 to 500"


def test_590_households_are_two_grids_with_as_few_as_possible_out_of_range() -> None:
    grids, _ = partition_ascii_town(town("ABC", households={"A": 300, "B": 145, "C": 145}))
    assert [(grid.households, bool(grid.reason)) for grid in grids] == [(300, False), (290, True)]


def test_a_building_above_the_maximum_is_a_grid_of_its_own() -> None:
    (one, two), _ = partition_ascii_town(town("A.B", households={"A": 620, "B": 300}))
    assert (one.buildings, two.buildings, two.reason) == ("A", "B", "")
    assert "overlapping buildings has 620 households" in one.reason


def test_a_few_households_with_nowhere_else_to_go_join_a_building_above_the_maximum() -> None:
    assert grid_names(town("A.B", households={"A": 620, "B": 20})) == ["AB"]


def test_land_around_a_building_above_the_maximum_is_not_called_cut_off() -> None:
    (_, rest), _ = partition_ascii_town(town("A.B", households={"A": 620, "B": 150}))
    assert rest.reason == "only 150 households remain around what is a grid of its own, fewer than 300"


def test_land_behind_a_railway_is_called_cut_off() -> None:
    drawn = town(".A...\n^^^^^\n.B...", ISLAND_PICTURE, households={"A": 620, "B": 150})
    (_, rest), _ = partition_ascii_town(drawn)
    assert rest.reason == "this part of the community is cut off and has 150 households, fewer than 300"


def test_buildings_at_one_point_form_grids_of_whole_buildings() -> None:
    drawn = town("A.B", households={"A": 40, "B": 10})
    stack = pd.concat([drawn.buildings.iloc[[0]]] * 30 + [drawn.buildings.iloc[[1]]], ignore_index=True)
    names = {"building_id": [f"b{number}" for number in range(31)]}
    stacked = replace(drawn, buildings=stack.assign(**names).set_geometry(stack.geometry.centroid))
    grids, _ = partition_ascii_town(stacked)
    assert [300 <= grid.households <= 500 for grid in grids] == [True, True, True]


def test_a_building_hemmed_in_by_its_neighbours_has_a_reason() -> None:
    grids, _ = partition_ascii_town(town("A|B|C", households={"A": 350, "B": 280, "C": 350}))
    (middle,) = [grid for grid in grids if grid.buildings == "B"]
    assert "280 households has only neighbours that would bring its grid above 500" in middle.reason


def test_an_island_too_small_for_a_grid_joins_the_nearest_land() -> None:
    grids, _ = partition_ascii_town(
        town("AB..CD", communities="XX..XX", households={"A": 200, "B": 150, "C": 40, "D": 10})
    )
    assert [grid.buildings for grid in grids] == ["ABCD"]
    assert "includes a part that no street leads to" in grids[0].reason


def test_an_island_with_enough_households_is_a_grid() -> None:
    drawn = town("AB..CD", communities="XX..XX", households={"A": 200, "B": 150, "C": 240, "D": 110})
    assert grid_names(drawn) == ["AB", "CD"]


def test_rail_separates_grids_where_both_sides_have_enough_households() -> None:
    assert grid_names(town(".A...\n^^^^^\n.B...", ISLAND_PICTURE, households={"A": 200, "B": 300})) == ["AB"]
    assert grid_names(town(".A...\n^^^^^\n.B...", ISLAND_PICTURE, households={"A": 300, "B": 300})) == ["A", "B"]


def test_a_small_part_cut_off_by_rail_joins_a_grid_with_a_reason() -> None:
    grid = only_grid(town(".A...\n^^^^^\n.B...", ISLAND_PICTURE, households={"A": 350, "B": 100}))
    assert "includes a part that no street leads to" in grid.reason


def test_a_crossing_needs_no_reason() -> None:
    grid = only_grid(town(".A|..\n^^*^^\n.B|..", ISLAND_PICTURE, households={"A": 350, "B": 100}))
    assert grid.reason == ""


def test_no_grid_lies_in_two_communities() -> None:
    drawn = town("AB.CD", communities="XXYYY", households={"A": 10, "B": 10, "C": 200, "D": 200})
    assert grid_names(drawn) == ["AB", "CD"]


def test_dedicated_land_is_a_grid_with_the_buildings_on_it() -> None:
    grids, _ = partition_ascii_town(town("AB.$$$\nCD.$0$\n...$$$"))
    assert [(grid.buildings, grid.kind.value) for grid in grids] == [("0", "dedicated"), ("ABCD", "household")]


def test_land_behind_dedicated_land_belongs_to_its_grid() -> None:
    drawn = town("AB$$..\nCD$$..")
    plan = partition_plan(drawn)
    assert [kind.value for kind in plan.kind] == ["dedicated", "household"]
    assert (plan.grid_of_cell == 0).sum() == 2


def test_a_courtyard_stays_whole() -> None:
    grids = grid_names(town("AB|CD", courtyards={"yard": "BC"}, households=dict.fromkeys("ABCD", 200)))
    assert any({"B", "C"} <= set(grid) for grid in grids)


def test_a_courtyard_in_parts_includes_the_building_between_them() -> None:
    drawn = town("A.B.C.D.E.F", courtyards={"yard": "AC"}, households=dict.fromkeys("ABCDEF", 120))
    assert "ABC" in grid_names(drawn)


def test_a_courtyard_above_the_maximum_is_divided_and_noted() -> None:
    grids, notes = partition_ascii_town(
        town("AB|CD", courtyards={"great": "ABCD"}, households=dict.fromkeys("ABCD", 200))
    )
    assert [grid.households for grid in grids] == [400, 400]
    assert notes == ["courtyard great has 800 households, more than 500: it is divided"]


def test_a_courtyard_whose_parts_cannot_be_connected_is_noted() -> None:
    drawn = town("A.B.C", courtyards={"long": "AC"}, households={"A": 200, "B": 350, "C": 200})
    _, notes = partition_ascii_town(drawn)
    assert notes == ["long is in parts that cannot be connected within one grid, so it is divided"]


def test_courtyards_of_the_same_name_in_two_estates_are_two() -> None:
    drawn = town("AB|CD", courtyards={"yard": "BC"}, households=dict.fromkeys("ABCD", 200))
    drawn.buildings["estate"] = [{"B": "east", "C": "west"}.get(each) for each in drawn.buildings["building_id"]]
    assert sorted(grid_names(drawn)) == ["AB", "CD"]


def test_courtyards_of_the_same_name_in_two_communities_are_two() -> None:
    drawn = town("AB|CD", "XXXYY", courtyards={"yard": "ABCD"}, households=dict.fromkeys("ABCD", 200))
    assert partition_ascii_town(drawn)[1] == []
    assert grid_names(drawn) == ["AB", "CD"]


def test_detached_parts_of_a_building_stay_in_one_grid() -> None:
    drawn = town("..........\n.A.B.C.D..\n..........", households=dict.fromkeys("ABCD", 150))
    x, y = CORNER
    wings = shapely.MultiPolygon(
        [shapely.box(x + 22, y + 22, x + 38, y + 38), shapely.box(x + 102, y + 22, x + 118, y + 38)]
    )
    shapes = [
        wings if name == "A" else shape for name, shape in drawn.buildings[["building_id", "geometry"]].to_numpy()
    ]
    changed = replace(drawn, buildings=drawn.buildings.set_geometry(gpd.GeoSeries(shapes, crs=drawn.crs)))
    buildings = changed.buildings[changed.buildings["building_id"] != "C"].reset_index(drop=True)
    changed = replace(changed, buildings=buildings)
    land = build_land(changed)
    plan = partition_town(changed, land, PartitionSettings())
    ((building, cell),) = land.detached_parts
    assert plan.grid_of_cell[cell] == plan.grid_of_cell[land.cell_of_building[building]]


def test_another_profile_gives_other_grids() -> None:
    grids, _ = partition_ascii_town(town("AB|CD\nEF|GH"), Profile(80, 120))
    assert [grid.households for grid in grids] == [100] * 8


@pytest.mark.parametrize("jobs", [1, 3])
def test_the_same_seed_gives_the_same_plan_whatever_the_jobs(jobs: int) -> None:
    random = random_town(12, 80)
    plan, other = partition_plan(random, seed=4, jobs=jobs), partition_plan(random, seed=4)
    assert np.array_equal(plan.grid_of_cell, other.grid_of_cell)


def test_grids_are_numbered_without_gaps() -> None:
    plan = partition_plan(random_town(5, 60))
    assert np.unique(plan.grid_of_cell).tolist() == list(range(len(plan)))
    assert len(plan.kind) == len(plan.reason) == len(plan.community) == len(plan)
