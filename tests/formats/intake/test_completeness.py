"""Never half a file: what is not finished is refused with words, or read as it was last saved."""

import os
import shutil
import sqlite3
import zipfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pyogrio
import pytest

from gridmap.core.errors import InvalidInput
from gridmap.formats.intake.source_file import open_source
from gridmap.services.files.inspection import inspect_source
from tests.fixtures.town_package import file_sizes
from tests.formats.small_layers import CHINESE, read_only_layer, write_layer

Damage = Callable[[Path], object]


def leave_hot_journal(path: Path) -> Path:
    """Copy a GeoPackage with its journal in the middle of a change, as after a crash of the other program."""
    crashed = path.with_name("crashed.gpkg")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for function in ("ST_IsEmpty", "ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY"):
            database.create_function(function, 1, lambda shape: 0.0)
        database.execute("CREATE TABLE filler (x)")
        database.execute("PRAGMA cache_size = 1")
        database.execute("PRAGMA cache_spill = 1")
        database.execute("BEGIN IMMEDIATE")
        database.execute("UPDATE town SET households = 0, name = 'half'")
        for _ in range(200):
            database.execute("INSERT INTO filler VALUES (randomblob(4000))")
        shutil.copy(path, crashed)
        shutil.copy(f"{path}-journal", f"{crashed}-journal")
        database.execute("ROLLBACK")
    return crashed


def test_a_change_that_was_broken_off_is_undone_in_a_copy(tmp_path: Path) -> None:
    path = leave_hot_journal(write_layer(tmp_path / "town.gpkg", "GPKG"))
    half = sqlite3.connect(f"{path.as_uri()}?immutable=1", uri=True)
    with closing(half):
        assert half.execute("SELECT sum(households) FROM town").fetchone() == (0,)  # what was read before
    before = file_sizes(tmp_path)
    layer = read_only_layer(path)
    assert (layer.names, layer.households) == (list(CHINESE), 200)
    assert "crashed.gpkg-journal" in str(layer.description.warnings[0].problem)
    assert file_sizes(tmp_path) == before


def test_a_geopackage_open_in_qgis_is_read_as_last_saved(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "town.gpkg", "GPKG")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        for function in ("ST_IsEmpty", "ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY"):
            database.create_function(function, 1, lambda shape: 0.0)
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("UPDATE town SET households = 1000")
        layer = read_only_layer(path)
    assert layer.households == 2000
    assert "town.gpkg-wal" in str(layer.description.warnings[0].problem)


def test_a_geopackage_without_its_journal_is_told(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "town.gpkg", "GPKG")
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode = WAL")
        database.execute("CREATE TABLE latest (x)")
        shutil.copy(path, tmp_path / "copy.gpkg")
    layer = read_only_layer(tmp_path / "copy.gpkg")
    assert "latest changes may be missing" in str(layer.description.warnings[0].problem)


def test_a_journal_that_is_finished_does_no_harm(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "town.gpkg", "GPKG")
    (tmp_path / "town.gpkg-journal").write_bytes(bytes(512))
    assert read_only_layer(path).households == 200


def test_a_file_that_changes_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "town.geojson", "GeoJSON")
    with pytest.raises(InvalidInput, match="changed while it was read"), open_source(path):
        path.write_bytes(path.read_bytes() + b" ")


def test_a_file_that_is_replaced_while_it_is_read_is_refused(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "town.gpkg", "GPKG")
    shutil.copy2(path, tmp_path / "other")
    with pytest.raises(InvalidInput, match="changed while it was read"), open_source(path):
        (tmp_path / "other").replace(path)


def test_a_part_of_a_shapefile_that_changes_is_refused(tmp_path: Path) -> None:
    path = write_layer(tmp_path / "town.shp", "ESRI Shapefile")
    with pytest.raises(InvalidInput, match="changed while it was read"), open_source(path):
        os.utime(path.with_suffix(".dbf"), ns=(1, 1))


@pytest.mark.parametrize(
    ("sidecar", "words"),
    [
        ("town.gpkg.part", "download or copy"),
        ("town.gpkg.crdownload", "download or copy"),
        ("town.gpkg.aria2", "download or copy"),
        ("town.gpkg.baiduyun.p.downloading", "download or copy"),
        ("town.gpkg.xltd", "download or copy"),
        ("~$town.gpkg", "open in another program"),
        ("~$wn.gpkg", "open in another program"),
        (".~lock.town.gpkg#", "open in another program"),
    ],
)
def test_a_sign_beside_the_file_refuses_it(sidecar: str, words: str, tmp_path: Path) -> None:
    path = write_layer(tmp_path / "town.gpkg", "GPKG")
    (tmp_path / sidecar).write_bytes(b"")
    with pytest.raises(InvalidInput, match=words) as error:
        inspect_source(path)
    assert sidecar in str(error.value.faults[0].advice)


def test_a_download_in_a_folder_is_refused(tmp_path: Path) -> None:
    write_layer(tmp_path / "communities.gpkg", "GPKG")
    (tmp_path / "buildings.gpkg.crdownload").write_bytes(b"SQLite format 3\0")
    faults = inspect_source(tmp_path).faults
    assert [(fault.file, "not finished" in str(fault.problem)) for fault in faults] == [
        ("buildings.gpkg.crdownload", True)
    ]


def cut(suffix: str, kept: float) -> Damage:
    """Cut off the end of one file of a layer."""

    def damage(path: Path) -> None:
        file = path.with_suffix(suffix)
        content = file.read_bytes()
        file.write_bytes(content[: int(len(content) * kept)])

    return damage


def drop_last_shape(path: Path) -> None:
    """Shorten the index by one shape, as after a copy of files that do not belong together."""
    index = bytearray(path.with_suffix(".shx").read_bytes()[:-8])
    index[24:28] = (len(index) // 2).to_bytes(4, "big")
    path.with_suffix(".shx").write_bytes(index)


TRUNCATED: dict[str, tuple[str, str, Damage, str]] = {
    "shapes": ("a.shp", "ESRI Shapefile", cut(".shp", 0.97), "a.shp of the Shapefile is incomplete"),
    "index": ("a.shp", "ESRI Shapefile", cut(".shx", 0.97), "a.shx of the Shapefile is incomplete"),
    "table": ("a.shp", "ESRI Shapefile", cut(".dbf", 0.8), "table of the Shapefile is incomplete"),
    "unequal parts": ("a.shp", "ESRI Shapefile", drop_last_shape, "1 shapes, 2 rows"),
    "lines of GeoJSON": ("a.geojsonl", "GeoJSONSeq", cut(".geojsonl", 0.97), "line 2 of the file"),
    "GeoJSON": ("a.geojson", "GeoJSON", cut(".geojson", 0.97), "cannot be read"),
    "FlatGeobuf": ("a.fgb", "FlatGeobuf", cut(".fgb", 0.97), "cannot be read"),
    "FlatGeobuf, no row left": ("a.fgb", "FlatGeobuf", cut(".fgb", 0.6), ""),
    "KML": ("a.kml", "KML", cut(".kml", 0.97), "its end is missing"),
    "map of MapInfo": ("a.tab", "MapInfo File", cut(".map", 0.97), "its end is missing"),
    "KMZ": ("a.kmz", "LIBKML", cut(".kmz", 0.97), ""),
}


@pytest.mark.parametrize("name", TRUNCATED)
def test_a_file_that_is_cut_off_is_refused(name: str, tmp_path: Path) -> None:
    file, driver, damage, words = TRUNCATED[name]
    path = write_layer(tmp_path / file, driver)
    damage(path)
    try:
        problems = [str(fault.problem) for fault in inspect_source(path).faults]
    except InvalidInput as error:
        problems = [str(error)]
    assert any(words in problem for problem in problems), problems


def zipped(path: Path) -> Path:
    write_layer(path.parent / "in.gpkg", "GPKG")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.write(path.parent / "in.gpkg", "town.gpkg")
    return path


@pytest.mark.parametrize("kept", [0.3, 0.9, 0.999])
def test_a_zip_file_that_is_cut_off_is_refused(kept: float, tmp_path: Path) -> None:
    path = zipped(tmp_path / "town.zip")
    cut(".zip", kept)(path)
    with pytest.raises(InvalidInput, match="ZIP file is damaged"):
        inspect_source(path)


def test_a_zip_file_with_a_wrong_byte_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "town.zip")
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0xFF
    path.write_bytes(content)
    with pytest.raises(InvalidInput, match="ZIP file is damaged"):
        inspect_source(path)


def test_a_zip_file_with_a_password_is_refused(tmp_path: Path) -> None:
    path = zipped(tmp_path / "town.zip")
    content = path.read_bytes()
    directory = content.index(b"PK\x01\x02")
    path.write_bytes(content[: directory + 8] + b"\x01" + content[directory + 9 :])
    with pytest.raises(InvalidInput, match="password"):
        inspect_source(path)


def test_private_copies_are_deleted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = zipped(tmp_path / "town.zip")
    (tmp_path / "private").mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "private"))
    with open_source(path):
        (folder,) = (tmp_path / "private").iterdir()
        assert folder.stat().st_mode & 0o777 == 0o700
    assert not list((tmp_path / "private").iterdir())


def test_a_csv_file_that_is_cut_off_within_quotes_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('code,name\n1,"水果湖"\n2,"放鹰')
    with pytest.raises(InvalidInput, match="opened in row 3"):
        inspect_source(tmp_path / "a.csv")


@pytest.mark.parametrize("text", ["x" * 131_073, 'code,name\n1,"' + "x\n" * 70_000])
def test_a_value_longer_than_any_is_refused_with_a_sentence(tmp_path: Path, text: str) -> None:
    (tmp_path / "a.csv").write_text(text)
    with pytest.raises(InvalidInput, match="a value is longer than 131072 letters"):
        inspect_source(tmp_path / "a.csv")


@pytest.mark.parametrize(("columns", "is_refused"), [(16_384, False), (16_385, True)])
def test_a_table_wider_than_a_worksheet_is_refused(tmp_path: Path, columns: int, is_refused: bool) -> None:
    (tmp_path / "a.csv").write_text("a" + "," * (columns - 1) + "\n1\n")
    if is_refused:
        with pytest.raises(InvalidInput, match="the table has 16385 columns, more than 16384"):
            inspect_source(tmp_path / "a.csv")
    else:
        assert inspect_source(tmp_path / "a.csv").layers[0].rows == 1


def test_letters_after_a_quotation_mark_are_accepted_as_by_spreadsheets(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('code,name\n1,"水果湖"社区\n')
    assert inspect_source(tmp_path / "a.csv").layers[0].rows == 1


def test_an_openstreetmap_file_that_is_cut_off_is_refused(tmp_path: Path) -> None:
    sample = Path(pyogrio.__file__).parent / "tests" / "fixtures" / "sample.osm.pbf"
    (tmp_path / "a.osm.pbf").write_bytes(sample.read_bytes()[:-1])
    with pytest.raises(InvalidInput, match="its end is missing"):
        inspect_source(tmp_path / "a.osm.pbf")
    whole = {layer.layer: layer.rows for layer in inspect_source(sample).layers}
    assert whole == {"streets": 36, "railway": 0, "barriers": 0, "buildings": 2, "dedicated": 0}
