"""The library on GeoDataFrames: columns, coordinates, indexes, faults, comparison."""

from typing import Any

import geopandas as gpd
import pytest

import gridmap
from gridmap.core.errors import InvalidInput
from gridmap.demo.town import build_town
from gridmap.library.result import Partition


@pytest.fixture(scope="module")
def layers() -> dict[str, gpd.GeoDataFrame]:
    town = build_town(800)
    buildings = town.buildings[["households", "geometry"]].rename(columns={"households": "HH in 2026"})
    buildings.index = buildings.index[::-1] + 1_000
    return {
        "communities": town.communities[["geometry"]].to_crs("EPSG:4490"),
        "buildings": buildings.rename_geometry("footprint"),
        "streets": town.streets[["kind", "geometry"]],
    }


@pytest.fixture(scope="module")
def plan(layers: dict[str, Any]) -> Partition:
    return gridmap.partition(**layers, households="HH in 2026", datum="wgs84")


def test_grids_are_in_the_crs_of_the_communities(plan: Partition) -> None:
    assert plan.grids.crs == "EPSG:4490"
    assert plan.grids["grid_code"].tolist() == ["0-001", "0-002"]
    assert plan.grids["households"].between(300, 500).all()
    assert plan.grids.is_valid_coverage()


def test_the_assignment_has_the_index_of_the_buildings(plan: Partition, layers: dict[str, Any]) -> None:
    buildings = layers["buildings"]
    assert plan.assignment.index.equals(buildings.index)
    sums = buildings["HH in 2026"].groupby(plan.assignment).sum()
    assert sums.to_dict() == plan.grids.set_index("grid_code")["households"].to_dict()
    points = buildings.representative_point().to_crs("EPSG:4490")
    grids = plan.grids.set_index("grid_code").geometry
    assert grids.loc[plan.assignment].reset_index(drop=True).contains(points.reset_index(drop=True)).mean() > 0.9


def test_cells_belong_to_buildings_of_the_index(layers: dict[str, Any], plan: Partition) -> None:
    cells = gridmap.tessellate(**layers, households="HH in 2026", datum="wgs84")
    assert set(cells["building"].dropna()) <= set(layers["buildings"].index)
    assert cells["building"].notna().sum() == plan.cells["building_ids"].ne("[]").sum()


def test_a_gap_is_found_and_repaired(layers: dict[str, Any], plan: Partition) -> None:
    town = {**layers, "households": "HH in 2026", "datum": "wgs84"}
    narrow = plan.grids.to_crs("EPSG:4547")[["grid_code", "geometry"]]
    narrow = narrow.set_geometry(narrow.buffer(-1.0))
    assert "gap" in set(gridmap.check(**town, grids=narrow).faults["kind"])
    repaired = gridmap.repair(**town, grids=narrow)
    assert gridmap.check(**town, grids=repaired.grids).is_sound
    assert repaired.assignment.equals(plan.assignment)
    assert not repaired.changes.empty


def test_a_grid_that_would_disappear_is_asked_for(layers: dict[str, Any], plan: Partition) -> None:
    town = {**layers, "households": "HH in 2026", "datum": "wgs84"}
    twice = gpd.GeoDataFrame(plan.grids[["grid_code", "geometry"]].iloc[[0, 1, 1]]).assign(grid_code=["a", "b", "c"])
    with pytest.raises(InvalidInput, match="grid c would disappear"):
        gridmap.repair(**town, grids=twice)
    assert gridmap.repair(**town, grids=twice, drop=["c"]).grids["grid_code"].tolist() == ["a", "b"]


def test_a_comparison_counts_who_changes_grid(plan: Partition) -> None:
    swapped = plan.assignment.map({"0-001": "0-002", "0-002": "0-001"})
    swapped.iloc[3:] = plan.assignment.iloc[3:]
    other = Partition(plan.layers, plan.profile, swapped, ())
    comparison = gridmap.compare(plan, other)
    moved = plan.layers["buildings"]["households"].iloc[:3]
    assert comparison.moved_households == moved.sum() > 0
    assert comparison.moves["buildings"].sum() == 3
    assert comparison.moved_share == moved.sum() / 800


def test_results_of_other_buildings_are_not_compared(plan: Partition) -> None:
    fewer = Partition(plan.layers, plan.profile, plan.assignment.iloc[1:], ())
    with pytest.raises(InvalidInput, match="not of the same buildings"):
        gridmap.compare(plan, fewer)


def test_every_fault_of_the_frames_is_named_at_once(layers: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput) as refused:
        gridmap.partition(layers["communities"], layers["buildings"], "streets", households="hh")
    assert [(fault.layer, str(fault.problem)) for fault in refused.value.faults] == [
        ("buildings", "there is no column hh"),
        ("streets", "this is no GeoDataFrame"),
    ]


def test_a_wrong_value_is_refused_as_in_a_file(layers: dict[str, Any]) -> None:
    broken = layers["buildings"].copy()
    broken.loc[broken.index[0], "HH in 2026"] = -1
    with pytest.raises(InvalidInput, match="households is negative"):
        gridmap.partition(layers["communities"], broken, households="HH in 2026", datum="wgs84")


def test_a_layer_without_a_crs_is_refused(layers: dict[str, Any]) -> None:
    bare = layers["buildings"].set_crs(None, allow_override=True)
    with pytest.raises(InvalidInput, match="coordinate reference system is missing"):
        gridmap.partition(layers["communities"], bare, households="HH in 2026")


def test_a_range_that_cannot_be_met_is_refused(layers: dict[str, Any]) -> None:
    with pytest.raises(InvalidInput, match="fit no number of grids of 450 to 500"):
        gridmap.partition(**layers, households="HH in 2026", datum="wgs84", profile=gridmap.Profile(450, 500))


def test_a_profile_may_be_named(layers: dict[str, Any]) -> None:
    plan = gridmap.partition(**layers, households="HH in 2026", datum="wgs84", profile="300")
    assert (plan.profile.minimum, plan.profile.maximum) == (240, 360)
    with pytest.raises(InvalidInput, match="no such profile"):
        gridmap.check(**layers, grids=plan.grids, households="HH in 2026", datum="wgs84", profile="700")


def test_the_map_is_a_figure_of_folium_that_can_be_shown_twice(plan: Partition) -> None:
    page = plan.explore("Elm Town", language="en")
    assert page.render() == page.render()
    assert "Elm Town" in page.render()
    assert page._repr_html_().startswith("<div")


def test_other_names_of_the_package_are_unknown() -> None:
    assert {"partition", "check", "repair", "tessellate", "compare"} <= set(dir(gridmap))
    with pytest.raises(AttributeError, match="divide"):
        _ = gridmap.divide  # type: ignore[attr-defined]
