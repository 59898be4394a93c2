"""Each of these breaks a good town in one way and is answered by naming the place; nothing is ever written."""

import subprocess
import sys
from pathlib import Path

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from shapely.affinity import rotate

from tests.faults.breaking import (
    Break,
    Expected,
    Points,
    all_moved,
    assert_named,
    every,
    faults_of,
    labelled,
    moved,
    no_rows,
    shape,
    value,
    without,
)
from tests.formats.packages import CRS, Layers, at, box, geopackage, good_town, line


def tangle(vertices: int) -> shapely.Polygon:
    return shapely.Polygon(np.random.default_rng(1).random((vertices, 2)) * 190 + [530_005, 3_390_005])


def comb(teeth: int, width: float = 190.0) -> shapely.Polygon:
    across = np.repeat(np.linspace(5, width, 2 * teeth), 2)
    up = np.tile([10, 180, 180, 10], teeth)
    return at(shapely.Polygon([*zip(across, up, strict=True), (width + 1, 10), (width + 1, 5), (5, 5)]))


BOW_TIE = at(shapely.Polygon([(0, 0), (200, 200), (200, 0), (0, 200)]))
SMALL_BOW_TIE = at(shapely.Polygon([(20, 20), (50, 40), (50, 20), (20, 40)]))
with np.errstate(invalid="ignore"):
    NOT_A_NUMBER, ENDLESS = shapely.from_wkt(
        [f"POLYGON ((530020 3390020, 530050 {y}, 530050 3390040, 530020 3390020))" for y in ("nan", "inf")]
    )
ROUND = np.linspace(0, 2 * np.pi, 100_100)
FINE = at(shapely.Polygon(np.column_stack([60 + 20 * np.cos(ROUND), 60 + 20 * np.sin(ROUND)])))
TANGLES = gpd.GeoDataFrame(
    {"building_id": [str(i) for i in range(200)], "households": 1}, geometry=[tangle(300)] * 200, crs=CRS
)
TEETH = [comb(10_000), rotate(comb(10_000), 90, origin=at(shapely.Point(100, 100)))]


def swap(points: Points) -> Points:
    return points[:, ::-1]


def to_null_island(points: Points) -> Points:
    return points - [114.3, 30.6]


def combs(layers: Layers) -> None:
    layers["communities"]["geometry"] = TEETH


def combed_building(layers: Layers) -> None:
    teeth = comb(1_000)
    layers["communities"]["geometry"] = [teeth, shapely.difference(box(0, 0, 200, 200), teeth)]
    shape("buildings", TEETH[1])(layers)


def tangles(layers: Layers) -> None:
    layers["buildings"] = TANGLES


def degrees_called_metres(layers: Layers) -> None:
    for name, frame in layers.items():
        layers[name] = frame.to_crs(4326).set_crs(CRS, allow_override=True)


def mixed_points(layers: Layers) -> None:
    shape("buildings", layers["buildings"].geometry[3].centroid, row=4)(layers)


def attributes_only(layers: Layers) -> None:
    layers["buildings"] = pd.DataFrame(layers["buildings"].drop(columns="geometry"))


POINT = at(shapely.Point(9, 9))
COLLECTION = shapely.GeometryCollection([box(20, 20, 30, 12), line((0, 0), (9, 9))])
HOSTILE = (
    "tangled community",
    "tangled building",
    "many tangles",
    "tangled water",
    "crossed combs",
    "combed building",
)
BUILDINGS, COMMUNITIES = "buildings", "communities"

TOWNS: dict[str, tuple[Break, Expected]] = {
    # layers and columns
    "no communities": (without(COMMUNITIES), Expected(COMMUNITIES, None, None, "no layer")),
    "no buildings": (without(BUILDINGS), Expected(BUILDINGS, None, None, "no layer")),
    "communities without rows": (no_rows(COMMUNITIES), Expected(COMMUNITIES, None, "geometry", "no rows")),
    "buildings without rows": (no_rows(BUILDINGS), Expected(BUILDINGS, None, "geometry", "no rows")),
    "no code": (without(COMMUNITIES, "code"), Expected(COMMUNITIES, None, "code", "no column")),
    "no name": (without(COMMUNITIES, "name"), Expected(COMMUNITIES, None, "name", "no column")),
    "no building_id": (without(BUILDINGS, "building_id"), Expected(BUILDINGS, None, "building_id", "no column")),
    "no households": (without(BUILDINGS, "households"), Expected(BUILDINGS, None, "households", "no column")),
    "no barrier kind": (without("barriers", "kind"), Expected("barriers", None, "kind", "no column")),
    "no dedicated name": (without("dedicated", "name"), Expected("dedicated", None, "name", "no column")),
    "buildings without geometry": (attributes_only, Expected(BUILDINGS, None, "geometry", "no row")),
    # counts
    "negative count": (value(BUILDINGS, "households", -5, 2), Expected(BUILDINGS, 2, "households", "negative")),
    "missing count": (value(BUILDINGS, "households", None, 3), Expected(BUILDINGS, 3, "households", "empty")),
    "fraction": (value(BUILDINGS, "households", 2.5), Expected(BUILDINGS, 1, "households", "whole")),
    "absurd count": (value(BUILDINGS, "households", 20_001, 4), Expected(BUILDINGS, 4, "households", "too large")),
    "huge count": (value(BUILDINGS, "households", 2**62), Expected(BUILDINGS, 1, "households", "too large")),
    "infinite count": (value(BUILDINGS, "households", np.inf), Expected(BUILDINGS, 1, "households", "infinite")),
    "text count": (value(BUILDINGS, "households", "many", 5), Expected(BUILDINGS, 5, "households", "not a number")),
    "logical counts": (every(BUILDINGS, "households", True), Expected(BUILDINGS, 1, "households", "not a number")),
    "empty counts": (every(BUILDINGS, "households", np.nan), Expected(BUILDINGS, None, "households", "every row")),
    # ids, names, kinds
    "building twice": (value(BUILDINGS, "building_id", "b1", 6), Expected(BUILDINGS, 6, "building_id", "row 1")),
    "building twice but for a blank": (
        value(BUILDINGS, "building_id", " b1 ", 6),
        Expected(BUILDINGS, 6, "building_id", "row 1"),
    ),
    "empty id": (value(BUILDINGS, "building_id", "", 2), Expected(BUILDINGS, 2, "building_id", "empty")),
    "blank id": (value(BUILDINGS, "building_id", "  ", 2), Expected(BUILDINGS, 2, "building_id", "empty")),
    "endless id": (value(BUILDINGS, "building_id", "9" * 10**6), Expected(BUILDINGS, 1, "building_id", "too long")),
    "code twice": (
        value(COMMUNITIES, "code", "420106001001", 2),
        Expected(COMMUNITIES, 2, "code", "row 1"),
    ),
    "empty code": (value(COMMUNITIES, "code", "", 1), Expected(COMMUNITIES, 1, "code", "code is empty")),
    "empty name": (value(COMMUNITIES, "name", "", 2), Expected(COMMUNITIES, 2, "name", "name is empty")),
    "street kind": (value("streets", "kind", "boulevard"), Expected("streets", 1, "kind", "motorway")),
    "barrier kind": (value("barriers", "kind", "hedge"), Expected("barriers", 1, "kind", "rail, water")),
    "park without name": (value("dedicated", "name", ""), Expected("dedicated", None, "name", "every row")),
    # shapes
    "bow-tie community": (shape(COMMUNITIES, BOW_TIE), Expected(COMMUNITIES, 1, "geometry", "crosses itself")),
    "bow-tie building": (shape(BUILDINGS, SMALL_BOW_TIE), Expected(BUILDINGS, 1, "geometry", "crosses itself")),
    "bow-tie park": (shape("dedicated", SMALL_BOW_TIE), Expected("dedicated", 1, "geometry", "crosses itself")),
    "tangled community": (shape(COMMUNITIES, tangle(20_000)), Expected(COMMUNITIES, 1, "geometry", "crosses itself")),
    "tangled building": (shape(BUILDINGS, tangle(99_999), 2), Expected(BUILDINGS, 2, "geometry", "crosses itself")),
    "many tangles": (tangles, Expected(BUILDINGS, 1, "geometry", "crosses itself")),
    "tangled water": (shape("barriers", tangle(50_000)), Expected("barriers", 1, "geometry", "crosses itself")),
    "crossed combs": (combs, Expected(COMMUNITIES, 2, "geometry", "too often")),
    "combed building": (combed_building, Expected(BUILDINGS, 1, "geometry", "too often")),
    "too many vertices": (shape(BUILDINGS, FINE), Expected(BUILDINGS, 1, "geometry", "vertices")),
    "no geometry": (shape(BUILDINGS, None, 3), Expected(BUILDINGS, 3, "geometry", "no geometry")),
    "empty geometry": (shape(BUILDINGS, shapely.Polygon(), 3), Expected(BUILDINGS, 3, "geometry", "geometry")),
    "no geometry at all": (every(BUILDINGS, "geometry", None), Expected(BUILDINGS, None, "geometry", "no row")),
    "line as building": (shape(BUILDINGS, line((0, 0), (9, 9))), Expected(BUILDINGS, 1, "geometry", "wrong type")),
    "collection": (shape(BUILDINGS, COLLECTION, 2), Expected(BUILDINGS, 2, "geometry", "wrong type")),
    "point as community": (shape(COMMUNITIES, POINT), Expected(COMMUNITIES, 1, "geometry", "polygons")),
    "polygon as street": (shape("streets", box(0, 0, 9, 9)), Expected("streets", 1, "geometry", "lines")),
    "point as barrier": (shape("barriers", POINT), Expected("barriers", 1, "geometry", "lines")),
    "points among polygons": (mixed_points, Expected(BUILDINGS, 4, "geometry", "mixed")),
    "NaN": (shape(BUILDINGS, NOT_A_NUMBER), Expected(BUILDINGS, 1, "geometry", "finite")),
    "infinity": (shape(BUILDINGS, ENDLESS), Expected(BUILDINGS, 1, "geometry", "finite")),
    "community of no area": (shape(COMMUNITIES, box(0, 0, 0.1, 0.1)), Expected(COMMUNITIES, 1, "geometry", "1 m²")),
    # places
    "communities overlap": (shape(COMMUNITIES, box(190, 0, 200, 200), 2), Expected(COMMUNITIES, 2, "geometry", "2000")),
    "community twice": (shape(COMMUNITIES, box(0, 0, 200, 200), 2), Expected(COMMUNITIES, 2, "geometry", "overlaps")),
    "building far away": (shape(BUILDINGS, box(500, 0, 9, 9), 6), Expected(BUILDINGS, 6, "geometry", "100.0 m")),
    "building at 0, 0": (shape(BUILDINGS, shapely.box(0, 0, 9, 9), 6), Expected(BUILDINGS, 6, "geometry", "outside")),
    "buildings turned": (moved(BUILDINGS, swap), Expected(BUILDINGS, None, "geometry", "swapped")),
    "buildings turned in degrees": (
        moved(BUILDINGS, swap, 4326),
        Expected(BUILDINGS, None, "geometry", "longitude and latitude are swapped"),
    ),
    "all turned": (all_moved(swap), Expected(COMMUNITIES, None, "geometry", "swapped")),
    "all turned in degrees": (all_moved(swap, 4326), Expected(COMMUNITIES, None, "geometry", "swapped")),
    "streets elsewhere": (moved("streets", lambda xy: xy + 9_000), Expected("streets", None, "geometry", "near")),
    "null island": (all_moved(to_null_island, 4326), Expected(COMMUNITIES, None, "geometry", "near 0, 0")),
    "out of this world": (moved(COMMUNITIES, lambda xy: xy * 99), Expected(COMMUNITIES, None, "geometry", "not fit")),
    "wide community": (shape(COMMUNITIES, box(-3e5, 0, 3e5, 200)), Expected(COMMUNITIES, None, "geometry", "200 km")),
    # reference systems
    "no CRS": (labelled(COMMUNITIES, None), Expected(COMMUNITIES, None, "geometry", "reference system")),
    "engineering CRS": (
        labelled(BUILDINGS, 'LOCAL_CS["site",UNIT["metre",1],AXIS["x",EAST],AXIS["y",NORTH]]'),
        Expected(BUILDINGS, None, "geometry", "reference system"),
    ),
    "metres called degrees": (labelled(COMMUNITIES, 4326), Expected(COMMUNITIES, 1, "geometry", "no degrees")),
    "degrees called metres": (
        degrees_called_metres,
        Expected(COMMUNITIES, None, "geometry", "look like degrees"),
    ),
    "another country's CRS": (labelled(COMMUNITIES, 2154), Expected(COMMUNITIES, None, "geometry", "do not fit")),
    "parks overlap": (
        lambda layers: layers.update(dedicated=pd.concat([layers["dedicated"]] * 2, ignore_index=True)),
        Expected("dedicated", 2, "geometry", "overlaps"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", TOWNS)
@pytest.mark.filterwarnings("ignore:'crs' was not provided:UserWarning")
def test_a_broken_town_is_answered_with_the_place(name: str, tmp_path: Path) -> None:
    layers = good_town()
    broken, expected = TOWNS[name]
    broken(layers)
    assert_named(faults_of(geopackage(layers, tmp_path / "town.gpkg")), expected)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_shape_is_answered_soon(name: str, tmp_path: Path) -> None:
    layers = good_town()
    TOWNS[name][0](layers)
    path = geopackage(layers, tmp_path / "town.gpkg")
    script = "import sys, pathlib, gridmap.formats.town as t; t.read_town(pathlib.Path(sys.argv[1]))"
    ended = subprocess.run([sys.executable, "-c", script, str(path)], timeout=60, capture_output=True, check=False)
    assert b"BadInput" in ended.stderr


def test_a_hostile_shape_is_not_held_against_its_neighbours(tmp_path: Path) -> None:
    layers = good_town()
    combed_building(layers)
    faults = faults_of(geopackage(layers, tmp_path / "town.gpkg"))
    assert [fault.id for fault in faults if "too often" in str(fault.problem)] == ["b1"]


def test_all_faults_of_a_file_are_said_at_once(tmp_path: Path) -> None:
    layers = good_town()
    names = ["negative count", "building twice", "street kind", "bow-tie park", "code twice", "no barrier kind"]
    for name in names:
        TOWNS[name][0](layers)
    faults = faults_of(geopackage(layers, tmp_path / "town.gpkg"))
    for name in names:
        assert_named(faults, TOWNS[name][1])
    assert len(faults) == len(names)


def test_a_fault_in_every_row_is_listed_twenty_times_and_counted(tmp_path: Path) -> None:
    layers = good_town()
    layers["buildings"] = pd.concat([layers["buildings"]] * 10, ignore_index=True)
    layers["buildings"]["building_id"] = range(60)
    layers["buildings"]["households"] = -1
    faults = faults_of(geopackage(layers, tmp_path / "town.gpkg"))
    assert len(faults) == 21
    assert str(faults[-1].problem) == "and 40 more in this layer: households is negative"


def test_a_fault_shows_the_id_and_the_value_shortened(tmp_path: Path) -> None:
    layers = good_town()
    value("buildings", "households", "x" * 1000, 2)(layers)
    fault = faults_of(geopackage(layers, tmp_path / "town.gpkg"))[0]
    assert (fault.file, fault.id) == ("town.gpkg", "b2")
    assert len(str(fault.value)) == 60


def test_faults_of_several_layers_do_not_hide_lost_buildings(tmp_path: Path) -> None:
    layers = good_town()
    value("communities", "name", "", 1)(layers)
    TOWNS["building far away"][0](layers)
    faults = faults_of(geopackage(layers, tmp_path / "town.gpkg"))
    assert [(fault.layer, fault.column) for fault in faults] == [("communities", "name"), ("buildings", "geometry")]
