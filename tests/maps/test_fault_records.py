"""Faults of a check and changes of a repair as page data."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from gridmap.config import resource_dir
from gridmap.core.errors import InvalidInput
from gridmap.core.vocabulary import FindingKind, Severity
from gridmap.maps.plan_layers import PlanLayers, build_page_data
from gridmap.services.files.map import write_map_file
from tests.fixtures import result_files

FAULTS_SCRIPT = (resource_dir("static") / "js" / "map" / "faults.js").read_text("utf-8")


def parsed_page_data(layers: dict[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    return build_page_data(PlanLayers("金江路社区", **layers))


def fault_messages(layers: dict[str, gpd.GeoDataFrame], tmp_path: Path) -> list[str]:
    path = result_files.write_result(tmp_path / "faults.gpkg", layers)
    with pytest.raises(InvalidInput) as caught:
        write_map_file(path, tmp_path / "map.html")
    return [f"{fault.layer} {fault.problem}" for fault in caught.value.faults]


def test_a_result_has_neither_faults_nor_changes() -> None:
    page = parsed_page_data(result_files.plan_layers())
    assert (page["faults"], page["changes"], page["estimated"]) == (None, None, None)


def test_a_sliver_keeps_its_width() -> None:
    shapes = parsed_page_data(result_files.check_layers(0))["layers"]["faults"]["shapes"]
    assert abs(shapes[0][1][2]) == 0
    assert 3 in {abs(step) for step in shapes[0][1]}


def test_a_fault_of_a_single_building_names_it() -> None:
    faults = parsed_page_data(result_files.check_layers(1))["faults"]
    assert [fault["place"] for fault in faults] == [None, "云锦苑 1 栋", None, None]


def test_a_fault_with_estimated_households_is_marked() -> None:
    estimated = result_files.estimate_layers()
    faults = result_files.faults(estimated["grids"], 5)
    flags = [fault["estimated"] for fault in parsed_page_data(estimated | {"faults": faults})["faults"]]
    assert flags[1:6] == [False, False, False, False, True]


def test_households_of_two_faults_over_one_place_count_once() -> None:
    layers = result_files.check_layers(0)
    faults = layers["faults"].iloc[[0, 0]].assign(kind="overlap", households=60).reset_index(drop=True)
    everywhere = layers["communities"].union_all()
    everyone = int(layers["buildings"]["households"].sum())
    faults = faults.set_geometry([everywhere, everywhere], crs=faults.crs).assign(households=everyone)
    page = parsed_page_data({**layers, "faults": faults})
    assert [fault["new_households"] for fault in page["faults"]] == [everyone, 0]


def test_suggestions_are_in_both_languages() -> None:
    suggestion = parsed_page_data(result_files.check_layers())["faults"][0]["suggestion"]
    assert suggestion["en"].startswith("extend grid")
    assert suggestion["zh-CN"].startswith("请扩大网格")


def test_a_change_has_its_building_and_its_grids() -> None:
    change = parsed_page_data(result_files.repair_layers())["changes"][0]
    assert (change["name"], change["from_code"], change["range"]) == ("云锦苑 1 栋", None, None)


def test_estimates_come_with_their_range() -> None:
    page = parsed_page_data(result_files.estimate_layers())
    assert [grid["range"] for grid in page["grids"]][:3] == [None, [700, 820], None]
    assert page["layers"]["buildings"]["range"][4] == [60, 110]
    assert page["estimated"][0] < sum(result_files.estimate_layers()["buildings"]["households"]) < page["estimated"][1]


def test_every_kind_and_severity_has_a_text_on_the_page() -> None:
    assert [kind for kind in FindingKind if f"{kind}: " not in FAULTS_SCRIPT] == []
    assert [severity for severity in Severity if f"{severity}: " not in FAULTS_SCRIPT] == []


def test_invalid_faults_and_changes_are_reported(tmp_path: Path) -> None:
    layers = result_files.check_layers()
    layers["faults"].loc[0, "severity"] = "dire"
    layers["changes"] = result_files.repair_layers()["changes"].drop(columns="to_code")
    problems = ["faults an unknown value in the column severity", "changes there is no column to_code"]
    assert fault_messages(layers, tmp_path) == problems


def test_a_code_of_no_grid_is_empty_on_the_page(tmp_path: Path) -> None:
    write_map_file(
        result_files.write_result(tmp_path / "repaired.gpkg", result_files.repair_layers()), tmp_path / "map.html"
    )
    text = (tmp_path / "map.html").read_text("utf-8").split('id="town">')[1].split("</script>")[0]
    assert json.loads(text)["changes"][0]["from_code"] == ""
