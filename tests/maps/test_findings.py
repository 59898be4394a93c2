"""What a check found and a repair changed, from file to page data."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from gridmap.config import folder
from gridmap.core.errors import BadInput
from gridmap.core.names import FaultKind, Severity
from gridmap.maps.layers import PlanLayers, page_data
from gridmap.services.mapping import map_file
from tests import results

SCRIPT = (folder("static") / "js" / "map" / "faults.js").read_text("utf-8")


def data(layers: dict[str, gpd.GeoDataFrame]) -> dict[str, Any]:
    return page_data(PlanLayers("金江路社区", **layers))


def told(layers: dict[str, gpd.GeoDataFrame], tmp_path: Path) -> list[str]:
    path = results.write(tmp_path / "faults.gpkg", layers)
    with pytest.raises(BadInput) as caught:
        map_file(path, tmp_path / "map.html")
    return [f"{fault.layer} {fault.problem}" for fault in caught.value.faults]


def test_a_result_has_neither_faults_nor_changes() -> None:
    page = data(results.layers())
    assert (page["faults"], page["changes"], page["estimated"]) == (None, None, None)


def test_a_sliver_keeps_its_width() -> None:
    shapes = data(results.checked(0))["layers"]["faults"]["shapes"]
    assert abs(shapes[0][1][2]) == 0
    assert 3 in {abs(step) for step in shapes[0][1]}


def test_a_fault_of_a_building_says_which() -> None:
    faults = data(results.checked(1))["faults"]
    assert [fault["place"] for fault in faults] == [None, "云锦苑 1 栋", None, None]


def test_a_fault_on_estimated_households_says_so() -> None:
    estimated = results.estimated()
    faults = results.faults(estimated["grids"], 5)
    found = [fault["estimated"] for fault in data(estimated | {"faults": faults})["faults"]]
    assert found[1:6] == [False, False, False, False, True]


def test_suggestions_are_told_in_both_languages() -> None:
    suggestion = data(results.checked())["faults"][0]["suggestion"]
    assert suggestion["en"].startswith("extend grid")
    assert suggestion["zh-CN"].startswith("请扩大网格")


def test_a_change_knows_its_building_and_its_grids() -> None:
    change = data(results.repaired())["changes"][0]
    assert (change["name"], change["from_code"], change["range"]) == ("云锦苑 1 栋", None, None)


def test_estimates_come_with_their_range() -> None:
    page = data(results.estimated())
    assert [grid["range"] for grid in page["grids"]][:3] == [None, [700, 820], None]
    assert page["layers"]["buildings"]["range"][4] == [60, 110]
    assert page["estimated"][0] < sum(results.estimated()["buildings"]["households"]) < page["estimated"][1]


def test_every_kind_and_severity_has_a_word_on_the_page() -> None:
    assert [kind for kind in FaultKind if f"{kind}: " not in SCRIPT] == []
    assert [severity for severity in Severity if f"{severity}: " not in SCRIPT] == []


def test_faults_and_changes_that_no_file_of_ours_holds_are_named(tmp_path: Path) -> None:
    layers = results.checked()
    layers["faults"].loc[0, "severity"] = "dire"
    layers["changes"] = results.repaired()["changes"].drop(columns="to_code")
    problems = ["faults an unknown word in the column severity", "changes there is no column to_code"]
    assert told(layers, tmp_path) == problems


def test_a_code_of_no_grid_is_empty_on_the_page(tmp_path: Path) -> None:
    map_file(results.write(tmp_path / "repaired.gpkg", results.repaired()), tmp_path / "map.html")
    text = (tmp_path / "map.html").read_text("utf-8").split('id="town">')[1].split("</script>")[0]
    assert json.loads(text)["changes"][0]["from_code"] == ""
