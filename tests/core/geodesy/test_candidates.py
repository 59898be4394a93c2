"""CRS that coordinates may be in, by their size, the zone number before the easting, and a known place."""

import pytest
from pyproj import CRS, Transformer

from gridmap.core.geodesy.candidates import PREFIX_M, SERIES, Bounds, find_fitting, list_candidates

WUHAN = (114.3, 30.55, 114.32, 30.57)
ZONES = [(series, *zone) for series in SERIES for zone in series.list_zones()]


def project(epsg: int, lonlat: Bounds) -> Bounds:
    """Return the bounds of a place in a CRS."""
    west, south, east, north = Transformer.from_crs(4326, epsg, always_xy=True).transform_bounds(*lonlat)
    return west, south, east, north


def names(bounds: Bounds) -> list[str]:
    return [each.name for each in list_candidates(bounds)]


def swap(bounds: Bounds) -> Bounds:
    return bounds[1], bounds[0], bounds[3], bounds[2]


@pytest.mark.parametrize("zone", ZONES, ids=lambda zone: f"{zone[0].width}-{zone[1]}")
def test_the_codes_of_the_zones_are_those_of_epsg(zone: tuple) -> None:  # type: ignore[type-arg]
    _, prefix, meridian, prefixed, plain = zone
    for epsg, false_easting in ((prefixed, prefix * PREFIX_M + 500_000), (plain, 500_000)):
        operation = CRS(epsg).coordinate_operation
        assert operation
        values = {each.name: each.value for each in operation.params}
        assert (values["Longitude of natural origin"], values["False easting"]) == (meridian, false_easting)


@pytest.mark.parametrize("width_and_code", [(3, 4526), (6, 4497)])
def test_a_zone_number_before_the_easting_names_the_crs(width_and_code: tuple[int, int]) -> None:
    width, epsg = width_and_code
    place = WUHAN if width == 3 else (111.0, 30.5, 111.1, 30.6)
    found = list_candidates(project(epsg, place))
    assert found[0].name == f"EPSG:{epsg}"
    assert f"zone of {width}°" in str(found[0].evidence)


def test_without_zone_number_every_zone_is_possible_and_the_place_decides() -> None:
    bounds = project(4547, WUHAN)
    assert len(names(bounds)) == sum(series.zones for series in SERIES)
    assert [each.name for each in find_fitting(bounds, WUHAN)] == ["EPSG:4547"]
    assert not find_fitting(bounds, (104.0, 30.5, 104.1, 30.6))


@pytest.mark.parametrize("epsg", [4526, 4547])
def test_swapped_coordinates_are_recognised(epsg: int) -> None:
    found = find_fitting(swap(project(epsg, WUHAN)), WUHAN)
    assert [(each.name, each.is_swapped) for each in found] == [(f"EPSG:{epsg}", True)]
    assert "swapped" in str(found[0].evidence)


def test_degrees_and_web_maps_are_recognised() -> None:
    assert names(WUHAN) == ["EPSG:4490"]
    assert [(each.name, each.is_swapped) for each in list_candidates(swap(WUHAN))] == [("EPSG:4490", True)]
    assert names(project(3857, WUHAN)) == ["EPSG:3857"]


@pytest.mark.parametrize(
    "bounds", [(0.0, 0.0, 100.0, 100.0), (float("nan"),) * 4, (5e7, 3e6, 5e7, 3e6), (-71.1, 42.3, -71.0, 42.4)]
)
def test_other_coordinates_have_no_candidate(bounds: Bounds) -> None:
    assert names(bounds) == []
