"""Check and repair of drawn grids, from file to file."""

import json
from pathlib import Path

import geopandas as gpd
import pyogrio
import pytest
import shapely

from gridmap.core.errors import InvalidInput
from gridmap.core.partition.partition import PartitionSettings
from gridmap.core.plans.profile import Profile
from gridmap.core.progress import ignore_progress
from gridmap.services.files.check import check_file
from gridmap.services.files.check_report import CheckReport, RepairReport
from gridmap.services.files.partition import partition_file
from gridmap.services.files.repair import RepairSettings, repair_file
from gridmap.texts import translate
from tests.fixtures.town_package import Layers, box, draw_grids, file_sizes, sound_town, write_geopackage

CODES: list[object] = ["420106001001001", "420106001001002", "420106001002001"]
PROFILE = Profile(100, 400)
TOWN_LAYERS = {"communities", "buildings", "streets", "barriers", "dedicated"}


def write_package(folder: Path, grids: gpd.GeoDataFrame | None = None, **layers: gpd.GeoDataFrame) -> Path:
    """Write the valid town with drawn grids."""
    drawn = draw_grids(grid_code=CODES) if grids is None else grids
    return write_geopackage({**sound_town(), "grids": drawn, **layers}, folder / "town.gpkg")


def check_package(town: Path, grids: Path | None = None, language: str = "en") -> CheckReport:
    return check_file(town, town.with_name("faults.gpkg"), grids, PROFILE, language, ignore_progress)


def repair_package(town: Path, grids: Path | None = None) -> RepairReport:
    return repair_file(town, town.with_name("repaired.gpkg"), grids, RepairSettings(PROFILE), "en", ignore_progress)


def fault_kinds(report: CheckReport) -> set[str]:
    return set(report.faults["kind"])


def faulty_grids() -> gpd.GeoDataFrame:
    """Return grids with a gap around a building, an overlap, a spill and a duplicate code."""
    shapes = [box(0, 0, 55, 100), box(0, 90, 200, 110), box(200, 0, 220, 200)]
    return draw_grids(*shapes, grid_code=[CODES[0], CODES[0], CODES[2]])


EXPECTED_FAULTS = {"gap", "overlap", "spill", "duplicate", "unassigned_building", "empty_grid"}


def test_a_check_of_valid_grids_finds_only_sizes(tmp_path: Path) -> None:
    assert fault_kinds(check_package(write_package(tmp_path))) == {"empty_grid"}


def test_every_fault_is_found_and_written_with_its_columns(tmp_path: Path) -> None:
    report = check_package(write_package(tmp_path, faulty_grids()))
    faults = pyogrio.read_dataframe(tmp_path / "faults.gpkg", layer="faults")
    assert set(faults["kind"]) == fault_kinds(report) >= EXPECTED_FAULTS - {"empty_grid"}
    assert list(faults["fault_id"]) == list(range(1, len(faults) + 1))
    assert list(faults.columns) == list(report.faults.columns)
    assert faults.crs == sound_town()["communities"].crs


def test_a_check_writes_all_layers_of_a_map(tmp_path: Path) -> None:
    check_package(write_package(tmp_path, faulty_grids()))
    written = {name for name, _ in pyogrio.list_layers(tmp_path / "faults.gpkg")}
    assert written == {"profile", "faults", "grids", "layer_styles", *TOWN_LAYERS}
    grids = pyogrio.read_dataframe(tmp_path / "faults.gpkg", layer="grids")
    assert grids["households"].tolist() == [120, 0, 300]
    assert grids["status"].tolist() == ["in_range", "under", "in_range"]


def test_a_gap_reports_its_buildings_and_households(tmp_path: Path) -> None:
    lines = [translate(sentence, "en") for sentence in check_package(write_package(tmp_path, faulty_grids())).summary()]
    assert any("1 gap between grids, 13,050 m² in all, with 1 building and 80 households" in line for line in lines)
    assert len(lines) <= 15


@pytest.mark.parametrize(
    ("households", "status", "counts"),
    [(999, "under", (2, 0)), (1_000, "in_range", (1, 0)), (3_000, "in_range", (1, 0)), (3_001, "over", (1, 1))],
)
def test_a_check_names_communities_outside_the_guideline_of_the_law(
    tmp_path: Path, households: int, status: str, counts: tuple[int, int]
) -> None:
    buildings = sound_town()["buildings"]
    buildings.loc[0, "households"] += households - 200
    report = check_package(write_package(tmp_path, buildings=buildings))
    first, second = json.loads((tmp_path / "faults.json").read_text("utf-8"))["community_sizes"]
    assert (first["name"], first["households"], first["status"]) == ("水果湖社区", households, status)
    assert (second["households"], second["status"]) == (300, "under")
    sentence = "Of 2 communities, {} have fewer than 1000 households and {} more than 3000".format(*counts)
    assert translate(report.summary()[-1], "en").startswith(sentence)
    assert not {"community", "guideline"} & fault_kinds(report)


def three_grids_over_one_place() -> gpd.GeoDataFrame:
    """Return three grids, each pair of which shares land around the buildings b1 and b2; all three share a part."""
    shapes = [box(0, 0, 110, 200), box(0, 0, 200, 50), box(0, 0, 200, 40), box(110, 50, 90, 150), box(200, 0, 200, 200)]
    return draw_grids(*shapes, grid_code=["a", "b", "c", "d", "e"])


def test_land_and_households_of_several_overlaps_count_once(tmp_path: Path) -> None:
    report = check_package(write_package(tmp_path, three_grids_over_one_place()))
    pairs = report.faults[report.faults["kind"] == "overlap"]
    assert (sorted(pairs["area_m2"]), pairs["area_m2"].sum()) == ([4400, 5500, 8000], 17_900)
    assert pairs["households"].tolist() == [200, 200, 200]
    lines = [translate(sentence, "en") for sentence in report.summary()]
    said = "3 overlaps of grids, 9,100 m² in all, with 2 buildings and 200 households"
    assert any(said in line for line in lines), lines
    assert report.as_json()["land"]["overlap"] == {"area_m2": 9100.0, "buildings": 2, "households": 200}  # type: ignore[index]


def test_a_repair_ends_with_its_grids_whatever_is_warned_of(tmp_path: Path) -> None:
    communities = sound_town()["communities"]
    communities.loc[0, "geometry"] = box(0, 0, 200.5, 200)
    report = repair_package(write_package(tmp_path, communities=communities))
    assert len(report.partition.town.warnings) == 1
    assert translate(report.summary()[-1], "en").startswith("grids: 3, of which in range")


def test_land_that_two_grids_lost_counts_once(tmp_path: Path) -> None:
    report = repair_package(write_package(tmp_path, three_grids_over_one_place()))
    land = report.changes[report.changes["building_id"].isna()]
    assert report.moved_m2 == pytest.approx(shapely.union_all(land.geometry.to_numpy()).area)
    assert report.moved_m2 < land["area_m2"].sum()


def test_suggestions_are_in_the_requested_language_and_translatable(tmp_path: Path) -> None:
    check_package(write_package(tmp_path, faulty_grids()), language="zh_CN")
    gap = pyogrio.read_dataframe(tmp_path / "faults.gpkg", layer="faults").set_index("kind").loc["gap"]
    assert "网格" in gap["suggestion"]
    assert json.loads(gap["suggestion_message"])["template"].startswith("extend grid")


def test_the_report_file_has_every_fault(tmp_path: Path) -> None:
    report = check_package(write_package(tmp_path, faulty_grids()))
    written = json.loads((tmp_path / "faults.json").read_text("utf-8"))
    assert written == json.loads(json.dumps(report.as_json()))
    assert sum(written["by_kind"].values()) == len(written["faults"]) == len(report.faults)


def test_grids_may_come_from_another_file_and_crs(tmp_path: Path) -> None:
    town, other = write_package(tmp_path), tmp_path / "other.geojson"
    pyogrio.write_dataframe(faulty_grids().to_crs(4326), other)
    assert {"gap", "overlap", "spill"} <= fault_kinds(check_package(town, other))


def test_overlapping_communities_are_findings(tmp_path: Path) -> None:
    communities = sound_town()["communities"]
    communities.loc[0, "geometry"] = box(0, 0, 210, 200)
    report = check_package(write_package(tmp_path, communities=communities))
    said = " ".join(translate(sentence, "en") for sentence in report.summary())
    assert "1 overlap of communities, 2,000 m² in all" in said


def test_land_of_the_subdistrict_in_no_community_is_found(tmp_path: Path) -> None:
    outline = gpd.GeoDataFrame(geometry=[box(0, 0, 400, 230)], crs=draw_grids().crs)
    report = check_package(write_package(tmp_path, subdistrict=outline))
    said = " ".join(translate(sentence, "en") for sentence in report.summary())
    assert "1 gap between communities, 12,000 m² in all" in said


def test_the_result_of_a_partition_has_only_size_faults(tmp_path: Path) -> None:
    town, result = write_package(tmp_path), tmp_path / "result.gpkg"
    partition_file(town, result, PartitionSettings(PROFILE), "en", ignore_progress)
    assert fault_kinds(check_package(town, result)) <= {"oversize", "undersize", "empty_grid"}


def test_a_repair_leaves_only_size_faults(tmp_path: Path) -> None:
    town = write_package(tmp_path, faulty_grids())
    report = repair_package(town)
    assert report.remaining_faults == {}
    assert fault_kinds(check_package(town, tmp_path / "repaired.gpkg")) <= {"oversize", "undersize", "empty_grid"}


def test_a_repair_reports_faults_that_it_cannot_correct(tmp_path: Path) -> None:
    outline = gpd.GeoDataFrame(geometry=[box(0, 0, 400, 230)], crs=draw_grids().crs)
    report = repair_package(write_package(tmp_path, subdistrict=outline))
    assert report.remaining_faults == {"gap": 1}
    assert any("a repair of grids cannot correct" in str(sentence) for sentence in report.summary())


def test_a_repair_writes_a_result_with_its_changes(tmp_path: Path) -> None:
    repair_package(write_package(tmp_path, faulty_grids()))
    written = {name for name, _ in pyogrio.list_layers(tmp_path / "repaired.gpkg")}
    of_grids = {"grids", "drawn_grids", "changes", "moved_land", "layer_styles"}
    assert written == {"assignment", "profile", "cells", *of_grids, *TOWN_LAYERS}
    drawn = pyogrio.read_dataframe(tmp_path / "repaired.gpkg", layer="drawn_grids")
    assert shapely.area(drawn.geometry.to_numpy()) == pytest.approx([5500, 22_000, 44_000], rel=1e-6)


def test_every_change_is_listed_with_its_reason(tmp_path: Path) -> None:
    report = repair_package(write_package(tmp_path, faulty_grids()))
    changes = pyogrio.read_dataframe(tmp_path / "repaired.gpkg", layer="changes")
    columns = ["building_id", "households", "from_code", "to_code", "reason"]
    buildings = changes[changes["building_id"].notna()]
    assert buildings[columns].astype(object).fillna("").to_numpy().tolist() == [
        ["b2", 80, "", CODES[0], "was in no grid"]
    ]
    assert report.as_json()["atoms_moved"] == 1


def test_codes_are_kept_and_a_duplicate_code_is_replaced(tmp_path: Path) -> None:
    report = repair_package(write_package(tmp_path, faulty_grids()))
    codes = pyogrio.read_dataframe(tmp_path / "repaired.gpkg", layer="grids")["grid_code"]
    assert codes.tolist() == CODES
    assert any("received this code" in str(note) for note in report.partition.plan.notes)


def test_a_repair_does_not_change_valid_grids(tmp_path: Path) -> None:
    report = repair_package(write_package(tmp_path))
    assert report.changes.empty
    assert "No building changed its grid." in [translate(sentence, "en") for sentence in report.summary()]


def test_dedicated_land_without_a_grid_of_its_own_is_noted(tmp_path: Path) -> None:
    report = repair_package(write_package(tmp_path))
    notes = [str(note) for note in report.partition.plan.notes]
    assert notes == [f"grid {CODES[2]} contains dedicated land, as drawn: 沙湖公园"]


@pytest.mark.parametrize("use", [check_package, repair_package])
def test_bad_input_leaves_nothing_behind(use: object, tmp_path: Path) -> None:
    town = write_package(tmp_path, draw_grids(box(0, 0, 9, 9), None))
    before = file_sizes(tmp_path)
    with pytest.raises(InvalidInput):
        use(town)  # type: ignore[operator]
    assert file_sizes(tmp_path) == before


def test_a_result_never_replaces_its_source(tmp_path: Path) -> None:
    town: Layers = sound_town()
    source, grids = (
        write_geopackage(town, tmp_path / "town.gpkg"),
        write_geopackage({"grids": draw_grids()}, tmp_path / "faults.gpkg"),
    )
    with pytest.raises(InvalidInput, match="replace"):
        check_package(source, grids)
