"""Command for land that is built anew: a preview changes nothing, a boundary moves buildings, the list says what."""

import json
from pathlib import Path
from typing import Any

import pytest
import shapely

from gridmap.cli.main import run
from gridmap.services.land.boundaries import parse_boundary
from tests.fixtures.loaded_town import SUBDISTRICT_CODE, load_town
from tests.services.land.land_town import WEST_CODE, place

PLACE = ("--subdistrict", SUBDISTRICT_CODE, "--community", WEST_CODE)


def test_a_boundary_is_previewed_mended_and_listed(
    database_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    load_town(database_url, tmp_path)
    monkeypatch.setenv("DATABASE_URL", database_url)
    boundary = tmp_path / "boundary.geojson"
    boundary.write_text(shapely.to_geojson(place(0, 0, 280, 200)))

    def gridmap(*arguments: str) -> tuple[int, dict[str, Any]]:
        capsys.readouterr()
        code = run(["land", *arguments, *PLACE, "--json"])
        return code, json.loads(capsys.readouterr().out)

    code, preview = gridmap("rebuild", "--boundary", str(boundary), "--preview")
    assert (code, preview["changed_community"]) == (0, {WEST_CODE: ["b4", "b5"]})
    assert len(gridmap("list")[1]["lands"]) == 1
    assert run(["land", "rebuild", "--boundary", str(boundary), "--note", "调整", *PLACE]) == 0
    assert "b4, b5" in capsys.readouterr().out
    assert gridmap("rebuild")[0] == 2  # once a day
    assert [each["holds_from"] is None for each in gridmap("list")[1]["lands"]] == [False, True]
    assert run(["land", "list", *PLACE]) == 0


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{}",
        "[]",
        "POINT (1 1)",
        '{"type": "FeatureCollection", "features": []}',
        '{"type": "Feature", "geometry": null}',
        "POLYGON ((0 0, 1 1, 1 0, 0 1, 0 0))",
        "POLYGON ((500000 0, 500001 0, 500000 1, 500000 0))",
    ],
)
def test_what_is_no_boundary_is_refused(text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "boundary.txt"
    file.write_text(text)
    assert run(["land", "rebuild", "--boundary", str(file), *PLACE]) == 2
    assert "boundary" in capsys.readouterr().err


def test_a_collection_of_one_feature_is_a_boundary() -> None:
    feature = {"type": "Feature", "properties": {}, "geometry": json.loads(shapely.to_geojson(place(0, 0, 10, 10)))}
    assert parse_boundary(json.dumps({"type": "FeatureCollection", "features": [feature]})).geom_type == "Polygon"
