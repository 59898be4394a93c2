"""Damaged files: each is reported with its location, and nothing is ever written."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.fixtures.input_damage import ExpectedFault, FileDamage, assert_fault_reported, faults_of
from tests.fixtures.town_package import sound_town, write_geojson, write_geopackage, write_shapefiles

BUILDINGS, COMMUNITIES = "buildings", "communities"


def replace_content(content: bytes) -> FileDamage:
    """Replace the content of a file."""
    return lambda path: path.write_bytes(content)


def truncate(kept_share: float) -> FileDamage:
    """Cut off the end of a file."""
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * kept_share)])


def make_empty(path: Path) -> None:
    path.write_bytes(b"")


def overwrite_middle(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 30] = os.urandom(4096 * 27)
    path.write_bytes(content[: path.stat().st_size])


def make_plain_sqlite(path: Path) -> None:
    path.unlink()
    run_sql("CREATE TABLE buildings (building_id TEXT)")(path)


def run_sql(*commands: str) -> FileDamage:
    """Run SQL on a GeoPackage, without any library for GeoPackages."""

    def damage(path: Path) -> None:
        database = sqlite3.connect(path)
        for function in ("ST_IsEmpty", "ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY"):
            database.create_function(function, 1, lambda shape: 0.0)
        for command in commands:
            database.execute(command)
        database.commit()
        database.close()

    return damage


ENDLESS_VIEW = (
    "ALTER TABLE buildings RENAME TO hidden",
    """CREATE VIEW buildings AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 FROM n)
    SELECT n.fid, geom, building_id, households FROM n, hidden""",
)

GEOPACKAGE_DAMAGES: dict[str, tuple[FileDamage, ExpectedFault]] = {
    "zero bytes": (make_empty, ExpectedFault("", None, None, "empty")),
    "a text": (replace_content(b"not a database"), ExpectedFault("", None, None, "this is a text")),
    "the header of a ZIP file": (
        replace_content(b"PK\x03\x04" + b"\0" * 99),
        ExpectedFault("", None, None, "ZIP file is damaged"),
    ),
    "a virtual data set": (
        replace_content(b"<OGRVRTDataSource/>"),
        ExpectedFault("", None, None, "a file of an unknown kind"),
    ),
    "only the header": (replace_content(b"SQLite format 3\0"), ExpectedFault("", None, None, "damaged")),
    "half a file": (truncate(0.5), ExpectedFault("", None, None, "damaged")),
    "nearly all of a file": (truncate(0.98), ExpectedFault("", None, None, "damaged")),
    "noise in the middle": (overwrite_middle, ExpectedFault("", None, None, "damaged")),
    "another database": (make_plain_sqlite, ExpectedFault("", None, None, "without the tables of a GeoPackage")),
    "an endless view": (run_sql(*ENDLESS_VIEW), ExpectedFault(BUILDINGS, None, None, "view")),
    "a shape that is no shape": (
        run_sql("UPDATE buildings SET geom = x'00FF' WHERE fid = 2"),
        ExpectedFault(BUILDINGS, 2, "geometry", "unreadable"),
    ),
    "an unknown CRS": (
        run_sql("UPDATE gpkg_geometry_columns SET srs_id = -1", "UPDATE gpkg_contents SET srs_id = -1"),
        ExpectedFault(COMMUNITIES, None, "geometry", "reference system"),
    ),
    "a missing file": (Path.unlink, ExpectedFault("", None, None, "no such file")),
}


@pytest.mark.parametrize("name", GEOPACKAGE_DAMAGES)
def test_a_damaged_geopackage_is_reported(name: str, tmp_path: Path) -> None:
    path = write_geopackage(sound_town(), tmp_path / "town.gpkg")
    damage, expected = GEOPACKAGE_DAMAGES[name]
    damage(path)
    assert_fault_reported(faults_of(path), expected)


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_reported(tmp_path: Path) -> None:
    path = write_geopackage(sound_town(), tmp_path / "town.gpkg")
    path.chmod(0)
    assert_fault_reported(faults_of(path), ExpectedFault("", None, None, "permission"))


def empty_folder(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def change_first_feature(change: Callable[[dict[str, object]], object]) -> FileDamage:
    """Change the first building of a GeoJSON folder."""

    def damage(folder: Path) -> None:
        path = folder / "buildings.geojson"
        content = json.loads(path.read_text())
        change(content["features"][0])
        path.write_text(json.dumps(content))

    return damage


def damage_file(name: str, damage: FileDamage) -> FileDamage:
    """Damage one file of a folder."""
    return lambda folder: damage(folder / name)


OFF_EARTH = {"type": "Polygon", "coordinates": [[[200, 91], [200.1, 91], [200.1, 91.1], [200, 91]]]}
TWO_POINTS = {"type": "Polygon", "coordinates": [[[114.3, 30.6], [114.3, 30.6]]]}
NESTED = b'{"type":"FeatureCollection","features":' + b"[" * 100_000
GEOJSON_DAMAGES: dict[str, tuple[FileDamage, ExpectedFault]] = {
    "empty folder": (empty_folder, ExpectedFault("", None, None, "no layers")),
    "zero bytes": (damage_file("buildings.geojson", make_empty), ExpectedFault(BUILDINGS, None, None, "empty")),
    "half a file": (damage_file("buildings.geojson", truncate(0.5)), ExpectedFault(BUILDINGS, None, None, "")),
    "a list": (
        damage_file("buildings.geojson", replace_content(b"[1, 2]")),
        ExpectedFault(BUILDINGS, None, None, "not GeoJSON"),
    ),
    "an endless nest": (
        damage_file("buildings.geojson", replace_content(NESTED)),
        ExpectedFault(BUILDINGS, None, None, "read"),
    ),
    "another object": (
        damage_file("buildings.geojson", replace_content(b'{"a": 1}')),
        ExpectedFault(BUILDINGS, None, None, "read"),
    ),
    "UTF-16": (
        damage_file("buildings.geojson", replace_content(b"\xff\xfe{\0}\0")),
        ExpectedFault(BUILDINGS, None, None, ""),
    ),
    "latitude 91": (
        change_first_feature(lambda feature: feature.update(geometry=OFF_EARTH)),
        ExpectedFault(BUILDINGS, 1, "geometry", "degrees"),
    ),
    "a ring of two points": (
        change_first_feature(lambda feature: feature.update(geometry=TWO_POINTS)),
        ExpectedFault(BUILDINGS, 1, "geometry", "geometry"),
    ),
    "a layer in two files": (
        lambda folder: shutil.copy(folder / "buildings.geojson", folder / "Buildings.json"),
        ExpectedFault(BUILDINGS, None, None, "two files"),
    ),
}


@pytest.mark.parametrize("name", GEOJSON_DAMAGES)
def test_a_damaged_geojson_folder_is_reported(name: str, tmp_path: Path) -> None:
    folder = write_geojson(sound_town(), tmp_path / "town")
    damage, expected = GEOJSON_DAMAGES[name]
    damage(folder)
    assert_fault_reported(faults_of(folder), expected)


def fill_texts(path: Path, letter: bytes) -> None:
    """Overwrite all rows of a table with one byte."""
    content = path.read_bytes()
    header = int.from_bytes(content[8:10], "little")
    path.write_bytes(content[:header] + letter * (len(content) - header))


SHAPEFILE_DAMAGES: dict[str, tuple[FileDamage, ExpectedFault]] = {
    "no table": (damage_file("buildings.dbf", Path.unlink), ExpectedFault(BUILDINGS, None, None, ".dbf")),
    "no index": (damage_file("buildings.shx", Path.unlink), ExpectedFault(BUILDINGS, None, None, ".shx")),
    "no projection": (
        damage_file("buildings.prj", Path.unlink),
        ExpectedFault(BUILDINGS, None, "geometry", "reference system"),
    ),
    "no Shapefile": (
        damage_file("buildings.shp", replace_content(b"shape")),
        ExpectedFault(BUILDINGS, None, None, "not a Shapefile"),
    ),
    "half a file": (damage_file("buildings.shp", truncate(0.5)), ExpectedFault(BUILDINGS, None, None, "")),
    "half a table": (damage_file("buildings.dbf", truncate(0.1)), ExpectedFault(BUILDINGS, None, None, "")),
    "noise instead of texts": (
        damage_file("communities.dbf", lambda path: fill_texts(path, b"\xff")),
        ExpectedFault(COMMUNITIES, None, None, "encoding"),
    ),
}


@pytest.mark.parametrize("name", SHAPEFILE_DAMAGES)
def test_a_damaged_shapefile_is_reported(name: str, tmp_path: Path) -> None:
    folder = write_shapefiles(sound_town(), tmp_path / "town")
    damage, expected = SHAPEFILE_DAMAGES[name]
    damage(folder)
    faults = faults_of(folder)
    assert_fault_reported(faults, expected)
