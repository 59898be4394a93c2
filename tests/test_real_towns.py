"""Real towns are divided soundly: an independent judge finds nothing but grids whose reason is told."""

import json
import os
from pathlib import Path
from typing import Any

import pytest

from gridmap.core.partition.divide import Settings
from gridmap.core.progress import silent
from gridmap.services.planning import partition_file
from gridmap.services.towns import write_demo_town
from tests.judge import Case, faults, out_of_range

SMALL = ("cambridge", "singapore_tp", "singapore_tap", "singapore_ct", "singapore_amk", "singapore_qt", "olemps")
LARGE = pytest.param(
    "vologda", marks=pytest.mark.skipif("GRIDMAP_SLOW" not in os.environ, reason="a minute; set GRIDMAP_SLOW=1")
)


def divided(town: Path, folder: Path) -> tuple[Case, dict[str, Any]]:
    """A town and its division as the files have it, and the report."""
    result = folder / "grids.gpkg"
    partition_file(town, result, Settings(jobs=2), "en", silent)
    return Case.read(town, result), json.loads(result.with_suffix(".json").read_text("utf-8"))


@pytest.mark.parametrize("name", [*SMALL, LARGE])
def test_a_real_town_is_divided_soundly(name: str, real_towns: Path, tmp_path: Path) -> None:
    assert_sound(*divided(real_towns / f"{name}.gpkg", tmp_path))


def test_an_invented_town_is_divided_soundly(tmp_path: Path) -> None:
    write_demo_town(tmp_path / "town.gpkg", households=10_000)
    assert_sound(*divided(tmp_path / "town.gpkg", tmp_path))


def assert_sound(case: Case, report: dict[str, Any]) -> None:
    """No fault but grids out of range whose reason is told, and the two files tell the same of every grid."""
    assert faults(case) == []
    assert out_of_range(case) <= {exception["grid_code"] for exception in report["exceptions"] if exception["reason"]}
    columns = ["grid_code", "households", "buildings", "status"]
    told = [[row[column] for column in columns] for row in report["grids"]]
    assert told == case.grids[columns].to_numpy().tolist()
