"""Formats and odd names: the same layer is read from each, with the same values."""

import json
import shutil
import sqlite3
from collections.abc import Callable
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from gridmap.formats.intake.source_file import open_source
from gridmap.formats.readers.layer_rows import read_all_columns
from tests.formats.small_layers import (
    CHINESE,
    CODES,
    HOUSEHOLDS,
    read_only_layer,
    small_layer,
    write_layer,
    write_shapefile,
    zip_files,
)

Writer = Callable[[Path], Path]
GBK = [name.encode("gbk") for name in CHINESE]
SHAPEFILE_SUFFIXES = (".shp", ".shx", ".dbf", ".prj")


def shapefile(name: str) -> Writer:
    """Write a Shapefile, whose name GDAL itself may not be able to write."""

    def write(folder: Path) -> Path:
        plain = write_layer(folder / "plain.shp", "ESRI Shapefile")
        for file in list(folder.glob("plain.*")):
            file.rename(folder / (name.removesuffix(".shp") + file.suffix))
        return plain.with_name(name)

    return write


def geopackage(name: str) -> Writer:
    return lambda folder: write_layer(folder / "plain.gpkg", "GPKG").rename(folder / name)


def written(name: str, driver: str, **options: str) -> Writer:
    return lambda folder: write_layer(folder / name, driver, **options)


def with_charset(path: Path, charset: str) -> Path:
    header = path.read_bytes()
    path.write_bytes(header.replace(b"WindowsSimpChinese", charset.encode()))
    return path


def zipped_shapefile(folder: Path, prefix: str, encoding: str, suffix: str = ".zip") -> Path:
    (folder / "in").mkdir()
    path = write_shapefile(folder / "in" / "网格.shp", GBK, "GBK")
    files = [path.with_suffix(each) for each in (*SHAPEFILE_SUFFIXES, ".cpg")]
    target = zip_files(folder / f"town{suffix}", files, [f"{prefix}{each.name}".encode(encoding) for each in files])
    shutil.rmtree(folder / "in")
    return target


def geojson_with_name(folder: Path) -> Path:
    path = write_layer(folder / "communities.geojson", "GeoJSON")
    path.write_text(json.dumps({"name": "export_1", **json.loads(path.read_text())}))
    return path


def geojson_in(encoding: str) -> Writer:
    def write(folder: Path) -> Path:
        path = write_layer(folder / "communities.geojson", "GeoJSON")
        path.write_bytes(path.read_text("utf-8").encode(encoding))
        return path

    return write


def nested_folder(folder: Path) -> Path:
    inner = folder / "town" / "数据 (2026)" / "社区"
    inner.mkdir(parents=True)
    write_layer(inner / "communities.shp", "ESRI Shapefile")
    (folder / "town" / "现场.jpg").write_bytes(b"\xff\xd8\xff\xe0")
    (folder / "town" / "~$说明.docx").write_bytes(b"x")
    (folder / "town" / ".DS_Store").write_bytes(b"x")
    return folder / "town"


def zip_in_folder(folder: Path) -> Path:
    (folder / "town").mkdir()
    shutil.move(zipped_shapefile(folder, "", "gbk"), folder / "town" / "a.zip")
    return folder / "town"


def kml_in_gb2312(folder: Path) -> Path:
    path = write_layer(folder / "a.kml", "KML")
    text = path.read_text("utf-8")
    path.write_bytes(text.replace('encoding="utf-8"', 'encoding="GB2312"').encode("gbk"))
    return path


def gbk_inside_a_geopackage(folder: Path) -> Path:
    path = write_layer(folder / "a.gpkg", "GPKG")
    database = sqlite3.connect(path)
    for function in ("ST_IsEmpty", "ST_MinX", "ST_MinY", "ST_MaxX", "ST_MaxY"):
        database.create_function(function, 1, lambda shape: 0.0)
    for name, raw in zip(CHINESE, GBK, strict=True):
        database.execute("UPDATE a SET name = CAST(? AS TEXT) WHERE name = ?", (raw, name))
    database.commit()
    database.close()
    return path


def csv_file(encoding: str, delimiter: str = ",", title: str = "", name: str = "a.csv") -> Writer:
    def write(folder: Path) -> Path:
        table = pd.DataFrame(
            {"code": CODES, "name": CHINESE, "households": HOUSEHOLDS, "经度": [114.3, 114.31], "纬度": 30.5}
        )
        path = folder / name
        path.write_bytes((title + table.to_csv(index=False, sep=delimiter)).encode(encoding))
        return path

    return write


def workbook(name: str) -> Writer:
    def write(folder: Path) -> Path:
        table = small_layer().drop(columns="geometry")
        with pd.ExcelWriter(folder / name, engine="xlsxwriter") as writer:
            table.to_excel(writer, sheet_name="社区", index=False, startrow=1)
            writer.sheets["社区"].write(0, 0, "东湖街道社区台账")
        return folder / name

    return write


# how the file is made, its driver, the encoding of its texts
CASES: dict[str, tuple[Writer, str, str]] = {
    "GeoPackage": (geopackage("a.gpkg"), "GPKG", "UTF-8"),
    "Shapefile": (shapefile("a.shp"), "ESRI Shapefile", "UTF-8"),
    "brackets in the name": (shapefile("网格[2026终稿].shp"), "ESRI Shapefile", "UTF-8"),
    "exclamation mark": (shapefile("a!b.shp"), "ESRI Shapefile", "UTF-8"),
    "per cent in the name": (geopackage("50%20终.gpkg"), "GPKG", "UTF-8"),
    "GeoJSON with a name of its own": (geojson_with_name, "GeoJSON", "UTF-8"),
    "newline-delimited GeoJSON": (written("a.geojsonl", "GeoJSONSeq"), "GeoJSONSeq", "UTF-8"),
    "KML": (written("a.kml", "KML"), "LIBKML", "UTF-8"),
    "FlatGeobuf": (written("a.fgb", "FlatGeobuf"), "FlatGeobuf", "UTF-8"),
    "file geodatabase": (written("a.gdb", "OpenFileGDB"), "OpenFileGDB", "UTF-8"),
    "MapInfo table": (written("a.tab", "MapInfo File", ENCODING="CP936"), "MapInfo File", "GB18030"),
    "CSV of Excel": (csv_file("gbk"), "CSV", "GB18030"),
    "workbook": (workbook("a.xlsx"), "workbook", "UTF-8"),
    "zip with names in GBK": (lambda folder: zipped_shapefile(folder, "数据/", "gbk"), "ESRI Shapefile", "GB18030"),
    "folder in folder": (nested_folder, "ESRI Shapefile", "UTF-8"),
}
MORE_CASES: dict[str, tuple[Writer, str, str]] = {
    "blank in the name": (shapefile("a b.shp"), "ESRI Shapefile", "UTF-8"),
    "hash in the name": (geopackage("a#1.gpkg"), "GPKG", "UTF-8"),
    "question mark": (geopackage("a?.gpkg"), "GPKG", "UTF-8"),
    "line break in the name": (shapefile("a\nb.shp"), "ESRI Shapefile", "UTF-8"),
    "zip inside the name": (shapefile("a.zip!b.shp"), "ESRI Shapefile", "UTF-8"),
    "capital suffix": (geopackage("A.GPKG"), "GPKG", "UTF-8"),
    "GeoPackage without suffix": (geopackage("data"), "GPKG", "UTF-8"),
    "GeoJSON in GBK": (geojson_in("gbk"), "GeoJSON", "GB18030"),
    "GeoJSON with a mark": (geojson_in("utf-8-sig"), "GeoJSON", "UTF-8"),
    "GeoJSON in UTF-16": (geojson_in("utf-16"), "GeoJSON", "UTF-16"),
    "KML in GB2312": (kml_in_gb2312, "LIBKML", "GB18030"),
    "KMZ": (written("a.kmz", "LIBKML"), "LIBKML", "UTF-8"),
    "MapInfo interchange": (written("a.mif", "MapInfo File", ENCODING="CP936"), "MapInfo File", "GB18030"),
    "MapInfo table that says Latin-1": (
        lambda folder: with_charset(written("a.tab", "MapInfo File", ENCODING="CP936")(folder), "WindowsLatin1"),
        "MapInfo File",
        "GB18030",
    ),
    "MapInfo interchange that says nothing": (
        lambda folder: with_charset(written("a.mif", "MapInfo File", ENCODING="CP936")(folder), "Neutral"),
        "MapInfo File",
        "GB18030",
    ),
    "GBK inside a GeoPackage": (gbk_inside_a_geopackage, "GPKG", "UTF-8"),
    "CSV with a mark": (csv_file("utf-8-sig"), "CSV", "UTF-8"),
    "CSV in UTF-16 with tabs": (csv_file("utf-16", "\t"), "CSV", "UTF-16"),
    "CSV with semicolons": (csv_file("utf-8", ";"), "CSV", "UTF-8"),
    "CSV with a title": (csv_file("gbk", title="东湖街道社区台账\n"), "CSV", "GB18030"),
    "CSV with a line for Excel": (csv_file("utf-8", ";", title="sep=;\n"), "CSV", "UTF-8"),
    "text with bars": (csv_file("utf-8", "|", name="a.txt"), "CSV", "UTF-8"),
    "zip with names in UTF-8": (lambda folder: zipped_shapefile(folder, "", "utf-8"), "ESRI Shapefile", "GB18030"),
    "zip of Windows": (lambda folder: zipped_shapefile(folder, "数据\\", "gbk"), "ESRI Shapefile", "GB18030"),
    "zip that leads outside": (lambda folder: zipped_shapefile(folder, "../../", "gbk"), "ESRI Shapefile", "GB18030"),
    "zip without suffix": (lambda folder: zipped_shapefile(folder, "", "gbk", ""), "ESRI Shapefile", "GB18030"),
    "zip in a folder": (zip_in_folder, "ESRI Shapefile", "GB18030"),
}


def assert_case(case: tuple[Writer, str, str], folder: Path) -> None:
    write, driver, encoding = case
    layer = read_only_layer(write(folder))
    assert (layer.codes, layer.names, layer.households) == (CODES, list(CHINESE), 200)
    assert (layer.description.driver, layer.description.encoding) == (driver, encoding)


@pytest.mark.parametrize("name", CASES)
def test_a_layer_is_the_same_in_every_format(name: str, tmp_path: Path) -> None:
    assert_case(CASES[name], tmp_path)


@pytest.mark.full
@pytest.mark.parametrize("name", MORE_CASES)
def test_a_layer_is_the_same_in_more_formats(name: str, tmp_path: Path) -> None:
    assert_case(MORE_CASES[name], tmp_path)


def drawing(code_page: str, encoding: str) -> bytes:
    """Return a drawing of AutoCAD 2000 with a closed polyline in each of two layers."""
    rows = ["0", "SECTION", "2", "HEADER", "9", "$ACADVER", "1", "AC1015", "9", "$DWGCODEPAGE", "3", code_page]
    rows += ["0", "ENDSEC", "0", "SECTION", "2", "ENTITIES"]
    for x, layer in ((0, "社区界"), (10, "网格")):
        rows += ["0", "LWPOLYLINE", "8", layer, "90", "3", "70", "1"]
        rows += ["10", f"{x}", "20", "0", "10", f"{x + 9}", "20", "0", "10", f"{x}", "20", "9"]
    return "\n".join([*rows, "0", "ENDSEC", "0", "EOF", ""]).encode(encoding)


@pytest.mark.full
@pytest.mark.parametrize(
    ("code_page", "encoding"),
    [("ANSI_936", "gbk"), ("ANSI_1252", "gbk"), ("ANSI_1252", "utf-8"), ("ANSI_936", "utf-8")],
)
def test_the_layers_of_a_drawing_are_those_of_the_cad_program(code_page: str, encoding: str, tmp_path: Path) -> None:
    (tmp_path / "a.dxf").write_bytes(drawing(code_page, encoding))
    with open_source(tmp_path / "a.dxf") as opened:
        frames = {name: gpd.GeoDataFrame(read_all_columns(source)) for name, source in opened.layers.items()}
    assert {name: list(frame.geom_type) for name, frame in frames.items()} == {
        "社区界": ["Polygon"],
        "网格": ["Polygon"],
    }
    assert frames["网格"].area.sum() == 40.5


@pytest.mark.full
def test_a_list_in_an_open_document_is_read(tmp_path: Path) -> None:
    pyogrio.write_dataframe(small_layer().drop(columns="geometry"), tmp_path / "社区.ods", driver="ODS")
    layer = read_only_layer(tmp_path / "社区.ods")
    assert (layer.codes, layer.names, layer.households) == (CODES, list(CHINESE), 200)
    assert "it is a list without coordinates" in str(layer.description.warnings[0].problem)


@pytest.mark.full
def test_rows_of_a_workbook_become_points_by_their_columns(tmp_path: Path) -> None:
    table = pd.DataFrame({"building_id": ["b1", "b2"], "经度": ["114.3°", "１１４．３１"], "纬度": [30.5, None]})
    table.to_excel(tmp_path / "buildings.xlsx", index=False, engine="xlsxwriter")
    with open_source(tmp_path / "buildings.xlsx") as opened:
        (source,) = opened.layers.values()
        frame = gpd.GeoDataFrame(read_all_columns(source))
    assert frame.crs.to_epsg() == 4490
    assert (frame.geometry[0].x, frame.geometry[0].y) == (114.3, 30.5)
    assert frame.geometry[1] is None
    assert "CGCS2000" in str(source.notes[0].problem)
