"""Map pages from result files."""

from pathlib import Path

import pandas as pd
import pytest

from gridmap.core.errors import InvalidInput
from gridmap.services.files.map import write_map_file
from tests.fixtures import result_files


def fault_messages(path: Path, target: Path) -> list[str]:
    with pytest.raises(InvalidInput) as caught:
        write_map_file(path, target)
    assert not target.exists()
    return [f"{fault.layer} {fault.problem}".strip() for fault in caught.value.faults]


def test_a_projected_result_is_drawn_at_its_location(tmp_path: Path) -> None:
    layers = result_files.plan_layers()
    projected = {name: frame.to_crs("EPSG:4544") for name, frame in layers.items()}
    write_map_file(result_files.write_result(tmp_path / "degrees.gpkg", layers), tmp_path / "degrees.html")
    write_map_file(result_files.write_result(tmp_path / "metres.gpkg", projected), tmp_path / "metres.html")
    west = '"bounds":[102.7,25.04,'
    assert west in (tmp_path / "degrees.html").read_text("utf-8")
    assert west in (tmp_path / "metres.html").read_text("utf-8")


def test_only_grids_and_communities_are_required(tmp_path: Path) -> None:
    needed = {name: frame for name, frame in result_files.plan_layers().items() if name in ("grids", "communities")}
    write_map_file(result_files.write_result(tmp_path / "result.gpkg", needed), tmp_path / "map.html")
    assert (tmp_path / "map.html").exists()


def test_the_page_has_the_norm_range(tmp_path: Path) -> None:
    profile = pd.DataFrame([{"minimum": 250, "maximum": 350}])
    write_map_file(
        result_files.write_result(tmp_path / "result.gpkg", result_files.plan_layers() | {"profile": profile}),
        tmp_path / "map.html",
    )
    assert '"allowed":[250,350]' in (tmp_path / "map.html").read_text("utf-8")


@pytest.mark.parametrize(
    "columns", [{"minimum": "many", "maximum": 350}, {"minimum": 250}, {"minimum": None, "maximum": 5}]
)
def test_an_unreadable_norm_range_is_not_shown(columns: dict[str, object], tmp_path: Path) -> None:
    profile = pd.DataFrame([columns])
    write_map_file(
        result_files.write_result(tmp_path / "result.gpkg", result_files.plan_layers() | {"profile": profile}),
        tmp_path / "map.html",
    )
    assert '"allowed":null' in (tmp_path / "map.html").read_text("utf-8")


def test_missing_layers_are_reported(tmp_path: Path) -> None:
    layers = result_files.plan_layers()
    path = result_files.write_result(tmp_path / "result.gpkg", {"streets": layers["streets"]})
    assert fault_messages(path, tmp_path / "map.html") == ["there is no layer grids", "there is no layer communities"]


def test_every_missing_column_is_reported(tmp_path: Path) -> None:
    layers = result_files.plan_layers()
    layers["grids"] = layers["grids"].drop(columns=["status", "radius_m"])
    path = result_files.write_result(tmp_path / "result.gpkg", layers)
    faults = ["grids there is no column radius_m", "grids there is no column status"]
    assert fault_messages(path, tmp_path / "map.html") == faults


def test_invalid_values_are_reported(tmp_path: Path) -> None:
    layers = result_files.plan_layers()
    layers["grids"].loc[2, "status"] = "fine"
    layers["grids"]["radius_m"] = "far"
    path = result_files.write_result(tmp_path / "result.gpkg", layers)
    faults = ["grids the column radius_m does not hold numbers", "grids an unknown value in the column status"]
    assert fault_messages(path, tmp_path / "map.html") == faults


def test_a_dedicated_grid_needs_no_status(tmp_path: Path) -> None:
    layers = result_files.plan_layers()
    layers["grids"].loc[5, "status"] = None
    write_map_file(result_files.write_result(tmp_path / "result.gpkg", layers), tmp_path / "map.html")
    assert (tmp_path / "map.html").exists()


def test_codes_may_be_numbers(tmp_path: Path) -> None:
    layers = result_files.plan_layers()
    layers["grids"]["community_code"] = layers["communities"]["code"] = 530102001001
    write_map_file(result_files.write_result(tmp_path / "result.gpkg", layers), tmp_path / "map.html")
    assert '"short":"001"' in (tmp_path / "map.html").read_text("utf-8")


def test_a_layer_without_geometry_is_refused(tmp_path: Path) -> None:
    layers = result_files.plan_layers()
    layers["grids"] = layers["grids"].drop(columns="geometry")
    path = result_files.write_result(tmp_path / "result.gpkg", layers)
    assert fault_messages(path, tmp_path / "map.html") == ["grids the layer has no geometry"]


def test_an_empty_result_is_refused(tmp_path: Path) -> None:
    nothing = {name: frame.iloc[:0] for name, frame in result_files.plan_layers().items()}
    path = result_files.write_result(tmp_path / "result.gpkg", nothing)
    assert fault_messages(path, tmp_path / "map.html") == ["it has no grids and no communities"]


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    assert fault_messages(tmp_path / "absent.gpkg", tmp_path / "map.html")


def test_a_missing_folder_is_reported(tmp_path: Path) -> None:
    path = result_files.write_result(tmp_path / "result.gpkg", result_files.plan_layers())
    assert "does not exist" in fault_messages(path, tmp_path / "absent" / "map.html")[0]


def test_a_page_that_cannot_be_written_leaves_the_folder_as_it_was(tmp_path: Path) -> None:
    path = result_files.write_result(tmp_path / "result.gpkg", result_files.plan_layers())
    (tmp_path / "map.html").mkdir()
    with pytest.raises(InvalidInput, match="there is a folder of that name"):
        write_map_file(path, tmp_path / "map.html")
    assert {each.name for each in tmp_path.iterdir()} == {"result.gpkg", "map.html"}
