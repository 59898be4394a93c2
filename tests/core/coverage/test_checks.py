"""Checks of drawn grids: each fault is found as its kind, and valid grids have no findings."""

from collections.abc import Sequence
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely import Geometry, affinity, box

from gridmap.core.coverage.checks import DrawnGrids, Finding, check_grids, find_grid_communities
from gridmap.core.land.make_valid import make_valid_bounded
from gridmap.core.land.town import Town
from gridmap.core.plans.profile import Profile
from gridmap.core.vocabulary import FindingKind, Severity
from tests.fixtures.ascii_towns import CORNER, town

ROW = "A..B..C..D"
"""A town of 200 by 20 metres: four buildings with empty squares of 20 m between them."""
PROFILE = Profile(100, 200)


def rectangle(west: float, east: float, south: float = 0, north: float = 20) -> Geometry:
    """Return a rectangle in metres from the corner of the town."""
    return affinity.translate(box(west, south, east, north), *CORNER)


def draw_grids(*shapes: Geometry, codes: Sequence[str | None] | None = None) -> DrawnGrids:
    """Return grids as if read from a file."""
    cleaned = make_valid_bounded(np.array(shapes, dtype=object), np.inf)
    code_column = np.array(codes or [f"G{number}" for number in range(1, len(shapes) + 1)], dtype=object)
    return DrawnGrids(cleaned.geometry, cleaned.repaired, code_column, np.full(len(shapes), -1))


def find_faults(
    ascii_town: Town, *shapes: Geometry, codes: Sequence[str | None] | None = None, profile: Profile = PROFILE
) -> list[Finding]:
    return check_grids(ascii_town, draw_grids(*shapes, codes=codes), profile)


def fault_kinds(*shapes: Geometry, ascii_town: Town | None = None) -> list[str]:
    return [str(finding.kind) for finding in find_faults(ascii_town or town(ROW), *shapes)]


def test_valid_grids_have_no_findings() -> None:
    assert fault_kinds(rectangle(0, 100), rectangle(100, 200)) == []


def test_a_grid_in_two_parts_of_its_community_is_valid() -> None:
    two_parts = town("A..B", "A..A")
    assert fault_kinds(rectangle(0, 20) | rectangle(60, 80), ascii_town=two_parts) == []


def test_grids_around_a_hole_of_the_community_are_valid() -> None:
    ring = town("A.B\n.1.\nC.D", "AAA\nA.A\nAAA", households={"1": 0})
    whole = ring.communities.geometry[0]
    west = whole & rectangle(0, 30, 0, 60)
    assert "gap" not in fault_kinds(west, whole - west, ascii_town=ring)


def test_dedicated_land_needs_no_households() -> None:
    assert fault_kinds(rectangle(0, 60), rectangle(60, 80), ascii_town=town("AB.$")) == []


@pytest.mark.parametrize("width", [0.1, 0.3, 1.0, 15.0, 60.0])
def test_a_gap_of_any_width_is_found(width: float) -> None:
    gaps = [
        each
        for each in find_faults(town(ROW), rectangle(0, 90), rectangle(90 + width, 200))
        if each.kind is FindingKind.GAP
    ]
    assert [round(gap.area_m2, 3) for gap in gaps] == [round(20 * width, 3)]
    assert gaps[0].width_m == pytest.approx(min(width, 20), rel=0.1)


def test_a_gap_has_its_neighbours_ordered_by_border_length() -> None:
    (gap,) = find_faults(town(ROW), rectangle(0, 90), rectangle(90, 200) - rectangle(95, 100, 0, 5))
    assert (gap.kind, gap.grids, gap.severity) == (FindingKind.GAP, (1,), Severity.HIGH)
    assert gap.suggestion.values == {"grid": "G2"}


def test_a_sliver_is_not_a_gap() -> None:
    assert "gap" not in fault_kinds(rectangle(0, 90), rectangle(90.02, 200))


@pytest.mark.parametrize("width", [0.1, 0.3, 5.0])
def test_an_overlap_is_found(width: float) -> None:
    overlaps = [
        each
        for each in find_faults(town(ROW), rectangle(0, 90 + width), rectangle(90, 200))
        if each.kind is FindingKind.OVERLAP
    ]
    assert [round(each.area_m2, 3) for each in overlaps] == [round(20 * width, 3)]


def test_a_grid_within_another_is_an_overlap() -> None:
    overlap, _ = find_faults(town(ROW), rectangle(0, 100), rectangle(100, 200), rectangle(22, 38, 2, 18))
    assert (overlap.kind, overlap.grids) == (FindingKind.OVERLAP, (0, 2))


def test_a_grid_drawn_twice_is_a_duplicate() -> None:
    assert fault_kinds(rectangle(0, 100), rectangle(100, 200), rectangle(100, 200))[0] == "duplicate"


def test_a_repeated_code_is_a_duplicate() -> None:
    (duplicate,) = find_faults(town(ROW), rectangle(0, 100), rectangle(100, 200), codes=["G1", "G1"])
    assert (duplicate.kind, duplicate.severity, duplicate.grids) == (FindingKind.DUPLICATE, Severity.MEDIUM, (0, 1))


def test_a_grid_without_a_code_is_reported() -> None:
    (missing,) = find_faults(town(ROW), rectangle(0, 100), rectangle(100, 200), codes=["G1", None])
    assert (missing.kind, missing.grids) == (FindingKind.MISSING_CODE, (1,))


def test_land_outside_the_town_is_a_spill() -> None:
    (spill,) = find_faults(town(ROW), rectangle(0, 100), rectangle(100, 210))
    assert (spill.kind, spill.area_m2) == (FindingKind.SPILL, 200)


def test_a_grid_outside_every_community_is_a_spill() -> None:
    outside = rectangle(400, 420)
    spill, empty = find_faults(town(ROW), rectangle(0, 100), rectangle(100, 200), outside)
    assert (spill.kind, spill.community, empty.kind) == (FindingKind.SPILL, -1, FindingKind.EMPTY_GRID)
    assert find_grid_communities(town(ROW), draw_grids(outside)).tolist() == [-1]


def test_land_of_another_community_is_foreign() -> None:
    findings = find_faults(town(ROW, "AAAAABBBBB"), rectangle(0, 110), rectangle(100, 200))
    assert {each.kind: each.area_m2 for each in findings} == {
        FindingKind.FOREIGN_COMMUNITY: 200,
        FindingKind.OVERLAP: 200,
    }


def test_a_detached_piece_is_multipart() -> None:
    pieces = rectangle(0, 60) | rectangle(140, 160)
    findings = find_faults(town(ROW), pieces, rectangle(60, 140) | rectangle(160, 200))
    multipart = [(each.area_m2, each.grids) for each in findings if each.kind is FindingKind.MULTIPART]
    assert multipart == [(800, (1,)), (400, (0,))]


def test_an_outline_that_crosses_itself_is_invalid() -> None:
    bow_tie = shapely.Polygon(shapely.get_coordinates(rectangle(0, 100))[[0, 2, 1, 3]])
    crossed = [
        each for each in find_faults(town(ROW), bow_tie, rectangle(100, 200)) if each.kind is FindingKind.INVALID
    ]
    assert (crossed[0].severity, crossed[0].grids) == (Severity.HIGH, (0,))


def test_a_t_junction_is_not_a_fault_of_land() -> None:
    low, high = rectangle(0, 100, 0, 10), rectangle(0, 100, 10)
    assert set(fault_kinds(low, high, rectangle(100, 200))) <= {"invalid", "building_cut", "undersize", "empty_grid"}


@pytest.mark.parametrize("shift", [1e-6, 1e-3, 0.02])
def test_borders_that_differ_by_a_sliver_have_low_severity(shift: float) -> None:
    findings = find_faults(town(ROW), rectangle(0, 100), rectangle(100 + shift, 200 + shift))
    assert {(each.kind, each.severity) for each in findings} == {(FindingKind.INVALID, Severity.LOW)}


def test_a_building_without_a_grid_is_unassigned() -> None:
    unassigned = [
        each for each in find_faults(town(ROW), rectangle(0, 175)) if each.kind is FindingKind.UNASSIGNED_BUILDING
    ]
    assert [(each.households, each.severity) for each in unassigned] == [(100, Severity.HIGH)]


def test_a_building_just_outside_the_town_belongs_to_the_nearest_grid() -> None:
    example = town("AB")
    shapes = example.buildings.geometry.to_numpy().copy()
    shapes[1] = rectangle(42, 50)
    moved = replace(example, buildings=example.buildings.set_geometry(shapes, crs=example.crs))
    assert fault_kinds(rectangle(0, 20), rectangle(20, 40), ascii_town=moved) == []


def test_a_building_cut_by_a_border_is_reported() -> None:
    (cut,) = find_faults(town("AB.."), rectangle(0, 10), rectangle(10, 80))[:1]
    assert (cut.kind, cut.grids, cut.suggestion.values) == (FindingKind.BUILDING_CUT, (0, 1), {"grid": "G1"})


@pytest.mark.parametrize(("width", "kinds"), [(0.45, set()), (0.9, {"building_cut"})])
def test_a_border_through_a_small_overlap_cuts_no_building(width: float, kinds: set[str]) -> None:
    example = town("A.")
    terrace = [rectangle(5, 15 + width / 2, 4, 16), rectangle(15 - width / 2, 25, 4, 16)]
    rows = gpd.GeoDataFrame(pd.concat([example.buildings] * 2, ignore_index=True)).set_geometry(terrace)
    terraced = replace(example, buildings=rows.assign(building_id=["b1", "b2"]).set_crs(example.crs))
    assert kinds == {"building_cut"} & set(fault_kinds(rectangle(0, 15), rectangle(15, 40), ascii_town=terraced))


def test_a_building_across_a_community_border_is_not_a_fault_of_grids() -> None:
    assert fault_kinds(rectangle(0, 40), rectangle(40, 80), ascii_town=town(".AA.", "AABB")) == ["empty_grid"]


@pytest.mark.parametrize("column", [0, 1])
def test_a_point_on_a_border_is_in_one_grid(column: int) -> None:
    example = town("AB", points="AB")
    edge = 10 + 20 * column
    assert "building_cut" not in fault_kinds(rectangle(0, edge), rectangle(edge, 40), ascii_town=example)
    assert "unassigned_building" not in fault_kinds(rectangle(0, edge), rectangle(edge, 40), ascii_town=example)


def test_a_split_courtyard_that_fits_into_a_grid_is_reported() -> None:
    example = town("AB.C", courtyards={"north": "AB"})
    (split, *_) = find_faults(example, rectangle(0, 20), rectangle(20, 80))
    assert (split.kind, split.households) == (FindingKind.COURTYARD_SPLIT, 200)


def test_courtyards_of_one_name_in_two_estates_are_not_split() -> None:
    example = town("AB.C", courtyards={"north": "AB"})
    example.buildings["estate"] = ["x", "y", None]
    assert "courtyard_split" not in fault_kinds(rectangle(0, 20), rectangle(20, 80), ascii_town=example)


def test_a_courtyard_too_large_for_a_grid_may_be_divided() -> None:
    example = town("AB.C", courtyards={"north": "ABC"})
    assert "courtyard_split" not in fault_kinds(rectangle(0, 20), rectangle(20, 80), ascii_town=example)


def test_a_courtyard_in_two_parts_of_its_community_may_be_divided() -> None:
    example = town("A.B", "A.A", courtyards={"north": "AB"})
    assert fault_kinds(rectangle(0, 20), rectangle(40, 60), ascii_town=example) == []


@pytest.mark.parametrize(
    ("households", "kind"), [(99, ["undersize"]), (100, []), (200, []), (201, ["oversize"]), (0, ["empty_grid"])]
)
def test_sizes_are_compared_with_the_profile(households: int, kind: list[str]) -> None:
    assert fault_kinds(rectangle(0, 80), ascii_town=town("A...", households={"A": households})) == kind


@pytest.mark.parametrize(("radius_m", "kind"), [(29.9, ["too_wide"]), (30.0, []), (0.0, [])])
def test_a_home_beyond_the_radius_makes_a_grid_too_wide(radius_m: float, kind: list[str]) -> None:
    example, profile = town("A...", households={"A": 150}), Profile(100, 200, max_radius_m=radius_m)
    assert [str(each.kind) for each in find_faults(example, rectangle(0, 80), profile=profile)] == kind


def test_findings_are_ordered_by_severity() -> None:
    severities = [
        finding.severity
        for finding in find_faults(town(ROW), rectangle(0, 90), rectangle(95, 210), rectangle(96, 99), codes=[None] * 3)
    ]
    assert severities == sorted(severities, key=list(Severity).index)


def test_a_finding_of_land_has_the_affected_households() -> None:
    gap = find_faults(town(ROW), rectangle(0, 175))[0]
    assert (gap.kind, gap.buildings, gap.households) == (FindingKind.GAP, 1, 100)
