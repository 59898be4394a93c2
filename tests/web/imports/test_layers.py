"""Layers in the web: coordinates that a person chooses, and boundaries that a planner's job makes new land of."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
from flask.testing import FlaskClient

from tests.fixtures.town_package import CRS, box, line
from tests.fixtures.web_app import submit_form
from tests.web.imports.conftest import Town, Wizard, count

ZONE = "EPSG:4547"


def write_shapefile(folder: Path) -> bytes:
    """Return a Shapefile of a street in a Chinese zone, without its coordinate reference system, as a ZIP file."""
    streets = gpd.GeoDataFrame({"name": ["湖滨巷"], "kind": ["主干道"]}, geometry=[line((0, 150), (200, 150))], crs=CRS)
    streets.to_crs(ZONE).to_file(folder / "roads.shp", encoding="UTF-8")
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for path in folder.glob("roads.*"):
            if path.suffix != ".prj":
                archive.write(path, path.name)
    return content.getvalue()


def test_a_zone_is_recognised_by_the_place_and_chosen(
    open_client: Callable[[str], FlaskClient], town: Town, tmp_path: Path
) -> None:
    wizard, before = Wizard(open_client("planner"), town), count(town, "street")
    draft = str(wizard.send(write_shapefile(tmp_path), "roads.zip", "streets").location)
    assert wizard.work() == ["done"]
    page = wizard.page(draft)
    assert f"the coordinates fit {ZONE}, since the easting has no zone number" in page
    assert f'value="{ZONE}"' in page
    version = wizard.version(draft)
    for choice, status in (("EPSG:2154", 422), (ZONE, 303)):
        answer = submit_form(wizard.client, "/imports/new", f"{draft}/columns", version=version, coordinates=choice)
        assert answer.status_code == status
    assert wizard.work() == ["done"]
    page = wizard.page(draft)
    assert ">Main street</td>" in page
    assert f"<dt>Coordinates</dt><dd>{ZONE}" in page
    wizard.apply(draft)
    assert wizard.work() == ["done"]
    assert count(town, "street") == before + 1
    again = str(wizard.send(write_shapefile(tmp_path), "roads.zip", "streets", request_key="next month").location)
    assert wizard.work() == ["done"]
    page = wizard.page(again)
    assert f"<dt>Coordinates</dt><dd>{ZONE}" in page
    assert f'<option selected value="{ZONE}"' in page


def test_a_planner_mends_boundaries_by_one_job_and_cannot_undo_it(
    open_client: Callable[[str], FlaskClient], town: Town, tmp_path: Path
) -> None:
    wizard, path = Wizard(open_client("planner"), town), tmp_path / "社区.gpkg"
    codes, shapes = ["420106001001", "420106001002"], [box(0, 0, 280, 200), box(280, 0, 120, 200)]
    gpd.GeoDataFrame({"code": codes}, geometry=shapes, crs=CRS).to_file(path, layer="communities")
    draft = str(wizard.send(path.read_bytes(), path.name, "communities").location)
    assert wizard.work() == ["done"]
    page = wizard.page(draft)
    assert "2 buildings go to it, and with them households and places: b4、b5" in page
    assert 'id="map"' in page
    in_west = "community_id = (SELECT id FROM community WHERE code = '420106001001')"
    before = count(town, "building", in_west), count(town, "land")
    wizard.apply(draft)
    assert wizard.work() == ["done"]
    assert (count(town, "building", in_west), count(town, "land")) == (before[0] + 2, before[1] + 2)
    audited = "action = 'rebuild_land' AND account_id IS NOT NULL"
    assert count(town, "audit", audited) == 2
    run = str(wizard.client.get(draft).location)
    assert "earlier days keep theirs" in wizard.page(run)
    assert str(submit_form(wizard.client, "/imports/new", f"{run}/undo", request_key="undo").location) == run
