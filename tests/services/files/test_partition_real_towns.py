"""Partitions of real towns are valid, and every grid out of range has a reason."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest

from gridmap.catalogues import find_profile
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.progress import ignore_progress
from gridmap.services.files.demo_town import write_demo_town
from gridmap.services.files.partition import partition_file
from tests.core.partition.certificate_checker import CertificateChecker
from tests.fixtures.partition_oracle import PartitionCase, find_faults, out_of_range_grids

SMALL_TOWNS = ("cambridge", "singapore_tp", "singapore_tap", "singapore_ct", "singapore_amk", "singapore_qt", "olemps")
LARGE_TOWN = "vologda"


def partition_town(town: Path, folder: Path) -> tuple[PartitionCase, dict[str, Any]]:
    """Partition a town, and return it as its files have it, with the report."""
    result = folder / "grids.gpkg"
    partition_file(town, result, PartitionSettings(jobs=2), "en", ignore_progress)
    return PartitionCase.read(town, result), json.loads(result.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("name", [*SMALL_TOWNS, LARGE_TOWN])
def test_a_real_town_gets_a_valid_partition(name: str, real_towns_dir: Path, tmp_path: Path) -> None:
    assert_sound(*partition_town(real_towns_dir / f"{name}.gpkg", tmp_path))


@pytest.mark.parametrize(
    ("name", "cores"), [("singapore_ct", [[264, 264, 264]]), ("singapore_tp", [[245, 269, 273, 273], [539]])]
)
def test_exceptions_among_towers_have_certificates(
    name: str, cores: list[list[int]], real_towns_dir: Path, tmp_path: Path
) -> None:
    town = real_towns_dir / f"{name}.gpkg"
    _, report = partition_town(town, tmp_path)
    counted = gpd.read_file(town, layer="buildings").astype({"building_id": str}).set_index("building_id").households
    for certificate in report["certificates"]:
        assert all(atom["households"] == counted[atom["buildings"]].sum() for atom in certificate["atoms"])
        assert {cure["kind"] for cure in certificate["cures"]} == {"raise_maximum", "divide_building"}
        assert "would not do" in certificate["cures"][0]["reason"]
    assert [list_core(each) for each in report["certificates"]] == cores
    exceptions = {each["grid_code"] for each in report["exceptions"] if each["status"] != "in_range"}
    assert {each["grid_code"] for each in report["certificates"]} == exceptions


def list_core(certificate: dict[str, Any]) -> list[int]:
    return sorted(atom["households"] for atom in certificate["atoms"] if atom["in_core"])


def test_no_home_of_a_real_town_is_beyond_one_kilometre(real_towns_dir: Path, tmp_path: Path) -> None:
    """Profile 3000, measured from the written file: from the centre of each grid to its farthest inhabited building."""
    result, profile = tmp_path / "grids.gpkg", find_profile("3000")
    partition_file(real_towns_dir / "cambridge.gpkg", result, PartitionSettings(profile, jobs=2), "en", ignore_progress)
    homes = gpd.read_file(result, layer="buildings").to_crs("EPSG:32619").query("households > 0")
    centres = gpd.read_file(result, layer="grids").to_crs("EPSG:32619").set_index("grid_code").centroid
    away = homes.centroid.distance(centres.reindex(homes["grid_code"]).set_axis(homes.index))
    assert away.max() <= 1_001.0  # the file is in degrees
    small = json.loads(result.with_suffix(".json").read_text("utf-8"))["exceptions"]
    assert all(each["reason"] for each in small if each["status"] != "in_range")


def test_an_invented_town_gets_a_valid_partition(tmp_path: Path) -> None:
    write_demo_town(tmp_path / "town.gpkg", households=4_000)
    assert_sound(*partition_town(tmp_path / "town.gpkg", tmp_path))


def assert_sound(case: PartitionCase, report: dict[str, Any]) -> None:
    """Assert that only grids with a reason are out of range, and that result and report agree on every grid."""
    assert find_faults(case) == []
    assert out_of_range_grids(case) <= {
        exception["grid_code"] for exception in report["exceptions"] if exception["reason"]
    }
    assert [each["grid_code"] for each in report["certificates"] if not CertificateChecker(each).is_proven()] == []
    columns = ["grid_code", "households", "buildings", "status"]
    rows = [[row[column] for column in columns] for row in report["grids"]]
    assert rows == case.grids[columns].to_numpy().tolist()
