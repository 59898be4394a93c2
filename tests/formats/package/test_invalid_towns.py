"""Faults of town packages: each is reported with its location, and nothing is ever written."""

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.affinity import rotate

from tests.fixtures.input_damage import (
    Corruption,
    ExpectedFault,
    Points,
    assert_fault_reported,
    drop_layer_or_column,
    drop_rows,
    faults_of,
    move_all_layers,
    move_layer,
    set_column,
    set_crs,
    set_shape,
    set_value,
)
from tests.fixtures.town_package import CRS, Layers, box, line, moved_to_town, sound_town, write_geopackage


def tangled_polygon(vertices: int) -> shapely.Polygon:
    return shapely.Polygon(np.random.default_rng(1).random((vertices, 2)) * 190 + [530_005, 3_390_005])


def comb_polygon(teeth: int, width: float = 190.0) -> shapely.Polygon:
    across = np.repeat(np.linspace(5, width, 2 * teeth), 2)
    up = np.tile([10, 180, 180, 10], teeth)
    return moved_to_town(shapely.Polygon([*zip(across, up, strict=True), (width + 1, 10), (width + 1, 5), (5, 5)]))


BOW_TIE = moved_to_town(shapely.Polygon([(0, 0), (200, 200), (200, 0), (0, 200)]))
SMALL_BOW_TIE = moved_to_town(shapely.Polygon([(20, 20), (50, 40), (50, 20), (20, 40)]))
with np.errstate(invalid="ignore"):
    NOT_A_NUMBER, ENDLESS = shapely.from_wkt(
        [f"POLYGON ((530020 3390020, 530050 {y}, 530050 3390040, 530020 3390020))" for y in ("nan", "inf")]
    )
ANGLES = np.linspace(0, 2 * np.pi, 100_100)
FINE_POLYGON = moved_to_town(shapely.Polygon(np.column_stack([60 + 20 * np.cos(ANGLES), 60 + 20 * np.sin(ANGLES)])))
TANGLES = gpd.GeoDataFrame(
    {"building_id": [str(i) for i in range(200)], "households": 1}, geometry=[tangled_polygon(300)] * 200, crs=CRS
)
TEETH = [comb_polygon(10_000), rotate(comb_polygon(10_000), 90, origin=moved_to_town(shapely.Point(100, 100)))]


def swap_axes(points: Points) -> Points:
    return points[:, ::-1]


def move_to_null_island(points: Points) -> Points:
    return points - [114.3, 30.6]


def cross_communities_with_combs(layers: Layers) -> None:
    layers["communities"]["geometry"] = TEETH


def cross_building_with_combs(layers: Layers) -> None:
    teeth = comb_polygon(1_000)
    layers["communities"]["geometry"] = [teeth, shapely.difference(box(0, 0, 200, 200), teeth)]
    set_shape("buildings", TEETH[1])(layers)


def tangle_many_buildings(layers: Layers) -> None:
    layers["buildings"] = TANGLES


def mislabel_degrees(layers: Layers) -> None:
    for name, frame in layers.items():
        layers[name] = frame.to_crs(4326).set_crs(CRS, allow_override=True)


def mix_points(layers: Layers) -> None:
    set_shape("buildings", layers["buildings"].geometry[3].centroid, row=4)(layers)


def drop_geometry(layers: Layers) -> None:
    layers["buildings"] = pd.DataFrame(layers["buildings"].drop(columns="geometry"))


POINT = moved_to_town(shapely.Point(9, 9))
COLLECTION = shapely.GeometryCollection([line((0, 0), (9, 9)), line((0, 9), (9, 0))])
SLOWEST_CASES = ("tangled community", "many tangles", "crossed combs")
"""Cases that take ten seconds and more."""
SLOW_CASES = (
    "tangled community",
    "tangled building",
    "many tangles",
    "tangled water",
    "crossed combs",
    "combed building",
)
BUILDINGS, COMMUNITIES = "buildings", "communities"

CORRUPTIONS: dict[str, tuple[Corruption, ExpectedFault]] = {
    # layers and columns
    "no communities": (drop_layer_or_column(COMMUNITIES), ExpectedFault(COMMUNITIES, None, None, "no layer")),
    "no buildings": (drop_layer_or_column(BUILDINGS), ExpectedFault(BUILDINGS, None, None, "no layer")),
    "communities without rows": (drop_rows(COMMUNITIES), ExpectedFault(COMMUNITIES, None, "geometry", "no rows")),
    "buildings without rows": (drop_rows(BUILDINGS), ExpectedFault(BUILDINGS, None, "geometry", "no rows")),
    "no code": (drop_layer_or_column(COMMUNITIES, "code"), ExpectedFault(COMMUNITIES, None, "code", "no column")),
    "no name": (drop_layer_or_column(COMMUNITIES, "name"), ExpectedFault(COMMUNITIES, None, "name", "no column")),
    "no building_id": (
        drop_layer_or_column(BUILDINGS, "building_id"),
        ExpectedFault(BUILDINGS, None, "building_id", "no column"),
    ),
    "no households": (
        drop_layer_or_column(BUILDINGS, "households"),
        ExpectedFault(BUILDINGS, None, "households", "no column"),
    ),
    "no barrier kind": (drop_layer_or_column("barriers", "kind"), ExpectedFault("barriers", None, "kind", "no column")),
    "no dedicated name": (
        drop_layer_or_column("dedicated", "name"),
        ExpectedFault("dedicated", None, "name", "no column"),
    ),
    "buildings without geometry": (drop_geometry, ExpectedFault(BUILDINGS, None, "geometry", "no row")),
    # counts
    "negative count": (
        set_value(BUILDINGS, "households", -5, 2),
        ExpectedFault(BUILDINGS, 2, "households", "negative"),
    ),
    "missing count": (set_value(BUILDINGS, "households", None, 3), ExpectedFault(BUILDINGS, 3, "households", "empty")),
    "fraction": (set_value(BUILDINGS, "households", 2.5), ExpectedFault(BUILDINGS, 1, "households", "whole")),
    "absurd count": (
        set_value(BUILDINGS, "households", 20_001, 4),
        ExpectedFault(BUILDINGS, 4, "households", "too large"),
    ),
    "huge count": (set_value(BUILDINGS, "households", 2**62), ExpectedFault(BUILDINGS, 1, "households", "too large")),
    "infinite count": (
        set_value(BUILDINGS, "households", np.inf),
        ExpectedFault(BUILDINGS, 1, "households", "infinite"),
    ),
    "text count": (
        set_value(BUILDINGS, "households", "many", 5),
        ExpectedFault(BUILDINGS, 5, "households", "not a number"),
    ),
    "logical counts": (
        set_column(BUILDINGS, "households", True),
        ExpectedFault(BUILDINGS, 1, "households", "not a number"),
    ),
    "empty counts": (
        set_column(BUILDINGS, "households", np.nan),
        ExpectedFault(BUILDINGS, None, "households", "every row"),
    ),
    # ids, names, kinds
    "building twice": (
        set_value(BUILDINGS, "building_id", "b1", 6),
        ExpectedFault(BUILDINGS, 6, "building_id", "row 1"),
    ),
    "building twice but for a blank": (
        set_value(BUILDINGS, "building_id", " b1 ", 6),
        ExpectedFault(BUILDINGS, 6, "building_id", "row 1"),
    ),
    "empty id": (set_value(BUILDINGS, "building_id", "", 2), ExpectedFault(BUILDINGS, 2, "building_id", "empty")),
    "blank id": (set_value(BUILDINGS, "building_id", "  ", 2), ExpectedFault(BUILDINGS, 2, "building_id", "empty")),
    "endless id": (
        set_value(BUILDINGS, "building_id", "9" * 10**6),
        ExpectedFault(BUILDINGS, 1, "building_id", "too long"),
    ),
    "code twice": (
        set_value(COMMUNITIES, "code", "420106001001", 2),
        ExpectedFault(COMMUNITIES, 2, "code", "rows 1, 2"),
    ),
    "empty code": (set_value(COMMUNITIES, "code", "", 1), ExpectedFault(COMMUNITIES, 1, "code", "code is empty")),
    "empty name": (set_value(COMMUNITIES, "name", "", 2), ExpectedFault(COMMUNITIES, 2, "name", "name is empty")),
    "street kind": (set_value("streets", "kind", "boulevard"), ExpectedFault("streets", 1, "kind", "motorway")),
    "barrier kind": (set_value("barriers", "kind", "hedge"), ExpectedFault("barriers", 1, "kind", "rail, water")),
    "park without name": (set_value("dedicated", "name", ""), ExpectedFault("dedicated", None, "name", "every row")),
    # shapes
    "bow-tie community": (set_shape(COMMUNITIES, BOW_TIE), ExpectedFault(COMMUNITIES, 1, "geometry", "crosses itself")),
    "bow-tie building": (
        set_shape(BUILDINGS, SMALL_BOW_TIE),
        ExpectedFault(BUILDINGS, 1, "geometry", "crosses itself"),
    ),
    "bow-tie park": (
        set_shape("dedicated", SMALL_BOW_TIE),
        ExpectedFault("dedicated", 1, "geometry", "crosses itself"),
    ),
    "tangled community": (
        set_shape(COMMUNITIES, tangled_polygon(20_000)),
        ExpectedFault(COMMUNITIES, 1, "geometry", "crosses itself"),
    ),
    "tangled building": (
        set_shape(BUILDINGS, tangled_polygon(99_999), 2),
        ExpectedFault(BUILDINGS, 2, "geometry", "crosses itself"),
    ),
    "many tangles": (tangle_many_buildings, ExpectedFault(BUILDINGS, 1, "geometry", "crosses itself")),
    "tangled water": (
        set_shape("barriers", tangled_polygon(50_000)),
        ExpectedFault("barriers", 1, "geometry", "crosses itself"),
    ),
    "crossed combs": (cross_communities_with_combs, ExpectedFault(COMMUNITIES, 2, "geometry", "too often")),
    "combed building": (cross_building_with_combs, ExpectedFault(BUILDINGS, 1, "geometry", "too often")),
    "too many vertices": (set_shape(BUILDINGS, FINE_POLYGON), ExpectedFault(BUILDINGS, 1, "geometry", "vertices")),
    "no geometry": (set_shape(BUILDINGS, None, 3), ExpectedFault(BUILDINGS, 3, "geometry", "no geometry")),
    "empty geometry": (set_shape(BUILDINGS, shapely.Polygon(), 3), ExpectedFault(BUILDINGS, 3, "geometry", "geometry")),
    "no geometry at all": (
        set_column(BUILDINGS, "geometry", None),
        ExpectedFault(BUILDINGS, None, "geometry", "no row"),
    ),
    "line as building": (
        set_shape(BUILDINGS, line((0, 0), (9, 9))),
        ExpectedFault(BUILDINGS, 1, "geometry", "ends do not meet"),
    ),
    "collection": (set_shape(BUILDINGS, COLLECTION, 2), ExpectedFault(BUILDINGS, 2, "geometry", "no part")),
    "point as community": (set_shape(COMMUNITIES, POINT), ExpectedFault(COMMUNITIES, 1, "geometry", "polygons")),
    "polygon as street": (set_shape("streets", box(0, 0, 9, 9)), ExpectedFault("streets", 1, "geometry", "lines")),
    "point as barrier": (set_shape("barriers", POINT), ExpectedFault("barriers", 1, "geometry", "lines")),
    "points among polygons": (mix_points, ExpectedFault(BUILDINGS, 4, "geometry", "mixed")),
    "NaN": (set_shape(BUILDINGS, NOT_A_NUMBER), ExpectedFault(BUILDINGS, 1, "geometry", "finite")),
    "infinity": (set_shape(BUILDINGS, ENDLESS), ExpectedFault(BUILDINGS, 1, "geometry", "finite")),
    "community of no area": (
        set_shape(COMMUNITIES, box(0, 0, 0.1, 0.1)),
        ExpectedFault(COMMUNITIES, 1, "geometry", "1 m²"),
    ),
    # places
    "communities overlap": (
        set_shape(COMMUNITIES, box(190, 0, 200, 200), 2),
        ExpectedFault(COMMUNITIES, 2, "geometry", "2000"),
    ),
    "community twice": (
        set_shape(COMMUNITIES, box(0, 0, 200, 200), 2),
        ExpectedFault(COMMUNITIES, 2, "geometry", "overlaps"),
    ),
    "building far away": (
        set_shape(BUILDINGS, box(500, 0, 9, 9), 6),
        ExpectedFault(BUILDINGS, 6, "geometry", "100.0 m"),
    ),
    "building at 0, 0": (
        set_shape(BUILDINGS, shapely.box(0, 0, 9, 9), 6),
        ExpectedFault(BUILDINGS, 6, "geometry", "outside"),
    ),
    "buildings turned": (move_layer(BUILDINGS, swap_axes), ExpectedFault(BUILDINGS, None, "geometry", "swapped")),
    "buildings turned in degrees": (
        move_layer(BUILDINGS, swap_axes, 4326),
        ExpectedFault(BUILDINGS, None, "geometry", "longitude and latitude are swapped"),
    ),
    "all turned": (move_all_layers(swap_axes), ExpectedFault(COMMUNITIES, None, "geometry", "swapped")),
    "all turned in degrees": (
        move_all_layers(swap_axes, 4326),
        ExpectedFault(COMMUNITIES, None, "geometry", "swapped"),
    ),
    "streets elsewhere": (
        move_layer("streets", lambda xy: xy + 9_000),
        ExpectedFault("streets", None, "geometry", "near"),
    ),
    "null island": (
        move_all_layers(move_to_null_island, 4326),
        ExpectedFault(COMMUNITIES, None, "geometry", "near 0, 0"),
    ),
    "out of this world": (
        move_layer(COMMUNITIES, lambda xy: xy * 99),
        ExpectedFault(COMMUNITIES, None, "geometry", "not fit"),
    ),
    "wide community": (
        set_shape(COMMUNITIES, box(-3e5, 0, 3e5, 200)),
        ExpectedFault(COMMUNITIES, None, "geometry", "200 km"),
    ),
    # reference systems
    "no CRS": (set_crs(COMMUNITIES, None), ExpectedFault(COMMUNITIES, None, "geometry", "reference system")),
    "engineering CRS": (
        set_crs(BUILDINGS, 'LOCAL_CS["site",UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]'),
        ExpectedFault(BUILDINGS, None, "geometry", "reference system"),
    ),
    "metres called degrees": (set_crs(COMMUNITIES, 4326), ExpectedFault(COMMUNITIES, None, "geometry", "not degrees")),
    "degrees called metres": (
        mislabel_degrees,
        ExpectedFault(COMMUNITIES, None, "geometry", "look like degrees"),
    ),
    "another country's CRS": (set_crs(COMMUNITIES, 2154), ExpectedFault(COMMUNITIES, None, "geometry", "do not fit")),
    "parks overlap": (
        lambda layers: layers.update(dedicated=pd.concat([layers["dedicated"]] * 2, ignore_index=True)),
        ExpectedFault("dedicated", 2, "geometry", "overlaps"),
    ),
}


@pytest.mark.parametrize(
    "name", [pytest.param(each, marks=pytest.mark.full) if each in SLOWEST_CASES else each for each in CORRUPTIONS]
)
@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_fault_of_a_town_is_reported_with_its_location(name: str, tmp_path: Path) -> None:
    layers = sound_town()
    broken, expected = CORRUPTIONS[name]
    broken(layers)
    assert_fault_reported(faults_of(write_geopackage(layers, tmp_path / "town.gpkg")), expected)


@pytest.mark.full  # most of the same shapes are refused in the test above, without a limit of time
@pytest.mark.parametrize("name", SLOW_CASES)
def test_a_hostile_shape_is_refused_within_the_time_limit(name: str, tmp_path: Path) -> None:
    layers = sound_town()
    CORRUPTIONS[name][0](layers)
    path = write_geopackage(layers, tmp_path / "town.gpkg")
    script = "import sys, pathlib, gridmap.formats.package.town as t; t.read_town(pathlib.Path(sys.argv[1]))"
    ended = subprocess.run([sys.executable, "-c", script, str(path)], timeout=60, capture_output=True, check=False)
    assert b"InvalidInput" in ended.stderr


def test_neighbours_of_a_hostile_shape_are_not_refused(tmp_path: Path) -> None:
    layers = sound_town()
    cross_building_with_combs(layers)
    faults = faults_of(write_geopackage(layers, tmp_path / "town.gpkg"))
    assert [fault.id for fault in faults if "too often" in str(fault.problem)] == ["b1"]


def test_all_faults_of_a_file_are_reported_at_once(tmp_path: Path) -> None:
    layers = sound_town()
    names = ["negative count", "building twice", "street kind", "bow-tie park", "code twice", "no barrier kind"]
    for name in names:
        CORRUPTIONS[name][0](layers)
    faults = faults_of(write_geopackage(layers, tmp_path / "town.gpkg"))
    for name in names:
        assert_fault_reported(faults, CORRUPTIONS[name][1])
    assert len(faults) == len(names)


def test_a_fault_in_every_row_is_listed_twenty_times_and_counted(tmp_path: Path) -> None:
    layers = sound_town()
    layers["buildings"] = pd.concat([layers["buildings"]] * 10, ignore_index=True)
    layers["buildings"]["building_id"] = range(60)
    layers["buildings"]["households"] = -1
    faults = faults_of(write_geopackage(layers, tmp_path / "town.gpkg"))
    assert len(faults) == 21
    assert str(faults[-1].problem) == "and 40 more in this layer: households is negative"


def test_a_fault_shows_the_id_and_the_value_shortened(tmp_path: Path) -> None:
    layers = sound_town()
    set_value("buildings", "households", "x" * 1000, 2)(layers)
    fault = faults_of(write_geopackage(layers, tmp_path / "town.gpkg"))[0]
    assert (fault.file, fault.id) == ("town.gpkg", "b2")
    assert len(str(fault.value)) == 60


def test_faults_of_several_layers_do_not_hide_lost_buildings(tmp_path: Path) -> None:
    layers = sound_town()
    set_value("communities", "name", "", 1)(layers)
    CORRUPTIONS["building far away"][0](layers)
    faults = faults_of(write_geopackage(layers, tmp_path / "town.gpkg"))
    assert [(fault.layer, fault.column) for fault in faults] == [("communities", "name"), ("buildings", "geometry")]
