"""Profiles of data/profiles.toml and of own files, numbers of grids, and micro-grids, from the command to the file."""

import json
import shutil
from pathlib import Path
from typing import Any

import geopandas as gpd
import numpy as np
import pyogrio
import pytest
import shapely

from gridmap.catalogues import find_profile, load_profiles
from gridmap.cli.main import run
from gridmap.cli.output import ExitCode
from gridmap.core.errors import InvalidInput
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.feasibility import (
    CommunityLoad,
    GridNumbers,
    count_grids,
    find_contradiction,
    number_grids,
    parse_grid_numbers,
    profile_for_grids,
    share_grids,
)
from gridmap.core.plans.profile import Profile
from gridmap.demo.town import build_town
from gridmap.services.files.demo_town import write_demo_town
from gridmap.services.files.partition import number_profiles


@pytest.fixture(scope="module")
def town(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a town of one community with 2,400 households."""
    path = tmp_path_factory.mktemp("town") / "town.gpkg"
    write_demo_town(path, 2_400, 3, "town")
    return path


def partition(town: Path, result: Path, *options: str) -> tuple[int, dict[str, Any]]:
    code = run(["partition", str(town), "-o", str(result), "--datum", "wgs84", "--language", "en", *options])
    report = result.with_suffix(".json")
    return code, json.loads(report.read_text("utf-8")) if report.exists() else {}


@pytest.mark.parametrize(
    ("name", "profile"),
    [
        ("300-500", Profile(300, 500, 400)),
        ("300", Profile(240, 360, 300)),
        ("100", Profile(80, 120, 100)),
        ("600", Profile(480, 720, 600)),
        ("3000", Profile(2400, 3600, 3000, 1000.0)),
        ("1000-3000", Profile(1000, 3000, 2000)),
    ],
)
def test_every_profile_has_its_range_and_its_source(name: str, profile: Profile) -> None:
    found = load_profiles()[name]
    assert found.profile == profile
    assert all([*found.names, found.source])
    assert len(load_profiles()) == 6


def test_a_file_of_ones_own_is_a_profile(tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("minimum = 200\nmaximum = 260\nmax_radius_m = 500\n", "utf-8")
    assert find_profile(str(own)) == Profile(200, 260, 230, 500.0)


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("minimum = 200", "this is no profile"),
        ("minimum = 200\nmaximum = 260\nmost = 1", "this is no profile"),
        ("minimum = [", "this is no profile"),
        ("minimum = 300\nmaximum = 260", "not in ascending order"),
        ("minimum = 200\nmaximum = 260\nmax_radius_m = -1", "the radius is no length"),
    ],
)
def test_a_file_that_is_no_profile_is_refused(tmp_path: Path, text: str, problem: str) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text, "utf-8")
    with pytest.raises(InvalidInput, match=problem):
        find_profile(str(own))


def test_an_unknown_profile_is_refused_with_those_that_there_are(
    town: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert partition(town, tmp_path / "grids.gpkg", "--profile", "700") == (ExitCode.BAD_INPUT, {})
    assert "one of 300-500, 300, 100, 600, 3000, 1000-3000" in capsys.readouterr().err


@pytest.mark.parametrize(("households", "grids"), [(4711, 12), (2400, 7), (100, 1), (7, 7), (7, 5), (10, 9)])
def test_a_number_of_grids_becomes_a_range_that_leads_to_it(households: int, grids: int) -> None:
    low, high = count_grids(households, profile_for_grids(households, grids))
    assert low <= grids <= high
    assert (low, high) == (grids, grids) or households < 2 * grids


@pytest.mark.parametrize("grids", [0, 8])
def test_more_grids_than_households_are_refused(grids: int) -> None:
    with pytest.raises(InvalidInput, match=f"7 households cannot be in {grids} grids"):
        profile_for_grids(7, grids)


def test_the_command_makes_a_number_of_grids(town: Path, tmp_path: Path) -> None:
    code, report = partition(town, tmp_path / "grids.gpkg", "--grids", "5", "--profile", "600")
    assert (code, report["summary"]["household_grids"], report["notes"]) == (ExitCode.OK, 5, [])
    assert (report["profile"]["minimum"], report["profile"]["maximum"]) == (401, 576)
    _, report = partition(town, tmp_path / "grids.gpkg", "--grids", "5", "--max", "479")
    assert report["notes"][0]["reason"].startswith(
        "2400 households in 5 grids are 480 each, which is not within 300 to"
    )


@pytest.mark.parametrize(
    ("households", "grids", "is_contradiction"),
    [(2_399, 8, True), (2_400, 8, False), (4_000, 8, False), (4_001, 8, True)],
)
def test_a_number_of_grids_may_contradict_the_range(households: int, grids: int, is_contradiction: bool) -> None:
    said = find_contradiction(households, grids, Profile(300, 500))
    assert (said is not None) is is_contradiction


@pytest.fixture(scope="module")
def several_communities(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write a town of several communities."""
    path = tmp_path_factory.mktemp("several") / "town.gpkg"
    write_demo_town(path, 9_000, 0, "town")
    assert len(build_town(9_000).communities) > 1
    return path


def test_communities_share_a_number_of_grids_by_households(several_communities: Path, tmp_path: Path) -> None:
    code, report = partition(several_communities, tmp_path / "grids.gpkg", "--grids", "15", "--profile", "600")
    grids = gpd.read_file(tmp_path / "grids.gpkg", layer="grids").query("kind == 'household'")
    sums = grids.groupby("community_code")["households"].agg(["size", "sum"])
    assert (code, len(grids), len(report["notes"])) == (ExitCode.OK, 15, len(sums))
    assert all(abs(size - 15 * total / 9_000) < 1 for size, total in sums.to_numpy())
    assert "of the 15 grids for" in report["notes"][0]["reason"]


def test_a_community_has_a_number_of_its_own(several_communities: Path, tmp_path: Path) -> None:
    codes = gpd.read_file(several_communities, layer="communities")["code"].tolist()
    code, report = partition(several_communities, tmp_path / "grids.gpkg", "--grids", f"{codes[0]}=10")
    grids = gpd.read_file(tmp_path / "grids.gpkg", layer="grids").query("kind == 'household'")
    by_community = grids.groupby("community_code")["households"]
    assert (code, by_community.size()[codes[0]], len(report["notes"])) == (ExitCode.OK, 10, 1)
    assert by_community.min().drop(codes[0]).min() >= 300
    assert by_community.max().drop(codes[0]).max() <= 500
    with_total = "--grids", "20", "--grids", f"{codes[0]}=10"
    _, report = partition(several_communities, tmp_path / "grids.gpkg", *with_total)
    assert (report["summary"]["household_grids"], "10 of the 20" in report["notes"][0]["reason"]) == (20, True)


@pytest.mark.parametrize("texts", [["x"], ["0"], ["A=0"], ["=3"], ["4", "5"], ["A=2", "A=3"], ["A="], ["²"], ["-1"]])
def test_what_is_no_number_of_grids_is_refused(texts: list[str]) -> None:
    with pytest.raises(InvalidInput, match="no number of grids"):
        parse_grid_numbers(texts)


LOADS = [CommunityLoad("East", 2_400), CommunityLoad("West", 900), CommunityLoad("Park", 0)]


@pytest.mark.parametrize(
    ("total", "by_code", "grids"),
    [
        (None, {"W": 3}, [None, 3, None]),
        (8, {"W": 3}, [5, 3, None]),
        (8, {"E": 5, "W": 3}, [5, 3, None]),
        (8, {}, [6, 2, None]),
    ],
)
def test_communities_without_a_number_share_what_is_left(
    total: int | None, by_code: dict[str, int], grids: list[int | None]
) -> None:
    assert number_grids(LOADS, ["E", "W", "P"], GridNumbers(total, by_code)) == grids


@pytest.mark.parametrize(
    ("total", "by_code", "said"),
    [
        (9, {"E": 5, "W": 3}, "9 grids are not the 8"),
        (7, {"E": 5, "W": 3}, "7 grids are not the 8"),
        (3, {"E": 3}, "0 grids are fewer"),
        (None, {"X": 3}, "no community X"),
    ],
)
def test_numbers_that_contradict_one_another_are_refused(total: int | None, by_code: dict[str, int], said: str) -> None:
    with pytest.raises(InvalidInput, match=said):
        number_grids(LOADS, ["E", "W", "P"], GridNumbers(total, by_code))


@pytest.mark.parametrize("grids", [[5, 2, None], [5, None, None], [5, None, 1]])
def test_numbers_of_grids_keep_the_radius(grids: list[int | None]) -> None:
    settings = PartitionSettings(Profile(max_radius_m=500))
    loads = [*LOADS[:2], CommunityLoad("Park", 400 if grids[2] else 0)]
    numbered = number_profiles(loads, grids, settings)
    assert {each.max_radius_m for each in (numbered.profile, *numbered.own_profiles)} == {500}
    assert numbered.own_profiles[1].maximum == (540 if grids[1] else 500)


def test_fewer_grids_than_communities_are_refused_with_the_numbers_that_would_do(
    several_communities: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert partition(several_communities, tmp_path / "grids.gpkg", "--grids", "1") == (ExitCode.BAD_INPUT, {})
    assert f"{len(build_town(9_000).communities)} to " in capsys.readouterr().err


@pytest.mark.parametrize(
    ("households", "grids", "shares"),
    [([100, 100], 2, [1, 1]), ([1_000, 1], 3, [2, 1]), ([2, 1], 3, [2, 1]), ([500, 0, 300], 8, [5, 0, 3])],
)
def test_each_community_has_a_grid_and_none_more_grids_than_households(
    households: list[int], grids: int, shares: list[int]
) -> None:
    assert share_grids(households, grids) == shares


@pytest.mark.parametrize(
    ("households", "status"), [(999, "under"), (1000, "in_range"), (3000, "in_range"), (3001, "over")]
)
def test_communities_of_the_law_have_one_to_three_thousand_households(households: int, status: str) -> None:
    """The range of the law in force since 2026; until 2025 it was 100 to 700."""
    assert str(load_profiles()["1000-3000"].profile.status(households)) == status


def test_a_town_becomes_communities_of_the_law(several_communities: Path, tmp_path: Path) -> None:
    code, report = partition(several_communities, tmp_path / "grids.gpkg", "--profile", "1000-3000")
    sizes = [grid["households"] for grid in report["grids"] if grid["kind"] == "household"]
    assert (code, sum(sizes), min(sizes) >= 1000, max(sizes) <= 3000) == (ExitCode.OK, 9_000, True, True)


def test_grids_of_six_hundred_consist_of_micro_grids_of_a_hundred(town: Path, tmp_path: Path) -> None:
    _, report = partition(town, tmp_path / "grids.gpkg", "--profile", "600", "--micro", "100")
    assert report["summary"]["out_of_range"] == 0
    micro = gpd.read_file(tmp_path / "grids.gpkg", layer="micro_grids")
    grids = gpd.read_file(tmp_path / "grids.gpkg", layer="grids").set_index("grid_code")
    assert micro.groupby("grid_code")["households"].sum().to_dict() == grids["households"].to_dict()
    assert all(code.startswith(grid) for code, grid in zip(micro["micro_grid_code"], micro["grid_code"], strict=True))
    for code, parts in micro.groupby("grid_code"):
        joined = shapely.coverage_union_all(parts.geometry.to_numpy())
        assert shapely.area(shapely.symmetric_difference(joined, grids.geometry[code])) == pytest.approx(0, abs=1e-12)
    assigned = pyogrio.read_dataframe(tmp_path / "grids.gpkg", layer="assignment")
    assert set(assigned["micro_grid_code"]) <= set(micro["micro_grid_code"])
    household = micro["kind"].eq("household")
    assert np.median(micro["households"][household]) == pytest.approx(100, abs=20)
    assert len(report["micro_grids"]) == len(micro)


@pytest.fixture(scope="module")
def town_with_shops(town: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the town with a shop in every third building, and a column of texts."""
    path = tmp_path_factory.mktemp("shops") / "town.gpkg"
    shutil.copy(town, path)
    buildings = gpd.read_file(path, layer="buildings")
    shops = np.where(np.arange(len(buildings)) % 3 == 0, 12, 0)
    buildings.assign(商户=shops, remark="x").to_file(path, layer="buildings")
    return path


def test_grids_and_micro_grids_of_a_load_are_in_range_of_it(town_with_shops: Path, tmp_path: Path) -> None:
    options = ("--profile", "600", "--micro", "100", "--load", "户数+商户")
    _, report = partition(town_with_shops, tmp_path / "grids.gpkg", *options)
    buildings = gpd.read_file(tmp_path / "grids.gpkg", layer="buildings")
    loads = buildings["households"] + buildings["商户"]
    assert report["load"] == {"columns": "户数 + 商户", "total": int(loads.sum())}
    grids = {grid["grid_code"]: grid["load"] for grid in report["grids"] if grid["kind"] == "household"}
    assert loads.groupby(buildings["grid_code"]).sum().loc[list(grids)].to_dict() == grids
    assert all(480 <= load <= 720 for load in grids.values())
    micro = {grid["grid_code"]: grid["load"] for grid in report["micro_grids"] if grid["kind"] == "household"}
    assert loads.groupby(buildings["micro_grid_code"]).sum().loc[list(micro)].to_dict() == micro
    assert np.median(list(micro.values())) == pytest.approx(100, abs=20)


@pytest.mark.full
def test_todays_grids_become_grids_in_range_of_a_load(town_with_shops: Path, tmp_path: Path) -> None:
    result, options = tmp_path / "grids.gpkg", ("--present", str(town_with_shops), "--alternatives", "1")
    code, report = partition(town_with_shops, result, "--load", "户数+商户", *options)
    grids = [grid for grid in report["grids"] if grid["kind"] == "household"]
    moves = gpd.read_file(result, layer="moves")
    assert code == ExitCode.OK
    assert all(300 <= grid["load"] <= 500 for grid in grids)
    assert any(grid["households"] < 300 for grid in grids)
    assert sum(moves["load"]) == report["present"]["plans"][0]["moved"] > sum(moves["households"]) > 0
    assert "load" in pyogrio.read_info(result, layer="present_grids")["fields"]


def test_grids_show_area_and_buildings_and_may_weigh_residents(town: Path, tmp_path: Path) -> None:
    buildings = gpd.read_file(town, layer="buildings")
    shutil.copy(town, tmp_path / "town.gpkg")
    buildings.assign(residents=buildings["households"] * 3).to_file(tmp_path / "town.gpkg", layer="buildings")
    options = ("--load", "residents", "--min", "1000", "--max", "1500", "--effort", "fast")
    code, report = partition(tmp_path / "town.gpkg", tmp_path / "grids.gpkg", *options)
    grids = [grid for grid in report["grids"] if grid["kind"] == "household"]
    assert code == ExitCode.OK
    assert all(grid["load"] == 3 * grid["households"] and 1000 <= grid["load"] <= 1500 for grid in grids)
    assert all(grid["area_m2"] > 0 and grid["buildings"] > 0 for grid in grids)


@pytest.mark.parametrize(
    ("load", "problem"),
    [
        ("households+stalls", "there is no column stalls"),
        ("households+remark", "remark is not a number"),
        ("households+", "this is no sum of columns"),
    ],
)
def test_a_load_without_its_columns_is_refused(
    town_with_shops: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], load: str, problem: str
) -> None:
    assert partition(town_with_shops, tmp_path / "grids.gpkg", "--load", load) == (ExitCode.BAD_INPUT, {})
    assert problem in capsys.readouterr().err


def radii_of_file(town: Path, result: Path) -> dict[str, float]:
    """Measure grids as they were written, without the program: from the centre to the farthest inhabited building."""
    buildings = gpd.read_file(result, layer="buildings").to_crs("EPSG:32649")
    grids = gpd.read_file(result, layer="grids").to_crs("EPSG:32649").query("kind == 'household'")
    centres = grids.set_index("grid_code").centroid
    homes = buildings[buildings["households"] > 0]
    away = homes.centroid.distance(centres.reindex(homes["grid_code"]).set_axis(homes.index))
    return {str(code): float(radius) for code, radius in away.groupby(homes["grid_code"]).max().items()}


def test_no_home_is_beyond_the_radius_and_grids_out_of_range_say_why(town: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.toml"
    own.write_text("minimum = 300\nmaximum = 500\nmax_radius_m = 90\n", "utf-8")
    code, report = partition(town, tmp_path / "grids.gpkg", "--profile", str(own))
    radii = radii_of_file(town, tmp_path / "grids.gpkg")
    assert len(radii) >= 7
    assert max(radii.values()) <= 90.2  # the file is in degrees
    grids = [grid for grid in report["grids"] if grid["kind"] == "household"]
    others = {grid["grid_code"] for grid in grids if not 300 <= grid["households"] <= 500}
    assert (code, report["summary"]["out_of_range"]) == (ExitCode.OUT_OF_RANGE, len(others))
    reasons = [each["reason"] for each in report["exceptions"] if each["grid_code"] in others]
    assert len(reasons) == len(others) > 0
    assert all("live within 180 m of a building here" in each or "90 m of their centres" in each for each in reasons)


def test_limits_and_weights_replace_those_of_a_profile(town: Path, tmp_path: Path) -> None:
    options = ("--profile", "600", "--max", "900", "--group-weight", "0.5")
    _, report = partition(town, tmp_path / "grids.gpkg", *options)
    assert report["weights"]["group"] == 0.5
    assert report["profile"] == {"minimum": 480, "maximum": 900, "target": 690, "max_radius_m": 0.0}
