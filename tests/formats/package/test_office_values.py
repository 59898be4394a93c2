"""Values as offices write them: codes, numbers, times and names keep their meaning."""

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pyogrio
import pytest
import shapely

from gridmap.formats.intake.source_file import open_source
from gridmap.formats.package.columns import ColumnResult, read_column
from gridmap.formats.package.layer_schemas import ColumnSchema, ColumnType
from gridmap.formats.package.values.numbers import parse_number
from gridmap.formats.package.values.times import parse_time
from gridmap.formats.readers.layer_rows import read_columns
from gridmap.formats.row_faults import FaultLocation

LONG_CODES = (4201060010010001231, None, 4201060010010001232)
TEXTS = ["4201060010010001231", None, "4201060010010001232"]
HALF_PAST_TWO = datetime(2026, 3, 1, 14, 30)  # noqa: DTZ001 - the time of the office


def read_values(value_type: ColumnType, values: Sequence[object], units: tuple[str, ...] = ()) -> ColumnResult:
    schema = ColumnSchema("column", value_type, maximum=20_000, units=units)
    return read_column(FaultLocation("file"), pd.DataFrame({"column": pd.Series(list(values), dtype=object)}), schema)


def read_texts(path: Path) -> list[str | None]:
    """Read the column code of the only layer, as texts, in the order of the points from west to east."""
    with open_source(path) as opened:
        frame = read_columns(next(iter(opened.layers.values())), {"code": ()})
    texts = read_column(FaultLocation("file"), pd.DataFrame(frame), ColumnSchema("code")).values
    order = np.argsort(shapely.get_x(frame.geometry.to_numpy()))
    return [texts[position] for position in order]


def points(**columns: object) -> gpd.GeoDataFrame:
    return gpd.GeoDataFrame(columns, geometry=gpd.points_from_xy([114.1, 114.2, 114.3], [30.1, 30.2, 30.3]), crs=4490)


@pytest.mark.parametrize(
    ("name", "driver"),
    [("a.gpkg", "GPKG"), ("a.shp", "ESRI Shapefile"), ("a.geojson", "GeoJSON"), ("a.fgb", "FlatGeobuf")],
)
def test_codes_of_19_digits_stay_exact_beside_an_empty_one(name: str, driver: str, tmp_path: Path) -> None:
    pyogrio.write_dataframe(points(code=pd.array(LONG_CODES, dtype="Int64")), tmp_path / name, driver=driver)
    assert read_texts(tmp_path / name) == TEXTS


def test_codes_of_a_shapefile_in_gbk_stay_exact(tmp_path: Path) -> None:
    frame = points(code=pd.array(LONG_CODES, dtype="Int64"), 名称=["水果湖社区", "放鹰台社区", "东湖路社区"])
    pyogrio.write_dataframe(frame, tmp_path / "a.shp", driver="ESRI Shapefile", encoding="GBK")
    assert read_texts(tmp_path / "a.shp") == TEXTS


def test_codes_of_a_csv_file_keep_zeros_and_digits(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("code,lon,lat\n007,114.1,30\n,114.2,30\n4201060010010001232,114.3,30\n", "utf-8")
    assert read_texts(tmp_path / "a.csv") == ["007", None, "4201060010010001232"]


def test_codes_of_a_workbook_keep_zeros_and_have_no_decimals(tmp_path: Path) -> None:
    table = pd.DataFrame({"code": ["007", 3.0, 420106001001], "经度": [114.1, 114.2, 114.3], "纬度": [30, 30, 30]})
    table.to_excel(tmp_path / "a.xlsx", index=False, engine="xlsxwriter")
    assert read_texts(tmp_path / "a.xlsx") == ["007", "3", "420106001001"]


@pytest.mark.parametrize("value", [4.2010600100100014e18, 1e15, "4.20106E+11", "4.20106E+18"])
def test_a_code_whose_last_digits_are_lost_is_refused(value: object) -> None:
    (fault,) = read_values(ColumnType.IDENTIFIER, ["1", value]).faults
    assert (str(fault.problem), fault.row) == ("column is a rounded number: its last digits are lost", 2)


def test_the_largest_exact_number_is_a_code() -> None:
    assert read_values(ColumnType.IDENTIFIER, [999_999_999_999_999.0]).values.tolist() == ["999999999999999"]


@pytest.mark.parametrize("value", [pd.Timestamp(2026, 3, 1), "2026-03-01 00:00:00"])
def test_a_code_that_became_a_date_is_refused(value: object) -> None:
    (fault,) = read_values(ColumnType.IDENTIFIER, ["3-2", value]).faults
    assert (str(fault.problem), fault.row) == ("column has become a date", 2)


@pytest.mark.parametrize("value_type", [ColumnType.TEXT, ColumnType.IDENTIFIER, ColumnType.GROUP])
def test_a_list_of_values_is_refused(value_type: ColumnType) -> None:
    (fault,) = read_values(value_type, ["1", np.array([1, 2]), ""]).faults
    assert (str(fault.problem), fault.row, fault.value) == ("column is a list of values", 2, "[1 2]")


def test_codes_in_full_and_half_width_are_one_code() -> None:
    (fault,) = read_values(ColumnType.IDENTIFIER, ["B１", "B2", "B1"]).faults
    assert (str(fault.problem), fault.row) == ("the column is already used in row 1", 3)


@pytest.mark.parametrize(
    ("value", "number"),
    [
        ("３２", 32),
        ("32户", 32),
        ("32 户", 32),
        ("３２户", 32),
        ("1,200", 1200),
        ("1，200", 1200),
        ("12,345,678", 12_345_678),
        ("1,200.5", 1200.5),
        (" 6 ", 6),
        ("6.0", 6),
        ("1e3", 1000),
        ("+5", 5),
        (np.int64(7), 7),
    ],
)
def test_a_number_is_read_as_offices_write_it(value: object, number: float) -> None:
    assert parse_number(value, ("户",)) == number


@pytest.mark.parametrize(
    "value",
    ["约32", "32左右", "1,20", "1,2000", ",200", "三十二", "30-35", "32栋", "0x20", "1_000", "٣٢", True, "户"],
)
def test_a_text_that_is_no_plain_number_is_none(value: object) -> None:
    assert np.isnan(parse_number(value, ("户",)))


@pytest.mark.parametrize("value", ["约32", "1,20", "30-35"])
def test_a_number_that_cannot_be_read_names_row_column_and_value(value: str) -> None:
    (fault,) = read_values(ColumnType.COUNT, ["1", value], ("户",)).faults
    assert (fault.row, fault.column, fault.value) == (2, "column", value)
    assert str(fault.problem) == "column is not a number"


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01 14:30",
        "2026-3-1 14:30",
        "2026/3/1 14:30",
        "2026/03/01 14:30:00",
        "2026.3.1 14:30",
        "2026年3月1日 下午2:30",
        "2026年3月1日下午2点30分",
        "2026年3月1日 下午2点半",
        "2026年3月1日14时30分",
        "2026年03月01日 14时30分00秒",
        "2026/3/1 2:30 PM",
        "2026/3/1 PM 2:30:00",
        "２０２６／３／１　１４：３０",
        "2026-03-01T14:30:00",
        "202603011430",
        "20260301143000",
        46082.604166667,
        "46082.604166667",
        datetime(2026, 3, 1, 14, 30),  # noqa: DTZ001
        pd.Timestamp(2026, 3, 1, 14, 30),
    ],
)
def test_a_time_is_read_as_offices_write_it(value: object) -> None:
    assert parse_time(value) == HALF_PAST_TWO


@pytest.mark.parametrize(
    "value",
    [
        "2026-03-01T06:30:00Z",
        "2026-03-01T14:30:00+08:00",
        "2026/3/1 14:30+0800",
        1772346600,
        1772346600000,
        "1772346600",
    ],
)
def test_a_time_keeps_its_zone(value: object) -> None:
    assert parse_time(value) == datetime(2026, 3, 1, 6, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("value", "hour"),
    [("凌晨12:30", 0), ("上午9:30", 9), ("中午12:30", 12), ("中午1:30", 13), ("晚上8:30", 20), ("下午14:30", 14)],
)
def test_the_part_of_the_day_gives_the_hour(value: str, hour: int) -> None:
    assert parse_time(f"2026年3月1日 {value}") == datetime(2026, 3, 1, hour, 30)  # noqa: DTZ001


@pytest.mark.parametrize(
    "value",
    [
        *("last week", "3/1/2026", "26-3-1", "2026年3月", "2026-02-30", "2026年3月1日 晚上12:30", "2026-03-01 25:00"),
        *("14:30", 5, 19_999, 110_000, "2026030114", "99999999", "1712012312345678", -46082, "2026-03-01 14:30+99:00"),
    ],
)
def test_an_ambiguous_or_impossible_time_is_none(value: object) -> None:
    assert parse_time(value) is None


def test_numbers_that_stand_for_times_are_said() -> None:
    (note,) = read_values(ColumnType.TIME, [46082.5, "2026-03-01", 46083]).notes
    assert str(note.problem) == "2 numbers of column read as days of Excel"


@pytest.mark.parametrize("suffix", [".gpkg", ".geojson"])
def test_times_without_a_zone_stay_so_where_others_have_one(suffix: str, tmp_path: Path) -> None:
    path = write_times(tmp_path / f"a{suffix}", ["2026-03-01T14:30:00", "2026-03-01T14:30:00Z"])
    with open_source(path) as opened:
        frame = read_columns(next(iter(opened.layers.values())), {"closed_at": ()})
    local, utc = (parse_time(value) for value in frame["closed_at"])
    assert (local, utc) == (HALF_PAST_TWO, datetime(2026, 3, 1, 14, 30, tzinfo=UTC))


def write_times(path: Path, times: Sequence[str]) -> Path:
    """Write points with a column of times; GeoJSON by hand, since GDAL's writer would change them."""
    if path.suffix != ".geojson":
        frame = gpd.GeoDataFrame({"closed_at": times}, geometry=gpd.points_from_xy([1, 2], [1, 2]), crs=4490)
        pyogrio.write_dataframe(frame, path, driver="GPKG")
        return path
    features = [make_feature({"closed_at": time}) for time in times]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), "utf-8")
    return path


def make_feature(properties: Mapping[str, str]) -> dict[str, object]:
    return {"type": "Feature", "properties": properties, "geometry": {"type": "Point", "coordinates": [1, 2]}}


def test_spellings_of_a_courtyard_are_one_name_and_said() -> None:
    names = ["东湖花园(一期)", "东湖花园（一期）", "东湖花园 (一期)", None, "东湖花园(二期)"]
    values, faults, notes = read_values(ColumnType.GROUP, names)
    assert values.tolist() == [names[0], names[0], names[0], None, names[4]]
    assert not faults
    assert "东湖花园（一期）" in str(notes[0].problem)


def test_one_spelling_of_a_courtyard_is_not_mentioned() -> None:
    assert not read_values(ColumnType.GROUP, ["1 1", "11", None]).notes
