"""Valid town packages are read alike from every format."""

import sqlite3
from pathlib import Path

import numpy as np
import pyogrio
import pytest
import shapely
from pyproj import CRS

from gridmap.core.errors import InvalidInput
from gridmap.core.land.town import Town
from gridmap.formats.package.town import read_town
from tests.fixtures.town_package import (
    Layers,
    box,
    file_sizes,
    line,
    moved_to_town,
    sound_town,
    write_geojson,
    write_geopackage,
    write_shapefiles,
)

REAL_TOWN_SIZES = {
    "cambridge": (9, 7956, 24761),
    "olemps": (1, 2273, 1429),
    "singapore_amk": (1, 458, 52140),
    "singapore_ct": (1, 101, 11997),
    "singapore_qt": (1, 341, 34922),
    "singapore_tap": (1, 1052, 84985),
    "singapore_tp": (1, 485, 48214),
    "vologda": (1, 25324, 149318),
}
REAL_TOWN_WARNINGS = {"cambridge": ["6.7 households on each of 3 storeys"]}


@pytest.fixture
def layers() -> Layers:
    return sound_town()


def assert_sound_town(town: Town) -> None:
    assert town.communities.code.tolist() == ["420106001001", "420106001002"]
    assert town.communities.name.tolist() == ["水果湖社区", "放鹰台社区"]
    assert town.buildings.households.tolist() == [120, 80, 0, 150, 60, 90]
    assert town.buildings.community.tolist() == [0, 0, 0, 1, 1, 1]
    assert town.buildings.courtyard.tolist()[:3] == ["东湖花园", "东湖花园", None]
    assert np.isnan(town.buildings.levels[2])
    assert town.streets.kind.tolist() == ["arterial", "local"]
    assert town.communities.area.to_numpy() == pytest.approx([40_000, 40_000], rel=2e-3)
    assert town.dedicated.area.to_numpy() == pytest.approx([1600], rel=2e-3)
    expected = ("texts read as", "latest changes may be missing", "longitudes and latitudes in China")
    assert not [each for each in town.warnings if not any(words in str(each.problem) for words in expected)]


@pytest.mark.parametrize("crs", [4326, 4490, 4547, 3857, "+proj=tmerc +lon_0=114 +x_0=5e5 +units=us-ft"])
def test_a_town_is_the_same_in_every_crs(layers: Layers, crs: int | str, tmp_path: Path) -> None:
    town = read_town(
        write_geopackage({name: layer.to_crs(crs) for name, layer in layers.items()}, tmp_path / "good.gpkg")
    )
    assert_sound_town(town)
    assert town.source_crs == CRS(crs)


def test_a_town_is_the_same_as_geojson(layers: Layers, tmp_path: Path) -> None:
    assert_sound_town(read_town(write_geojson(layers, tmp_path / "good")))


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "GB18030"])
@pytest.mark.parametrize("declared", [True, False])
def test_a_town_is_the_same_as_shapefiles(layers: Layers, encoding: str, declared: bool, tmp_path: Path) -> None:
    folder = write_shapefiles(layers, tmp_path / "good", encoding)
    for declaration in () if declared else folder.glob("*.cpg"):
        declaration.unlink()
    assert_sound_town(read_town(folder))


def test_layers_may_have_crs_of_their_own(layers: Layers, tmp_path: Path) -> None:
    layers["buildings"] = layers["buildings"].to_crs(4326)
    assert_sound_town(read_town(write_geopackage(layers, tmp_path / "good.gpkg")))


def test_true_metres_are_kept_to_the_last_digit(layers: Layers, tmp_path: Path) -> None:
    town = read_town(write_geopackage(layers, tmp_path / "good.gpkg"))
    assert town.crs == town.source_crs
    assert shapely.equals_exact(town.communities.geometry[0], layers["communities"].geometry[0])


def test_metres_of_web_mercator_are_not_true(layers: Layers, tmp_path: Path) -> None:
    town = read_town(write_geopackage({n: layer.to_crs(3857) for n, layer in layers.items()}, tmp_path / "good.gpkg"))
    assert town.crs.to_epsg() == 32650


def test_numbers_as_ids_become_texts(layers: Layers, tmp_path: Path) -> None:
    layers["buildings"]["building_id"] = [1.0, 2, 3, 4, 5, 6]
    town = read_town(write_geopackage(layers, tmp_path / "good.gpkg"))
    assert town.buildings.building_id.tolist() == ["1", "2", "3", "4", "5", "6"]


def test_an_id_stored_as_the_primary_key_is_read(layers: Layers, tmp_path: Path) -> None:
    buildings = layers.pop("buildings").drop(columns="building_id")
    path = write_geopackage(layers, tmp_path / "good.gpkg")
    pyogrio.write_dataframe(buildings, path, layer="buildings", append=True, FID="building_id")
    assert read_town(path).buildings.building_id.tolist() == ["1", "2", "3", "4", "5", "6"]


def test_names_of_layers_and_columns_may_be_upper_case(layers: Layers, tmp_path: Path) -> None:
    shouted = {name.upper(): layer.rename(columns=str.upper).set_geometry("GEOMETRY") for name, layer in layers.items()}
    assert_sound_town(read_town(write_geopackage(shouted, tmp_path / "good.gpkg")))


def test_households_written_as_text_are_numbers(layers: Layers, tmp_path: Path) -> None:
    layers["buildings"]["households"] = layers["buildings"].households.astype(str)
    assert read_town(write_geopackage(layers, tmp_path / "good.gpkg")).buildings.households.sum() == 500


def test_heights_are_dropped_and_streets_exploded(layers: Layers, tmp_path: Path) -> None:
    apart = shapely.MultiLineString([line((10, 60), (90, 60)), line((110, 60), (190, 60))])
    layers["streets"].loc[0, "geometry"] = shapely.force_3d(apart, 7.0)
    streets = read_town(write_geopackage(layers, tmp_path / "good.gpkg")).streets
    assert streets.geom_type.unique().tolist() == ["LineString"]
    assert streets.kind.tolist() == ["arterial", "arterial", "local"]
    assert not streets.has_z.any()


def test_kinds_of_openstreetmap_are_recognised(layers: Layers, tmp_path: Path) -> None:
    layers["streets"]["kind"] = ["Trunk", "footway"]
    layers["barriers"]["kind"] = ["railway"]
    town = read_town(write_geopackage(layers, tmp_path / "good.gpkg"))
    assert town.streets.kind.tolist() == ["arterial", "lane"]
    assert town.barriers.kind.tolist() == ["rail"]


def test_the_layer_railway_becomes_barriers(layers: Layers, tmp_path: Path) -> None:
    layers["railway"] = layers["barriers"].drop(columns="kind")
    assert read_town(write_geopackage(layers, tmp_path / "good.gpkg")).barriers.kind.tolist() == ["water", "rail"]


def test_dedicated_land_in_several_parts_becomes_single_polygons(layers: Layers, tmp_path: Path) -> None:
    layers["dedicated"].loc[0, "geometry"] = shapely.union(box(330, 20, 40, 40), box(330, 100, 40, 40))
    assert len(read_town(write_geopackage(layers, tmp_path / "good.gpkg")).dedicated) == 2


def test_small_overlaps_of_dedicated_land_are_removed(layers: Layers, tmp_path: Path) -> None:
    parks = layers["dedicated"].iloc[[0, 0]].reset_index(drop=True)
    parks.loc[1, "geometry"] = box(369.99, 20, 20, 40)
    layers["dedicated"] = parks
    dedicated = read_town(write_geopackage(layers, tmp_path / "good.gpkg")).dedicated
    assert dedicated.geometry[0].intersection(dedicated.geometry[1]).area == 0


def test_points_are_buildings(layers: Layers, tmp_path: Path) -> None:
    points = layers["buildings"].geometry.centroid
    layers["buildings"]["geometry"] = [shapely.MultiPoint([point]) for point in points]
    town = read_town(write_geopackage(layers, tmp_path / "good.gpkg"))
    assert town.buildings.geom_type.unique().tolist() == ["Point"]
    assert town.buildings.community.tolist() == [0, 0, 0, 1, 1, 1]


def test_a_town_without_streets_gets_a_warning(layers: Layers, tmp_path: Path) -> None:
    only = {name: layers[name] for name in ("communities", "buildings")}
    town = read_town(write_geopackage(only, tmp_path / "good.gpkg"))
    assert [warning.layer for warning in town.warnings] == ["streets"]
    assert town.streets.empty
    assert town.streets.crs == town.crs


def test_holes_and_multipart_communities_are_kept(layers: Layers, tmp_path: Path) -> None:
    island = shapely.union(box(0, 0, 200, 200).difference(box(150, 150, 20, 20)), box(0, 300, 50, 50))
    layers["communities"].loc[0, "geometry"] = island
    town = read_town(write_geopackage(layers, tmp_path / "good.gpkg"))
    assert town.communities.geometry[0].equals(island)


def test_a_building_just_outside_belongs_to_the_nearest_with_a_warning(layers: Layers, tmp_path: Path) -> None:
    layers["buildings"].loc[5, "geometry"] = box(404, 100, 30, 12)
    town = read_town(write_geopackage(layers, tmp_path / "good.gpkg"))
    assert town.buildings.community[5] == 1
    assert [(warning.row, warning.id) for warning in town.warnings] == [(6, "b6")]


def test_a_spike_on_a_footprint_is_repaired_with_a_warning(layers: Layers, tmp_path: Path) -> None:
    spike = shapely.Polygon([(20, 20), (50, 20), (50, 32), (50, 40), (50, 32), (20, 32)])
    layers["buildings"].loc[0, "geometry"] = moved_to_town(spike)
    town = read_town(write_geopackage(layers, tmp_path / "good.gpkg"))
    assert town.buildings.geometry[0].equals(box(20, 20, 30, 12))
    assert [(warning.row, warning.column) for warning in town.warnings] == [(1, "geometry")]


def test_wrong_levels_count_as_unknown_with_a_warning(layers: Layers, tmp_path: Path) -> None:
    layers["buildings"].loc[0, "levels"] = -3
    town = read_town(write_geopackage(layers, tmp_path / "good.gpkg"))
    assert np.isnan(town.buildings.levels[0])
    assert [(warning.column, warning.value) for warning in town.warnings] == [("levels", "-3")]


def test_a_tiny_overlap_of_communities_is_accepted(layers: Layers, tmp_path: Path) -> None:
    layers["communities"].loc[0, "geometry"] = box(0, 0, 200.004, 200)
    assert_sound_town(read_town(write_geopackage(layers, tmp_path / "good.gpkg")))


def test_a_byte_order_mark_is_accepted(layers: Layers, tmp_path: Path) -> None:
    folder = write_geojson(layers, tmp_path / "good")
    path = folder / "buildings.geojson"
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes())
    assert_sound_town(read_town(folder))


def test_reading_writes_nothing_even_for_a_file_in_wal_mode(layers: Layers, tmp_path: Path) -> None:
    path = write_geopackage(layers, tmp_path / "good.gpkg")
    with sqlite3.connect(path) as database:
        database.execute("PRAGMA journal_mode = WAL")
    database.close()
    before = file_sizes(tmp_path)
    assert_sound_town(read_town(path))
    assert file_sizes(tmp_path) == before


@pytest.mark.parametrize("name", REAL_TOWN_SIZES)
def test_a_real_town_is_read(name: str, real_towns_dir: Path) -> None:
    town = read_town(real_towns_dir / f"{name}.gpkg")
    assert (len(town.communities), len(town.buildings), town.buildings.households.sum()) == REAL_TOWN_SIZES[name]
    assert [str(warning.problem) for warning in town.warnings] == REAL_TOWN_WARNINGS.get(name, [])
    assert town.crs.axis_info[0].unit_name == "metre"


def test_a_real_town_without_households_gets_advice(real_towns_dir: Path) -> None:
    with pytest.raises(InvalidInput) as bad:
        read_town(real_towns_dir / "kunming.gpkg")
    assert [(fault.layer, fault.column) for fault in bad.value.faults] == [("buildings", "households")]
    assert "write 0" in str(bad.value.faults[0].advice)
