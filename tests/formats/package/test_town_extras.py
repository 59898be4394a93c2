"""Reading of incidents, resident groups and shops."""

from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from gridmap.core.errors import InvalidInput
from gridmap.formats.package.town import read_town
from gridmap.formats.package.town_extras import TownExtras, read_town_extras
from tests.fixtures.loaded_town import point_layer, town_with_extras
from tests.fixtures.town_package import Layers, box, sound_town, write_geopackage


def read_extras(folder: Path, layers: Layers) -> TownExtras:
    source = write_geopackage(layers, folder / "town.gpkg")
    return read_town_extras(source, read_town(source))


def incident_layer(**columns: list[object]) -> Layers:
    all_columns: dict[str, list[object]] = {"category": ["order"], "occurred_at": ["2026-03-01 08:00"], **columns}
    return {**sound_town(), "incidents": point_layer((30, 25), **all_columns)}


def test_missing_layers_are_empty(tmp_path: Path) -> None:
    extras = read_extras(tmp_path, sound_town())
    assert [len(layer) for layer in (extras.incidents, extras.resident_groups, extras.shops)] == [0, 0, 0]


def test_all_optional_layers_are_read(tmp_path: Path) -> None:
    extras = read_extras(tmp_path, town_with_extras())
    assert extras.incidents["occurred_at"].iloc[0].isoformat() == "2026-03-01T08:00:00"
    assert extras.resident_groups["community"].tolist() == [0]
    assert extras.shops["name"].tolist() == ["便利店"]


def test_an_incident_is_open_while_others_of_the_file_are_closed(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"category": ["a", "b"], "occurred_at": ["2026-03-01", "2026-03-02"]}
    layer = point_layer((30, 25), (31, 25), **columns, closed_at=["2026-03-05", None])
    extras = read_extras(tmp_path, {**sound_town(), "incidents": layer})
    assert extras.incidents["closed_at"].map(str).tolist() == ["2026-03-05 00:00:00", "None"]


@pytest.mark.parametrize(
    ("columns", "problem"),
    [
        ({"occurred_at": ["last week"]}, "occurred_at is not a date and time"),
        ({"occurred_at": [None]}, "occurred_at is empty"),
        ({"category": [None]}, "category is empty"),
        ({"closed_at": ["2026-02-28 08:00"]}, "closed before it happened"),
        ({"closed_at": ["2026-02-30 08:00"]}, "closed_at is not a date and time"),
    ],
)
def test_a_wrong_incident_is_reported(tmp_path: Path, columns: dict[str, list[object]], problem: str) -> None:
    with pytest.raises(InvalidInput, match=problem):
        read_extras(tmp_path, incident_layer(**columns))


@pytest.mark.parametrize("column", ["occurred_at", "closed_at"])
@pytest.mark.parametrize(
    ("time", "problem"),
    [("1989-12-31 23:59", "is before 1990"), ("1900-01-01", "is before 1990"), ("2999-01-01", "is still to come")],
)
def test_unusual_times_are_warnings_with_row_and_value(tmp_path: Path, column: str, time: str, problem: str) -> None:
    extras = read_extras(tmp_path, incident_layer(occurred_at=[time], closed_at=[time]))
    (warning,) = [each for each in extras.warnings if each.column == column]
    assert (warning.layer, warning.row, str(warning.value)[:10]) == ("incidents", 1, time[:10])
    assert (str(warning.problem), warning.is_implausible) == (f"{column} {problem}", True)
    assert str(extras.incidents[column][0])[:10] == time[:10]


@pytest.mark.parametrize("time", ["1799-12-31 12:00", "3001-01-01 12:00"])
def test_a_time_that_cannot_be_stored_is_a_fault(tmp_path: Path, time: str) -> None:
    with pytest.raises(InvalidInput) as bad:
        read_extras(tmp_path, incident_layer(occurred_at=[time]))
    (fault,) = bad.value.faults
    assert (fault.row, fault.value) == (1, time)
    assert "1800 to 3000" in str(fault.expected)


def repeated(*points: tuple[float, float], **columns: list[object]) -> Layers:
    """Return the town with incidents of one minute and category, unless other columns are given."""
    values: dict[str, list[object]] = {
        "number": [f"n{number}" for number in range(1, len(points) + 1)],
        "category": ["noise"] * len(points),
        "occurred_at": ["2026-03-01 08:15:59", *["2026-03-01 08:15:00"] * (len(points) - 1)],
    }
    return {**sound_town(), "incidents": point_layer(*points, **{**values, **columns})}


@pytest.mark.parametrize(("distance", "said"), [(0.9, ["the same as row 1 (n1): time, category and place"]), (1.1, [])])
def test_an_incident_at_the_place_of_another_is_a_warning(tmp_path: Path, distance: float, said: list[str]) -> None:
    warnings = read_extras(tmp_path, repeated((30, 25), (30 + distance, 25))).warnings
    assert [str(warning.problem) for warning in warnings] == said
    assert [(warning.row, warning.id, warning.is_implausible) for warning in warnings] == [(2, "n2", True)] * len(said)


def test_an_incident_with_the_text_of_another_is_a_warning(tmp_path: Path) -> None:
    titles: list[object] = ["油烟扰民（夜间）", "油烟扰民(夜间)", "噪音"]
    warnings = read_extras(tmp_path, repeated((30, 25), (90, 25), (150, 25), title=titles)).warnings
    assert [(each.row, str(each.problem)) for each in warnings] == [
        (2, "the same as row 1 (n1): time, category and title")
    ]


@pytest.mark.parametrize(
    "columns",
    [
        {"occurred_at": ["2026-03-01 08:15", "2026-03-01 08:16"]},
        {"category": ["noise", "parking"]},
        {"occurred_at": ["2026-03-01", "2026-03-01"]},
    ],
)
def test_other_minutes_categories_and_days_without_hours_are_plausible(
    tmp_path: Path, columns: dict[str, list[object]]
) -> None:
    assert not read_extras(tmp_path, repeated((30, 25), (30, 25), **columns)).warnings


def test_a_day_without_hours_needs_the_same_place_and_text(tmp_path: Path) -> None:
    day: list[object] = ["2026-03-01"] * 3
    layers = repeated((30, 25), (30, 25), (90, 25), occurred_at=day, title=["噪音"] * 3)
    assert [each.row for each in read_extras(tmp_path, layers).warnings] == [2]


def test_many_copies_of_one_incident_are_each_named_with_the_first(tmp_path: Path) -> None:
    warnings = read_extras(tmp_path, repeated(*[(30, 25)] * 12)).warnings
    assert [each.row for each in warnings] == list(range(2, 13))
    assert {str(each.problem) for each in warnings} == {"the same as row 1 (n1): time, category and place"}


def test_the_first_minute_of_1990_and_the_present_are_not_asked_about(tmp_path: Path) -> None:
    now = datetime.now(ZoneInfo("Asia/Shanghai")).isoformat(sep=" ", timespec="seconds")
    columns: dict[str, list[object]] = {"category": ["a", "b"], "occurred_at": ["1990-01-01 00:00", now]}
    assert not read_extras(tmp_path, {**sound_town(), "incidents": point_layer((30, 25), (31, 25), **columns)}).warnings


def test_a_time_with_a_zone_is_compared_in_that_of_the_office(tmp_path: Path) -> None:
    (warning,) = read_extras(tmp_path, incident_layer(occurred_at=["1990-01-01T00:30+09:00"])).warnings
    assert str(warning.problem) == "occurred_at is before 1990"


@pytest.mark.parametrize(
    ("outside_m", "problem"),
    [
        (6.0, "outside by 6.0 m; counted in the nearest grid"),
        (7.9, "outside by 7.9 m; counted in the nearest grid"),
        (8.1, "outside by 8.1 m; counted in no grid"),
    ],
)
def test_places_outside_every_community_are_said(tmp_path: Path, outside_m: float, problem: str) -> None:
    layer = point_layer((30, -outside_m), (30, 25), category=["a", "b"], occurred_at=["2026-03-01"] * 2)
    (warning,) = read_extras(tmp_path, {**sound_town(), "incidents": layer}).warnings
    assert (str(warning.problem), warning.file, warning.row) == (problem, "town.gpkg", 1)


def test_a_duplicate_incident_number_is_refused(tmp_path: Path) -> None:
    columns: dict[str, list[object]] = {"category": ["a", "b"], "occurred_at": ["2026-03-01"] * 2, "number": ["7", "7"]}
    with pytest.raises(InvalidInput, match="number is already used"):
        read_extras(tmp_path, {**sound_town(), "incidents": point_layer((30, 25), (31, 25), **columns)})


def test_a_group_of_an_unknown_community_is_reported(tmp_path: Path) -> None:
    groups = sound_town()["communities"].iloc[:1].assign(community_code="999")
    with pytest.raises(InvalidInput, match="no community has this code"):
        read_extras(tmp_path, {**sound_town(), "resident_groups": groups})


def test_a_group_outside_every_community_is_reported(tmp_path: Path) -> None:
    groups = sound_town()["communities"].iloc[:1].set_geometry([box(500, 0, 50, 50)])
    with pytest.raises(InvalidInput, match="in no community"):
        read_extras(tmp_path, {**sound_town(), "resident_groups": groups})


def test_all_faults_are_reported_at_once(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput) as bad:
        read_extras(tmp_path, {**incident_layer(category=[None]), "shops": point_layer((25, 155), name=[None])})
    assert {fault.layer for fault in bad.value.faults} == {"incidents", "shops"}
