"""Commands for buildings that change: they say what they did, and refuse what cannot be."""

import json
from pathlib import Path
from typing import Any

import geopandas as gpd
import pytest
import shapely
from sqlalchemy import create_engine

from gridmap.cli.main import run
from tests.fixtures.loaded_town import SUBDISTRICT_CODE, load_town
from tests.services.land.land_town import WEST_CODE, place

PLACE = ("--subdistrict", SUBDISTRICT_CODE, "--community", WEST_CODE)


@pytest.fixture(scope="module")
def town_url(module_database_url: str, tmp_path_factory: pytest.TempPathFactory) -> str:
    load_town(module_database_url, tmp_path_factory.mktemp("town"))
    return module_database_url


def test_a_building_is_added_recounted_and_demolished(
    town_url: str, gridmap_home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("DATABASE_URL", town_url)

    def gridmap(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run(["building", *arguments, *PLACE, "--json"])
        return code, json.loads(capsys.readouterr().out)

    shape = ("--shape", place(60, 50).wkt, "--on", "2026-05-01", "--households", "30")
    code, added = gridmap("add", "n1", *shape)
    assert (code, added["households"]) == (0, 30)
    assert added["grid"]
    code, output = gridmap("add", "n1", *shape)
    assert (code, output["faults"][0]["column"]) == (2, "code")
    assert gridmap("recount", "n1", "--households", "33", "--on", "2026-05-02")[0] == 0
    listed = gridmap("list", "--search", "n1")[1]
    assert [row["households"] for row in listed["buildings"]] == [33]
    assert gridmap("demolish", "n1", "--on", "2026-06-01")[1]["end"] == "2026-06-01"
    assert gridmap("list", "--demolished")[1]["total"] == 1
    assert gridmap("demolish", "n1", "--undo")[1]["end"] is None
    assert gridmap("demolish", "unknown", "--undo")[1]["faults"][0]["column"] == "building"
    assert run(["building", "demolish", "n1", *PLACE]) == 2


def test_footprints_of_surveyed_buildings_change_nothing(
    town_url: str,
    gridmap_home: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setenv("DATABASE_URL", town_url)
    query = "SELECT code AS building_id, geometry FROM building WHERE valid @> today() ORDER BY id LIMIT 1"
    engine = create_engine(town_url)
    standing = gpd.read_postgis(query, engine, "geometry")
    engine.dispose()
    survey = tmp_path / "survey.gpkg"
    standing.to_file(survey)
    command = ["building", "footprints", str(survey), "--subdistrict", SUBDISTRICT_CODE, "--source", "survey", "--json"]
    assert run(command) == 0
    assert json.loads(capsys.readouterr().out) == {"replaced": 0, "surveyed": 1, "left": 0, "run": None}
    assert run([*command, "--apply"]) == 2
    (corner, *others) = shapely.get_coordinates(standing.geometry.iloc[0]).tolist()
    spike = [corner, [corner[0] - 1e-5, corner[1]], corner, *others]
    gpd.GeoDataFrame(standing.drop(columns="geometry"), geometry=[shapely.Polygon(spike)], crs=4326).to_file(survey)
    assert run(command[:-1]) == 0
    assert "was repaired" in capsys.readouterr().out
