"""Narrow faults of communities are mended in the coordinates of their file and listed; wider ones are faults."""

from pathlib import Path

import geopandas as gpd
import pytest
import shapely

from gridmap.core.errors import InvalidInput
from gridmap.formats.intake.source_file import InputSource
from gridmap.formats.package.drawn_grids import read_town_and_grids
from gridmap.formats.package.town import read_town
from gridmap.formats.readers.layer_source import ReadOptions
from tests.fixtures.town_package import CRS, Layers, box, draw_grids, sound_town, write_geopackage


def shifted_town(width: float, crs: str = CRS) -> Layers:
    """Return a town whose second community overlaps the first by a width, or leaves a gap where it is negative."""
    layers = sound_town()
    shapes = [box(0, 0, 200, 200), box(200 - width, 0, 200 + width, 200)]
    layers["communities"] = layers["communities"].set_geometry(gpd.GeoSeries(shapes, crs=CRS))
    return {name: layer.to_crs(crs) for name, layer in layers.items()}


def read_shifted(
    width: float, folder: Path, crs: str = CRS, mend_width_m: float = 1.0
) -> tuple[gpd.GeoSeries, list[str]]:
    path = write_geopackage(shifted_town(width, crs), folder / "town.gpkg")
    town = read_town(InputSource(path, ReadOptions(mend_width_m=mend_width_m)))
    said = [str(warning.problem) for warning in town.warnings if warning.layer == "communities"]
    return town.communities.geometry, [text for text in said if text.startswith("narrow")]


def test_a_narrow_overlap_is_a_warning_with_both_communities_and_its_place(tmp_path: Path) -> None:
    communities, (said,) = read_shifted(0.9, tmp_path)
    assert said == (
        "narrow overlaps with 420106001002 (2) were mended: 1, 180.0 m² in all, at most 0.90 m wide,"
        " near 530199.55, 3390100; 420106001001 (1) has the land"
    )
    assert shapely.intersection(*communities).area == 0


def test_rows_are_those_of_the_file_where_others_were_united(tmp_path: Path) -> None:
    layers = shifted_town(0.9)
    halves = [box(0, 0, 200, 100), box(0, 100, 200, 100), layers["communities"].geometry.iloc[1]]
    rows = layers["communities"].iloc[[0, 0, 1]].set_geometry(gpd.GeoSeries(halves, index=[0, 0, 1], crs=CRS))
    town = read_town(write_geopackage({**layers, "communities": rows}, tmp_path / "town.gpkg"))
    (said,) = [str(each.problem) for each in town.warnings if str(each.problem).startswith("narrow")]
    assert "with 420106001002 (3) were mended" in said


def test_a_narrow_gap_is_a_warning(tmp_path: Path) -> None:
    communities, (said,) = read_shifted(-0.9, tmp_path)
    assert said.startswith("narrow gaps to 420106001002 (2) were mended: 1, 180.0 m² in all, at most 0.9")
    assert shapely.union_all(communities).area == pytest.approx(80_000)


@pytest.mark.parametrize(("width", "kind"), [(0.9, "overlaps with"), (-0.9, "gaps to")])
@pytest.mark.parametrize("crs", ["EPSG:4490", "EPSG:3857"])
def test_widths_are_metres_on_the_ground_in_any_crs(width: float, kind: str, crs: str, tmp_path: Path) -> None:
    communities, (said,) = read_shifted(width, tmp_path, crs)
    assert kind in said
    assert "at most 0.9" in said
    assert shapely.intersection(*communities).area < 1e-6


def test_a_wider_overlap_is_a_fault(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="it overlaps"):
        read_shifted(1.1, tmp_path)


@pytest.mark.parametrize(("width", "mend_width_m"), [(1.1, 1.2), (0.4, 0.5)])
def test_another_width_can_be_named(width: float, mend_width_m: float, tmp_path: Path) -> None:
    assert len(read_shifted(width, tmp_path, mend_width_m=mend_width_m)[1]) == 1


def test_mending_can_be_switched_off(tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="it overlaps"):
        read_shifted(0.9, tmp_path, mend_width_m=0.0)


def test_vertices_of_mended_communities_keep_their_coordinates(tmp_path: Path) -> None:
    drawn = shifted_town(0.5)["communities"].geometry
    communities, _ = read_shifted(0.5, tmp_path)
    vertices = {tuple(point) for point in shapely.get_coordinates(drawn.to_numpy()).tolist()}
    assert {tuple(point) for point in shapely.get_coordinates(communities.to_numpy()).tolist()} <= vertices


def test_a_building_in_a_mended_strip_is_in_one_community(tmp_path: Path) -> None:
    layers = shifted_town(0.9)
    layers["buildings"].loc[4, "geometry"] = box(199.2, 100, 0.6, 0.6)
    town = read_town(write_geopackage(layers, tmp_path / "town.gpkg"))
    inside = shapely.contains(town.communities.geometry.to_numpy(), town.buildings.geometry[4])
    assert (inside.tolist(), town.buildings["community"][4], town.buildings["households"].sum()) == (
        [True, False],
        0,
        500,
    )


def test_twenty_one_small_overlaps_do_not_stop_a_planner(tmp_path: Path) -> None:
    layers = sound_town()
    teeth = [box(199.6, 5 + 9 * number, 0.4, 8) for number in range(21)]
    east = shapely.union_all([box(200, 0, 200, 200), *teeth])
    shapes = gpd.GeoSeries([box(0, 0, 200, 200), east], crs=CRS)
    layers["communities"] = layers["communities"].set_geometry(shapes)
    town = read_town(write_geopackage(layers, tmp_path / "town.gpkg"))
    (said,) = [str(each.problem) for each in town.warnings if str(each.problem).startswith("narrow")]
    assert "were mended: 21, 67.2 m² in all" in said


def test_a_check_finds_narrow_faults_instead_of_mending_them(tmp_path: Path) -> None:
    path = write_geopackage({**shifted_town(0.9), "grids": draw_grids()}, tmp_path / "town.gpkg")
    town, _ = read_town_and_grids(path, None, allow_overlaps=True)
    assert shapely.intersection(*town.communities.geometry).area == pytest.approx(180)
