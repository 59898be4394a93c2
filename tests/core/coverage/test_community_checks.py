"""Checks of communities: gaps, overlaps and land outside the subdistrict (R14)."""

from dataclasses import replace

from shapely import Geometry, affinity, box

from gridmap.core.coverage.community_checks import check_communities
from gridmap.core.land.town import Town
from tests.fixtures.ascii_towns import CORNER, town


def rectangle(west: float, east: float, south: float = 0, north: float = 20) -> Geometry:
    """Return a rectangle in metres from the corner of the town."""
    return affinity.translate(box(west, south, east, north), *CORNER)


def town_of(*communities: Geometry, subdistrict: Geometry | None = None) -> Town:
    """Return a town with given communities."""
    ascii_town = town("AB", "AB")
    layer = ascii_town.communities.iloc[[0] * len(communities)].reset_index(drop=True).set_geometry(list(communities))
    return replace(ascii_town, communities=layer.set_crs(ascii_town.crs), subdistrict=subdistrict)


def find_faults(*communities: Geometry, subdistrict: Geometry | None = None) -> list[tuple[str, float]]:
    findings = check_communities(town_of(*communities, subdistrict=subdistrict))
    return [(str(each.kind), round(each.area_m2, 3)) for each in findings]


def test_communities_with_a_shared_border_are_valid() -> None:
    assert find_faults(rectangle(0, 20), rectangle(20, 40), subdistrict=rectangle(0, 40)) == []


def test_two_communities_with_common_land_overlap() -> None:
    assert find_faults(rectangle(0, 25), rectangle(20, 40)) == [("overlap", 100)]


def test_land_of_the_subdistrict_without_a_community_is_a_gap() -> None:
    assert find_faults(rectangle(0, 20), rectangle(25, 40), subdistrict=rectangle(0, 40)) == [("gap", 100)]


def test_land_between_separate_communities_is_not_a_gap_without_a_subdistrict() -> None:
    assert find_faults(rectangle(0, 20), rectangle(25, 40)) == []


def test_land_enclosed_by_communities_is_a_gap_without_a_subdistrict() -> None:
    west, east = rectangle(0, 20, 0, 60), rectangle(20, 60, 0, 60) - rectangle(20, 40, 20, 40)
    assert find_faults(west, east) == [("gap", 400)]


def test_a_hole_of_one_community_is_not_a_gap() -> None:
    assert find_faults(rectangle(0, 60, 0, 60) - rectangle(20, 40, 20, 40), rectangle(60, 80, 0, 60)) == []


def test_land_outside_the_subdistrict_is_a_spill() -> None:
    assert find_faults(rectangle(0, 20), rectangle(20, 40), subdistrict=rectangle(0, 30)) == [("spill", 200)]
