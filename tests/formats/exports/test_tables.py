"""Exported tables: nothing is lost or run, in every format."""

import csv
import io
import json
import shutil
import sqlite3
import subprocess
from contextlib import closing
from datetime import date
from pathlib import Path
from zipfile import ZipFile

import numpy as np
import pyogrio
import pytest
import python_calamine
import shapely
from hypothesis import given
from hypothesis import strategies as st

from gridmap.core.errors import Message
from gridmap.formats.exports.csv_text import encode_rows, remove_guard
from gridmap.formats.exports.files import FORMATS
from gridmap.formats.exports.layer_style import STATUS_TEXTS, make_status_style
from gridmap.formats.exports.shapefile import shorten_names
from gridmap.formats.exports.table import Column, ExportDocument, ExportTable, Value
from tests.source_files import ROOT

HOSTILE = '=HYPERLINK("http://example.org")'
COLUMNS = (
    Column("grid_code", "Grid"),
    Column("status", "Status", STATUS_TEXTS),
    Column("households", "Households"),
    Column("since", "In force from"),
)
CLOCKWISE = shapely.from_wkt("POLYGON ((114 30, 114 31, 115 31, 115 30, 114 30))")
ROWS: list[list[Value]] = [["510302001001", "over", 512, date(2026, 1, 2)], [HOSTILE, "under", None, None]]


@pytest.fixture
def document() -> ExportDocument:
    shapes = [CLOCKWISE, shapely.multipolygons([CLOCKWISE])]
    table = ExportTable("grids", "Grids in force", COLUMNS, ROWS, shapes, make_status_style("grid_code"))
    return ExportDocument(table, [("Place", "阳光街道"), ("Status", Message("over"))], "zh_CN")


def write(document: ExportDocument, name: str) -> bytes:
    return FORMATS[name].write(document)


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0")))
def test_any_text_comes_back_from_csv_as_it_was(text: str) -> None:
    content = encode_rows([(text, "x")]).decode("utf-8-sig")
    ((cell, _),) = csv.reader(io.StringIO(content, newline=""))
    assert remove_guard(cell) == text
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))


def test_numbers_below_zero_are_no_texts() -> None:
    assert encode_rows([(-3, "-3")])[3:] == b"-3,'-3\r\n"


def test_csv_begins_with_the_mark_and_has_chinese_titles(document: ExportDocument) -> None:
    content = write(document, "csv")
    assert content.startswith(b"\xef\xbb\xbf")
    lines = content.decode("utf-8-sig").splitlines()
    assert lines[:2] == ["网格,状态,户数,生效日期", "510302001001,偏多,512,2026-01-02"]
    assert lines[2].startswith("\"'=HYPERLINK(")


def test_a_workbook_has_texts_filters_and_a_sheet_of_notes(document: ExportDocument) -> None:
    content = write(document, "xlsx")
    book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(content))
    assert book.sheet_names == ["执行中的网格", "说明"]
    rows = book.get_sheet_by_name("执行中的网格").to_python()
    assert rows[1:] == [["510302001001", "偏多", 512, date(2026, 1, 2)], [HOSTILE, "偏少", "", ""]]
    assert ["状态", "偏多"] in book.get_sheet_by_name("说明").to_python()
    with ZipFile(io.BytesIO(content)) as archive:
        xml = archive.read("xl/worksheets/sheet1.xml").decode()
    assert '<autoFilter ref="A1:D3"/>' in xml
    assert 'state="frozen"' in xml
    assert "<f>" not in xml


def test_geojson_is_anticlockwise_without_crs(document: ExportDocument) -> None:
    collection = json.loads(write(document, "geojson"))
    assert "crs" not in collection
    first = collection["features"][0]
    assert first["properties"] == {
        "grid_code": "510302001001", "status": "over", "households": 512, "since": "2026-01-02"
    }  # fmt: skip
    assert shapely.is_ccw(shapely.from_geojson(json.dumps(first["geometry"])).exterior)


def test_a_shapefile_tells_encoding_crs_and_titles(document: ExportDocument, tmp_path: Path) -> None:
    with ZipFile(io.BytesIO(write(document, "shp"))) as archive:
        archive.extractall(tmp_path)
    assert (tmp_path / "grids.cpg").read_text() == "UTF-8"
    assert "2000" in (tmp_path / "grids.prj").read_text()
    frame = pyogrio.read_dataframe(tmp_path / "grids.shp")
    assert list(frame.columns) == ["grid_code", "status", "households", "since", "geometry"]
    assert list(frame["grid_code"]) == ["510302001001", HOSTILE]
    titles = (tmp_path / "fields.csv").read_text("utf-8-sig").splitlines()
    assert {"grid_code,网格,,", "status,,over,偏多"} <= set(titles)


def test_short_names_stay_apart_and_whole() -> None:
    short = shorten_names(["常住户数甲乙", "常住户数甲丙", "population_total", "POPULATION_OLD", "a"])
    assert len({name.lower() for name in short}) == 5
    assert max(len(name.encode()) for name in short) <= 10


@pytest.fixture
def geopackage(document: ExportDocument, tmp_path: Path) -> Path:
    path = tmp_path / "grids.gpkg"
    path.write_bytes(write(document, "gpkg"))
    return path


def test_a_geopackage_has_version_1_3(geopackage: Path) -> None:
    header = geopackage.read_bytes()[60:72]
    assert (int.from_bytes(header[:4], "big"), header[8:]) == (10300, b"GPKG")


def test_a_geopackage_has_a_style_in_each_language(geopackage: Path) -> None:
    with closing(sqlite3.connect(geopackage)) as database:
        rows = database.execute(
            "SELECT styleName, useAsDefault, styleQML FROM layer_styles WHERE f_table_name = 'grids' ORDER BY 1"
        ).fetchall()
    assert [row[:2] for row in rows] == [("gridmap English", 0), ("gridmap 中文", 1)]
    assert 'value="over" label="偏多"' in rows[1][2]
    assert 'fieldName="grid_code"' in rows[1][2]
    assert "200,88,0," in rows[0][2]


def test_a_geopackage_has_titles_and_texts_of_values(geopackage: Path) -> None:
    with closing(sqlite3.connect(geopackage)) as database:
        title = database.execute(
            "SELECT title, description, constraint_name FROM gpkg_data_columns WHERE column_name = 'status'"
        ).fetchone()
        texts = dict(database.execute("SELECT value, description FROM gpkg_data_column_constraints"))
    assert title == ("状态", "状态 / Status", "grids.status")
    assert texts == {"under": "偏少", "in_range": "达标", "over": "偏多", "dedicated": "专属"}


def test_our_reader_does_not_take_styles_for_a_layer(geopackage: Path) -> None:
    from gridmap.formats.intake.source_file import open_source

    with open_source(geopackage) as opened:
        assert sorted(opened.layers) == ["grids", "notes"]


def test_rows_come_back_from_a_geopackage(geopackage: Path) -> None:
    frame = pyogrio.read_dataframe(geopackage, layer="grids")
    assert list(frame["grid_code"]) == ["510302001001", HOSTILE]
    assert frame["households"][0] == 512
    assert np.isnan(frame["households"][1])
    assert frame.crs.to_epsg() == 4490
    assert frame.geometry.iloc[0].equals(CLOCKWISE)


def test_the_gdal_of_the_system_opens_it_without_a_warning(geopackage: Path) -> None:
    program = shutil.which("ogrinfo")
    if program is None:
        pytest.skip("this machine has no ogrinfo")
    run = subprocess.run([program, "-al", "-so", str(geopackage)], capture_output=True, text=True, check=True)
    assert run.stderr == ""


def test_colours_are_those_of_the_pages() -> None:
    tokens = (ROOT / "static" / "css" / "tokens.css").read_text("utf-8")
    style = make_status_style(None)
    assert [f"--status-{each.value.replace('_', '-')}: {each.colour};" in tokens for each in style.values] == [True] * 4
