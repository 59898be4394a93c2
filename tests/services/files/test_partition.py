"""Partition of a town file into a result and a consistent report, whole or not at all."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from gridmap.core.errors import InvalidInput
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.profile import Profile
from gridmap.core.plans.rules import InvalidPlanError
from gridmap.core.progress import ignore_progress
from gridmap.services.files import partition
from gridmap.services.files.demo_town import write_demo_town
from gridmap.services.files.partition import partition_file
from tests.fixtures.partition_oracle import PartitionCase, find_faults
from tests.fixtures.town_package import Layers, file_sizes, sound_town, write_geopackage

GRID_COLUMNS = [
    "grid_code",
    "community_code",
    "kind",
    "households",
    "buildings",
    "area_m2",
    "perimeter_m",
    "polsby_popper",
    "radius_m",
    "status",
    "reason",
]
WIDE_RANGE = PartitionSettings(Profile(100, 300))
NARROW_RANGE = PartitionSettings(Profile(50, 150))


@pytest.fixture
def layers() -> Layers:
    return sound_town()


@pytest.fixture
def town(layers: Layers, tmp_path: Path) -> Path:
    return write_geopackage(layers, tmp_path / "town.gpkg")


@pytest.fixture
def result(tmp_path: Path) -> Path:
    """Return the path of the result, in a folder of its own."""
    (tmp_path / "out").mkdir()
    return tmp_path / "out" / "grids.gpkg"


def partition_and_read_report(
    town: Path, result: Path, settings: PartitionSettings = WIDE_RANGE, language: str = "en"
) -> dict[str, Any]:
    """Partition a town and read the report."""
    partition_file(town, result, settings, language, ignore_progress)
    report = json.loads(result.with_suffix(".json").read_text("utf-8"))
    assert isinstance(report, dict)
    return report


def read_result_layer(result: Path, name: str) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(pyogrio.read_dataframe(result, layer=name))


def test_only_the_result_and_its_report_are_written(town: Path, result: Path) -> None:
    partition_and_read_report(town, result)
    assert set(file_sizes(result.parent)) == {"grids.gpkg", "grids.json"}


def test_the_layers_have_the_documented_columns(town: Path, result: Path) -> None:
    partition_and_read_report(town, result)
    assert [column for column in read_result_layer(result, "grids") if column in GRID_COLUMNS] == GRID_COLUMNS
    assert list(pyogrio.read_dataframe(result, layer="assignment")) == ["building_id", "grid_code"]
    assert list(read_result_layer(result, "cells")) == ["cell_id", "grid_code", "building_ids", "geometry"]


def test_the_oracle_finds_no_fault(town: Path, result: Path) -> None:
    partition_and_read_report(town, result)
    assert find_faults(PartitionCase.read(town, result)) == []


def test_the_files_agree(town: Path, result: Path) -> None:
    report, grids = partition_and_read_report(town, result), read_result_layer(result, "grids")
    assert [row["grid_code"] for row in report["grids"]] == grids["grid_code"].tolist()
    assert report["households"] == grids["households"].sum() == 500
    assert report["summary"]["grids"] == len(grids)
    assert report["summary"]["out_of_range"] == ((grids["kind"] == "household") & (grids["status"] != "in_range")).sum()


def test_the_union_of_its_cells_is_the_grid(town: Path, result: Path) -> None:
    partition_and_read_report(town, result)
    grids, cells = read_result_layer(result, "grids").set_index("grid_code"), read_result_layer(result, "cells")
    whole = cells.dissolve("grid_code").geometry
    assert (whole.symmetric_difference(grids.geometry[whole.index]).area < 1e-3).all()
    assert len(whole) == len(grids)


def test_every_building_is_listed_on_one_cell(town: Path, result: Path) -> None:
    partition_and_read_report(town, result)
    cells = read_result_layer(result, "cells")
    listed = cells.assign(building_id=cells["building_ids"].map(json.loads)).explode("building_id").dropna()
    columns = ["building_id", "grid_code"]
    assert sorted(listed[columns].to_numpy().tolist()) == sorted(
        read_result_layer(result, "assignment")[columns].to_numpy().tolist()
    )


@pytest.mark.parametrize("epsg", [4326, 4490, 4547])
def test_the_result_is_in_the_towns_own_crs(epsg: int, layers: Layers, tmp_path: Path, result: Path) -> None:
    partition_and_read_report(
        write_geopackage({name: frame.to_crs(epsg) for name, frame in layers.items()}, tmp_path / "t.gpkg"), result
    )
    grids = read_result_layer(result, "grids")
    assert grids.crs.to_epsg() == epsg
    assert shapely.coverage_is_valid(grids.geometry.to_numpy())
    assert grids.to_crs(4547).area.sum() == pytest.approx(400 * 200, rel=1e-4)


def test_reasons_are_in_the_requested_language(town: Path, result: Path) -> None:
    partition_and_read_report(town, result, PartitionSettings())
    english = read_result_layer(result, "grids")["reason"].tolist()
    report = partition_and_read_report(town, result, PartitionSettings(), "zh_CN")
    chinese = read_result_layer(result, "grids")["reason"].dropna()
    assert "the whole community has 200 households, fewer than 300" in english
    assert chinese.str.contains("社区").any()
    assert {exception["reason"] for exception in report["exceptions"]} == set(chinese)


def test_reasons_can_be_translated_again(town: Path, result: Path) -> None:
    partition_and_read_report(town, result, PartitionSettings(), "zh_CN")
    (message,) = {
        text
        for text in read_result_layer(result, "grids")["reason_message"].dropna()
        if "whole" in text and "200" in text
    }
    content = json.loads(message)
    assert set(content) == {"template", "values"}
    assert content["template"].format_map(content["values"]) == "the whole community has 200 households, fewer than 300"


def test_grids_in_range_have_no_reason(town: Path, result: Path) -> None:
    partition_and_read_report(town, result)
    grids = read_result_layer(result, "grids")
    fine = grids[(grids["kind"] == "household") & (grids["status"] == "in_range")]
    assert len(fine) > 0
    assert fine["reason"].isna().all()


def test_split_courtyards_are_noted(town: Path, result: Path) -> None:
    (note,) = partition_and_read_report(town, result, NARROW_RANGE)["notes"]
    assert note["reason"] == "courtyard 东湖花园 has 200 households, more than 150: it is divided"


def test_the_report_has_the_settings(town: Path, result: Path) -> None:
    report = partition_and_read_report(town, result, PartitionSettings(Profile(100, 300, 220), seed=5))
    assert report["profile"] == {"minimum": 100, "maximum": 300, "target": 220, "max_radius_m": 0.0}
    assert report["seed"] == 5
    assert report["weights"]["along"]["open"] == 1.0
    assert report["measures"]["polsby_popper"] == 1


def test_the_report_has_the_time_of_each_step(town: Path, result: Path) -> None:
    report = partition_and_read_report(town, result)
    assert set(report["steps"]) == {"read", "land", "partition", "cures", "measure", "write"}
    assert all(step["wall_s"] >= 0 and step["cpu_s"] >= 0 for step in report["steps"].values())
    assert 50 < report["peak_memory_mib"] < 100_000


def test_the_same_input_and_seed_give_the_same_assignment(tmp_path: Path) -> None:
    write_demo_town(tmp_path / "town.gpkg", households=3000)
    assignments = []
    for number, jobs in enumerate([1, 1, 2]):
        partition_and_read_report(
            tmp_path / "town.gpkg", tmp_path / f"{number}.gpkg", PartitionSettings(seed=3, jobs=jobs)
        )
        assignments.append(read_result_layer(tmp_path / f"{number}.gpkg", "assignment"))
    assert assignments[0].equals(assignments[1])
    assert assignments[0].equals(assignments[2])


@pytest.mark.parametrize("target", ["town.gpkg", "../{folder}/town.gpkg"])
def test_a_town_is_never_replaced_by_its_result(target: str, town: Path) -> None:
    before = town.read_bytes()
    with pytest.raises(InvalidInput, match="would replace"):
        partition_and_read_report(town, town.parent / target.format(folder=town.parent.name))
    assert town.read_bytes() == before


def test_a_bad_town_leaves_nothing_behind(layers: Layers, tmp_path: Path, result: Path) -> None:
    layers["buildings"].loc[0, "households"] = -1
    with pytest.raises(InvalidInput):
        partition_and_read_report(write_geopackage(layers, tmp_path / "bad.gpkg"), result)
    assert file_sizes(result.parent) == {}


def test_a_missing_folder_is_bad_input(town: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="does not exist"):
        partition_and_read_report(town, tmp_path / "nowhere" / "grids.gpkg")


def test_an_older_result_stays_if_a_new_one_fails(layers: Layers, town: Path, tmp_path: Path, result: Path) -> None:
    partition_and_read_report(town, result)
    before = {path.name: path.read_bytes() for path in result.parent.iterdir()}
    layers["buildings"].loc[0, "households"] = -1
    with pytest.raises(InvalidInput):
        partition_and_read_report(write_geopackage(layers, tmp_path / "bad.gpkg"), result)
    assert {path.name: path.read_bytes() for path in result.parent.iterdir()} == before


def test_a_plan_that_breaks_a_rule_is_never_written(town: Path, result: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(partition, "find_violations", lambda *_: ["covers: town: 3"])
    with pytest.raises(InvalidPlanError, match="covers: town: 3"):
        partition_and_read_report(town, result)
    assert file_sizes(result.parent) == {}


def test_progress_of_every_step_is_reported(town: Path, result: Path) -> None:
    steps_reported: list[str] = []
    partition_file(town, result, WIDE_RANGE, "en", lambda step, done, total: steps_reported.append(str(step)))
    steps = ["Reading the town", "Building the land", "Partitioning the communities", "Writing the result"]
    assert list(dict.fromkeys(steps_reported)) == steps


@pytest.mark.parametrize(("sizes", "code"), [((100, 300), ExitCode.OK), ((300, 500), ExitCode.OUT_OF_RANGE)])
def test_grids_out_of_range_have_their_own_exit_code(
    sizes: tuple[int, int], code: ExitCode, town: Path, result: Path
) -> None:
    minimum, maximum = map(str, sizes)
    assert run(["partition", str(town), "-o", str(result), "--min", minimum, "--max", maximum]) == code


def test_a_range_that_fits_no_number_of_grids_is_refused_with_those_that_would_do(
    town: Path, result: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sizes = ["--min", "130", "--max", "130"]
    assert run(["partition", str(town), "-o", str(result), *sizes, "--language", "en"]) == ExitCode.BAD_INPUT
    error = capsys.readouterr().err
    assert "fit no number of grids of 130 to 130. These ranges would do: " in error
    assert not result.exists()
