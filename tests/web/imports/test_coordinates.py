"""Coordinates of layers whose file does not say what they are: named with evidence, and chosen by a person."""

import io
import zipfile
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
from flask.testing import FlaskClient

from tests.fixtures.town_package import CRS, line
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
