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
    case, report = divided(real_towns / f"{name}.gpkg", tmp_path)
    assert faults(case) == []
    assert out_of_range(case) <= reasoned(report)


def test_an_invented_town_is_divided_soundly(tmp_path: Path) -> None:
    write_demo_town(tmp_path / "town.gpkg", households=10_000)
    case, report = divided(tmp_path / "town.gpkg", tmp_path)
    assert faults(case) == []
    assert out_of_range(case) <= reasoned(report)
    assert_agree(case, report)


def reasoned(report: dict[str, Any]) -> set[str]:
    """Codes of the grids whose exception is told in a sentence."""
    return {exception["grid_code"] for exception in report["exceptions"] if exception["reason"]}


def assert_agree(case: Case, report: dict[str, Any]) -> None:
    """The two files tell the same of every grid."""
    columns = ["grid_code", "households", "buildings", "status"]
    told = [[row[column] for column in columns] for row in report["grids"]]
    assert told == case.grids[columns].to_numpy().tolist()
    assert report["summary"]["grids"] == len(case.grids)
