"""Texts in columns of numbers: GDAL makes 0 or a part of a number of them."""

from collections.abc import Callable
from pathlib import Path

import pytest

from gridmap.formats.encodings.dbf import declare_texts
from gridmap.formats.intake.source_file import open_source
from gridmap.formats.package.values.numbers import parse_numbers
from gridmap.formats.readers.layer_rows import read_all_columns
from tests.corpus.test_encodings import kml
from tests.formats.small_layers import write_layer


def read_households(path: Path) -> list[object]:
    with open_source(path) as opened:
        frame = read_all_columns(next(iter(opened.layers.values())))
    return list(frame["households"].astype(object))


def write_shapefile(folder: Path, value: str) -> Path:
    """Write a value of three bytes over the number 120."""
    path = write_layer(folder / "a.shp", "ESRI Shapefile")
    table = path.with_suffix(".dbf").read_bytes()
    start = table.rindex(b"120")
    path.with_suffix(".dbf").write_bytes(table[:start] + value.encode() + table[start + 3 :])
    return path


def write_mapinfo(folder: Path, value: str) -> Path:
    path = write_layer(folder / "a.mif", "MapInfo File")
    texts = path.with_suffix(".mid")
    texts.write_bytes(texts.read_bytes().replace(b"120", value.encode()))
    return path


def write_kml(folder: Path, value: str) -> Path:
    path = kml("utf-8", "UTF-8")(folder)
    path.write_text(path.read_text("utf-8").replace(">120<", f">{value}<"), "utf-8")
    return path


WRITERS = (write_shapefile, write_mapinfo, write_kml)


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("value", ["~60", "60h", "abc"])
def test_a_text_in_a_column_of_numbers_is_read_as_it_is(
    tmp_path: Path, write: Callable[[Path, str], Path], value: str
) -> None:
    first, second = read_households(write(tmp_path, value))
    assert (str(first).strip(), int(str(second))) == (value, 80)


@pytest.mark.parametrize("write", WRITERS)
def test_numbers_stay_numbers(tmp_path: Path, write: Callable[[Path, str], Path]) -> None:
    path = write(tmp_path, "120")
    with open_source(path) as opened:
        frame = read_all_columns(next(iter(opened.layers.values())))
    assert parse_numbers(frame["households"]).tolist() == [120, 80]


@pytest.mark.parametrize(
    ("value", "is_changed"), [("120", False), ("***", False), ("   ", False), ("-1.", False), ("1,0", True)]
)
def test_a_table_is_declared_anew_only_for_letters(tmp_path: Path, value: str, is_changed: bool) -> None:
    table = write_shapefile(tmp_path, value).with_suffix(".dbf").read_bytes()
    assert (declare_texts(table) is not None) == is_changed
