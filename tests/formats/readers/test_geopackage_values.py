"""Values of a GeoPackage are those that are stored, whatever GDAL makes of them."""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from gridmap.formats.intake.source_file import open_source
from gridmap.formats.readers.layer_rows import read_all_columns, read_columns
from gridmap.services.files.inspection import inspect_source
from tests.corpus.geopackage_files import open_database
from tests.formats.small_layers import write_layer

pytestmark = pytest.mark.filterwarnings("ignore::RuntimeWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


def stored(folder: Path, declared: str, *values: object) -> Path:
    """Write a layer with a column ``value`` of a type, and two rows."""
    path = write_layer(folder / "a.gpkg", "GPKG")
    with closing(open_database(path)) as database:
        database.execute(f"ALTER TABLE a ADD COLUMN value {declared}")
        for fid, value in enumerate(values, start=1):
            database.execute("UPDATE a SET value = ? WHERE fid = ?", (value, fid))
    return path


def read_values(path: Path) -> list[object]:
    with open_source(path) as opened:
        return list(read_columns(opened.layers["a"], {"value": ()})["value"].astype(object))


@pytest.mark.parametrize(
    ("declared", "values"),
    [
        ("INTEGER", ("约60", 60)),
        ("INTEGER", (60.5, 60)),
        ("INTEGER", (b"60", 60)),
        ("MEDIUMINT", ("1,200", 7)),
        ("REAL", ("约6.5", 6.5)),
        ("BOOLEAN", (6, 11)),
        ("TEXT", ("a\0b", "c")),
        ("DATE", ("2026年3月1日", "2026-03-02")),
        ("DATETIME", ("2026年3月1日 下午2:30", "2026-03-01T06:30:00Z")),
        ("character varying(20)", ("甲", "乙")),
        ("timestamp with time zone", ("2026-03-01 14:30:00+08", "x")),
    ],
)
def test_a_value_that_does_not_fit_its_column_is_read_as_it_is(
    tmp_path: Path, declared: str, values: tuple[object, object]
) -> None:
    assert read_values(stored(tmp_path, declared, *values)) == list(values)


@pytest.mark.parametrize(("declared", "values"), [("INTEGER", (60, None)), ("BOOLEAN", (1, 0)), ("REAL", (6.0, 2.5))])
def test_a_value_that_fits_keeps_the_type_of_its_column(
    tmp_path: Path, declared: str, values: tuple[object, object]
) -> None:
    path = stored(tmp_path, declared, *values)
    with open_source(path) as opened:
        column = read_columns(opened.layers["a"], {"value": ()})["value"]
    assert str(column.dtype) in ("Int64", "bool", "float64", "int64")


def test_a_column_of_an_unknown_type_is_listed(tmp_path: Path) -> None:
    with open_source(stored(tmp_path, "character varying(20)", "甲", "乙")) as opened:
        assert list(read_all_columns(opened.layers["a"])["value"]) == ["甲", "乙"]


def test_all_rows_are_read_whatever_number_the_file_declares(tmp_path: Path) -> None:
    path = stored(tmp_path, "INTEGER", 60, 61)
    with closing(open_database(path)) as database:
        database.execute("UPDATE gpkg_ogr_contents SET feature_count = 1")
    assert read_values(path) == [60, 61]
    assert inspect_source(path).layers[0].rows == 2


def test_a_view_is_inspected_as_gdal_reads_it(tmp_path: Path) -> None:
    path = stored(tmp_path, "INTEGER", "约60", 60)
    with closing(open_database(path)) as database:
        database.execute("CREATE VIEW seen AS SELECT value FROM a")
        database.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('seen', 'attributes')")
    assert {layer.layer: layer.rows for layer in inspect_source(path).layers} == {"a": 2, "seen": 2}


def test_a_table_without_row_numbers_is_refused(tmp_path: Path) -> None:
    path = stored(tmp_path, "INTEGER", 60, 61)
    with closing(open_database(path)) as database:
        database.execute("CREATE TABLE b (name TEXT PRIMARY KEY, value INTEGER) WITHOUT ROWID")
        database.execute("INSERT INTO b VALUES ('x', '约60')")
        database.execute("INSERT INTO gpkg_contents (table_name, data_type) VALUES ('b', 'attributes')")
    (fault,) = inspect_source(path).faults
    assert (str(fault.problem), fault.layer) == ("the layer cannot be read", "b")


def test_the_file_is_only_read(tmp_path: Path) -> None:
    path = stored(tmp_path, "INTEGER", "约60", 60)
    before = path.read_bytes()
    read_values(path)
    assert (path.read_bytes(), [each.name for each in tmp_path.iterdir()]) == (before, ["a.gpkg"])
    with closing(sqlite3.connect(path)) as database:
        assert database.execute("SELECT value FROM a WHERE fid = 1").fetchone() == ("约60",)
