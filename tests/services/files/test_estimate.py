"""Estimates from file to file, and partitions of estimated towns."""

import json
from pathlib import Path

import geopandas as gpd
import numpy as np
import pytest
import shapely

from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from gridmap.core.errors import InvalidInput
from gridmap.formats.package.town import read_town
from gridmap.formats.results.geopackage import read_layer, write_layers
from gridmap.services.files.estimate import estimate_file, read_assumptions

CRS = "EPSG:4547"
Columns = dict[str, object]


def write_package(path: Path, **columns: object) -> Path:
    """Write a town of twenty slabs in a row, without streets; `columns` are those of the buildings."""
    slabs = [shapely.box(500_010 + 60 * n, 3_000_010, 500_050 + 60 * n, 3_000_025) for n in range(20)]
    all_columns: Columns = {"building_id": [f"B{n}" for n in range(20)], "levels": 6.0, "height": 18.5, **columns}
    land = gpd.GeoDataFrame(
        {"code": ["A"], "name": ["A"]}, geometry=[shapely.box(5e5, 3e6, 501_250, 3_000_050)], crs=CRS
    )
    layers = {"communities": land, "buildings": gpd.GeoDataFrame(all_columns, geometry=slabs, crs=CRS), "trees": land}
    write_layers(path, layers)
    return path


def estimate_package(source: Path) -> Path:
    """Estimate the households of a town."""
    target = source.with_name("estimated.gpkg")
    estimate_file(source, target, read_assumptions().with_overrides({}))
    return target


def test_households_are_estimated_and_other_columns_kept(tmp_path: Path) -> None:
    target = estimate_package(write_package(tmp_path / "town.gpkg"))
    buildings = read_layer(target, "buildings")
    assert buildings["households"].tolist() == [36] * 20
    assert buildings["height"].tolist() == [18.5] * 20
    assert len(read_layer(target, "trees")) == 1


def test_missing_counts_are_estimated_and_existing_counts_kept(tmp_path: Path) -> None:
    counts = np.r_[np.arange(10.0), np.full(10, np.nan)]
    buildings = read_layer(estimate_package(write_package(tmp_path / "town.gpkg", households=counts)), "buildings")
    assert buildings["households"].tolist() == [*range(10), *[36] * 10]
    assert buildings["households_estimated"].tolist() == [False] * 10 + [True] * 10


def test_flags_and_ranges_survive_reading(tmp_path: Path) -> None:
    buildings = read_town(estimate_package(write_package(tmp_path / "town.gpkg"))).buildings
    assert buildings["households_estimated"].all()
    assert (buildings["households_low"] < 36).all()
    assert (buildings["households_high"] > 36).all()


def test_a_partition_reports_estimated_households(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    target, grids = estimate_package(write_package(tmp_path / "town.gpkg")), tmp_path / "grids.gpkg"
    assert run(["partition", str(target), "-o", str(grids), "--language", "en"]) == ExitCode.OK
    assert "720 of 720 households are estimated" in capsys.readouterr().out
    frame = read_layer(grids, "grids")
    assert frame["estimated_households"].tolist() == frame["households"].tolist()
    assert (frame["households_low"] < frame["households"]).all()
    assert json.loads(grids.with_suffix(".json").read_text("utf-8"))["estimated_households"] == 720
    assert read_layer(grids, "buildings")["households_estimated"].all()


def test_a_partition_of_counted_households_mentions_no_estimates(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    town = write_package(tmp_path / "town.gpkg", households=20)
    run(["partition", str(town), "-o", str(tmp_path / "grids.gpkg"), "--language", "en"])
    assert "estimated" not in capsys.readouterr().out


def test_wrong_levels_are_a_fault_of_an_estimate(tmp_path: Path) -> None:
    levels = np.r_[-3.0, np.full(19, 6.0)]
    with pytest.raises(InvalidInput) as bad:
        estimate_package(write_package(tmp_path / "town.gpkg", levels=levels))
    assert [(fault.row, fault.column, fault.value) for fault in bad.value.faults] == [(1, "levels", "-3")]
    assert not (tmp_path / "estimated.gpkg").exists()


def test_a_town_is_not_written_over_itself(tmp_path: Path) -> None:
    town = write_package(tmp_path / "town.gpkg")
    with pytest.raises(InvalidInput, match="replace"):
        estimate_file(town, town, read_assumptions())


def test_json_output_has_the_assumptions(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    town = write_package(tmp_path / "town.gpkg")
    command = ["estimate", str(town), "-o", str(tmp_path / "out.gpkg"), "--gross-area", "apartments", "72", "--json"]
    assert run(command) == ExitCode.OK
    output = json.loads(capsys.readouterr().out)
    assert output["kinds"][0]["gross_area_m2"] == 72
    assert output["households_low"] < output["households"] == 1000 < output["households_high"]


def test_a_real_town_without_counts_and_streets_is_estimated_and_partitioned(
    real_towns_dir: Path, tmp_path: Path
) -> None:
    town, grids = tmp_path / "town.gpkg", tmp_path / "grids.gpkg"
    assert run(["estimate", str(real_towns_dir / "kunming.gpkg"), "-o", str(town)]) == ExitCode.OK
    assert run(["partition", str(town), "-o", str(grids)]) in {ExitCode.OK, ExitCode.OUT_OF_RANGE}
    assert (read_layer(grids, "grids")["estimated_households"] > 0).all()
