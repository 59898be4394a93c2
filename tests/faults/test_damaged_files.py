"""Files that are damaged as files are answered by naming them; nothing is ever written."""

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.faults.breaking import Damage, Expected, assert_named, faults_of
from tests.formats.packages import geojson, geopackage, good_town, shapefiles

BUILDINGS, COMMUNITIES = "buildings", "communities"


def text(content: bytes) -> Damage:
    """Write something else into the file."""
    return lambda path: path.write_bytes(content)


def cut(share: float) -> Damage:
    """Keep the beginning of the file only."""
    return lambda path: path.write_bytes(path.read_bytes()[: int(path.stat().st_size * share)])


def empty(path: Path) -> None:
    path.write_bytes(b"")


def overwritten(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[4096 * 3 : 4096 * 30] = os.urandom(4096 * 27)
    path.write_bytes(content[: path.stat().st_size])


def plain_database(path: Path) -> None:
    path.unlink()
    run_sql("CREATE TABLE buildings (building_id TEXT)")(path)


def run_sql(*commands: str) -> Damage:
    """Change the GeoPackage behind the back of every library."""

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

FILES: dict[str, tuple[Damage, Expected]] = {
    "zero bytes": (empty, Expected("", None, None, "empty")),
    "a text": (text(b"not a database"), Expected("", None, None, "not a GeoPackage")),
    "a zip bomb's head": (text(b"PK\x03\x04" + b"\0" * 99), Expected("", None, None, "not a GeoPackage")),
    "a virtual data set": (text(b"<OGRVRTDataSource/>"), Expected("", None, None, "not a GeoPackage")),
    "only the magic": (text(b"SQLite format 3\0"), Expected("", None, None, "damaged")),
    "half a file": (cut(0.5), Expected("", None, None, "damaged")),
    "nearly all of a file": (cut(0.98), Expected("", None, None, "damaged")),
    "noise in the middle": (overwritten, Expected("", None, None, "damaged")),
    "another database": (plain_database, Expected("", None, None, "not a GeoPackage")),
    "an endless view": (run_sql(*ENDLESS_VIEW), Expected(BUILDINGS, None, None, "view")),
    "a shape that is no shape": (
        run_sql("UPDATE buildings SET geom = x'00FF' WHERE fid = 2"),
        Expected(BUILDINGS, None, None, "read"),
    ),
    "an unknown CRS": (
        run_sql("UPDATE gpkg_geometry_columns SET srs_id = -1", "UPDATE gpkg_contents SET srs_id = -1"),
        Expected(COMMUNITIES, None, "geometry", "reference system"),
    ),
    "text that is no text": (
        run_sql("UPDATE buildings SET building_id = CAST(x'CEC4BAFE' AS TEXT) WHERE fid = 1"),
        Expected(BUILDINGS, None, None, "encoding"),
    ),
    "a file that is away": (Path.unlink, Expected("", None, None, "no such file")),
}


@pytest.mark.parametrize("name", FILES)
def test_a_damaged_file_is_answered(name: str, tmp_path: Path) -> None:
    path = geopackage(good_town(), tmp_path / "town.gpkg")
    damage, expected = FILES[name]
    damage(path)
    assert_named(faults_of(path), expected)


def test_a_file_that_another_program_holds_is_not_half_read(tmp_path: Path) -> None:
    path = geopackage(good_town(), tmp_path / "town.gpkg")
    database = sqlite3.connect(path)
    database.execute("PRAGMA journal_mode = WAL")
    database.execute("CREATE TABLE unsaved (x)")
    assert_named(faults_of(path), Expected("", None, None, "close it"))
    database.close()


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_without_permission_is_answered(tmp_path: Path) -> None:
    path = geopackage(good_town(), tmp_path / "town.gpkg")
    path.chmod(0)
    assert_named(faults_of(path), Expected("", None, None, "permission"))


def emptied(folder: Path) -> None:
    for path in folder.iterdir():
        path.unlink()


def first_feature(change: Callable[[dict[str, object]], object]) -> Damage:
    """Change the first building of a GeoJSON folder."""

    def damage(folder: Path) -> None:
        path = folder / "buildings.geojson"
        content = json.loads(path.read_text())
        change(content["features"][0])
        path.write_text(json.dumps(content))

    return damage


def in_file(name: str, damage: Damage) -> Damage:
    """Damage one file of a folder."""
    return lambda folder: damage(folder / name)


OFF_EARTH = {"type": "Polygon", "coordinates": [[[200, 91], [200.1, 91], [200.1, 91.1], [200, 91]]]}
TWO_POINTS = {"type": "Polygon", "coordinates": [[[114.3, 30.6], [114.3, 30.6]]]}
NESTED = b'{"type":"FeatureCollection","features":' + b"[" * 100_000
GEOJSON: dict[str, tuple[Damage, Expected]] = {
    "empty folder": (emptied, Expected("", None, None, "no layers")),
    "zero bytes": (in_file("buildings.geojson", empty), Expected(BUILDINGS, None, None, "empty")),
    "half a file": (in_file("buildings.geojson", cut(0.5)), Expected(BUILDINGS, None, None, "")),
    "a list": (in_file("buildings.geojson", text(b"[1, 2]")), Expected(BUILDINGS, None, None, "not GeoJSON")),
    "an endless nest": (in_file("buildings.geojson", text(NESTED)), Expected(BUILDINGS, None, None, "read")),
    "another object": (in_file("buildings.geojson", text(b'{"a": 1}')), Expected(BUILDINGS, None, None, "read")),
    "UTF-16": (in_file("buildings.geojson", text(b"\xff\xfe{\0}\0")), Expected(BUILDINGS, None, None, "not GeoJSON")),
    "GBK": (
        in_file("communities.geojson", lambda path: path.write_bytes(path.read_text().encode("gbk"))),
        Expected(COMMUNITIES, None, None, "encoding"),
    ),
    "latitude 91": (
        first_feature(lambda feature: feature.update(geometry=OFF_EARTH)),
        Expected(BUILDINGS, 1, "geometry", "degrees"),
    ),
    "a ring of two points": (
        first_feature(lambda feature: feature.update(geometry=TWO_POINTS)),
        Expected(BUILDINGS, 1, "geometry", "geometry"),
    ),
    "a layer in two files": (
        lambda folder: shutil.copy(folder / "buildings.geojson", folder / "Buildings.json"),
        Expected(BUILDINGS, None, None, "two files"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", GEOJSON)
def test_a_damaged_geojson_folder_is_answered(name: str, tmp_path: Path) -> None:
    folder = geojson(good_town(), tmp_path / "town")
    damage, expected = GEOJSON[name]
    damage(folder)
    assert_named(faults_of(folder), expected)


SHAPEFILES: dict[str, tuple[Damage, Expected]] = {
    "no table": (in_file("buildings.dbf", Path.unlink), Expected(BUILDINGS, None, None, ".dbf")),
    "no index": (in_file("buildings.shx", Path.unlink), Expected(BUILDINGS, None, None, ".shx")),
    "no projection": (in_file("buildings.prj", Path.unlink), Expected(BUILDINGS, None, "geometry", "reference system")),
    "no Shapefile": (in_file("buildings.shp", text(b"shape")), Expected(BUILDINGS, None, None, "not a Shapefile")),
    "half a file": (in_file("buildings.shp", cut(0.5)), Expected(BUILDINGS, None, None, "")),
    "half a table": (in_file("buildings.dbf", cut(0.1)), Expected(BUILDINGS, None, None, "")),
    "a wrong encoding": (in_file("communities.cpg", text(b"ASCII")), Expected(COMMUNITIES, None, None, "encoding")),
    "no such encoding": (in_file("communities.cpg", text(b"KLINGON")), Expected(COMMUNITIES, None, None, "KLINGON")),
}


@pytest.mark.parametrize("name", SHAPEFILES)
def test_a_damaged_shapefile_is_answered(name: str, tmp_path: Path) -> None:
    folder = shapefiles(good_town(), tmp_path / "town")
    damage, expected = SHAPEFILES[name]
    damage(folder)
    faults = faults_of(folder)
    assert_named(faults, expected)
